using System.Buffers;
using System.Text.RegularExpressions;

namespace Axle.Platform.Secrets;

/// <summary>What <see cref="LeakGuard"/> takes for a secret, line by line.</summary>
internal static partial class LeakRules
{
    private const int LiteralMin = 12;
    private const double EntropyMin = 3.3;

    private static readonly SearchValues<string> s_signs = SearchValues.Create(
        ["AKIA", "ASIA", "gh", "github", "gl", "xox", "slack", "_live_", "AIza", "npm_", "axl_", "AccountKey", "eyJ", "-----BEGIN", "://", "pass", "pwd", "secret", "token", "key", "credential", "SG.", "sk-", "dop_v1_"],
        StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<char> s_code = SearchValues.Create(" \t(){}<>$|;,");

    private static readonly (string Rule, Regex Shape)[] s_shapes =
    [
        ("an AWS access key", Aws()),
        ("a GitHub token", GitHub()),
        ("a GitLab token", GitLab()),
        ("a Slack token", Slack()),
        ("a Slack webhook", SlackHook()),
        ("a Stripe live key", Stripe()),
        ("a Google API key", Google()),
        ("an npm token", Npm()),
        ("an Axle token", AxleToken()),
        ("a SendGrid key", SendGrid()),
        ("an AI provider's key", AiKey()),
        ("a DigitalOcean token", DigitalOcean()),
        ("an Azure storage key", Azure()),
        ("a JSON web token", Jwt()),
    ];

    private static readonly string[] s_generated = ["package-lock.json", "packages.lock.json", "pnpm-lock.yaml", "npm-shrinkwrap.json", "go.sum", "yarn.lock", "Cargo.lock", "poetry.lock", "composer.lock", "Gemfile.lock", "uv.lock", "Pipfile.lock"];
    private static readonly string[] s_generatedEnds = [".lock", ".min.js", ".min.css", ".map", ".svg", ".sum", ".pem.pub", ".pub", ".crt", ".snap"];
    private static readonly string[] s_plainEnds = [".env", ".yaml", ".yml", ".properties", ".ini", ".conf", ".cfg", ".toml", ".tfvars", ".sh"];
    private static readonly string[] s_placeholders = ["example", "changeme", "change-me", "change_me", "placeholder", "your", "dummy", "sample", "xxxx", "****", "....", "todo", "fixme", "redacted", "replace", "insert", "fake", "not-a-", "notreal", "test", "1234567", "abcdef", "password", "secret", "deadbeef"];

    /// <summary>A first look that costs little: most lines end here.</summary>
    public static bool MayHold(string line) => line.AsSpan().ContainsAny(s_signs);

    /// <summary>Files that programs write hold digests that look like secrets.</summary>
    public static bool IsGenerated(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return s_generated.Contains(name, StringComparer.OrdinalIgnoreCase)
            || s_generatedEnds.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            || path.StartsWith("node_modules/", StringComparison.Ordinal)
            || path.Contains("/node_modules/", StringComparison.Ordinal);
    }

    public static (int Column, string Rule, string Excerpt)? Find(string path, string line, string next)
    {
        foreach (var (rule, shape) in s_shapes)
        {
            if (shape.Match(line) is { Success: true } match && !IsPlaceholder(match.Value, ofShape: true))
            {
                return (match.Index + 1, rule, Masked(match.Value));
            }
        }

        if (PrivateKey().Match(line) is { Success: true } begin && (KeyLine().IsMatch(next.Trim()) || KeyInside().IsMatch(line)))
        {
            return (begin.Index + 1, "a private key", begin.Value);
        }

        return Address(line) ?? Assignment(path, line);
    }

    /// <summary>A password in an address: <c>scheme://user:password@host</c>.</summary>
    private static (int Column, string Rule, string Excerpt)? Address(string line)
    {
        foreach (Match match in UrlPassword().Matches(line))
        {
            var (user, password, host) = (match.Groups["user"].Value, match.Groups["password"].Value, match.Groups["host"].Value);

            // What only this machine, or a compose file's neighbours, can reach is a development's default.
            if (!IsPlaceholder(password, ofShape: false) && password != user && password.Length >= 6 && host.Contains('.', StringComparison.Ordinal) && !host.StartsWith("127.", StringComparison.Ordinal))
            {
                return (match.Groups["password"].Index + 1, "a password in an address", $"{match.Groups["scheme"].Value}://{user}:••••@{host}");
            }
        }

        return null;
    }

    /// <summary>A random literal that is given to a name such as <c>password</c>.</summary>
    private static (int Column, string Rule, string Excerpt)? Assignment(string path, string line)
    {
        foreach (Match match in Assigned().Matches(line))
        {
            var quoted = match.Groups["quoted"];
            var bare = match.Groups["bare"];
            var value = quoted.Success ? quoted : bare;
            if ((!quoted.Success && !IsPlain(path)) || AboutSecret().IsMatch(match.Groups["name"].Value) || !IsRandom(value.Value))
            {
                continue;
            }

            return (value.Index + 1, "a secret that is written out", $"{match.Groups["name"].Value} = ••••");
        }

        return null;
    }

    private static bool IsPlain(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.StartsWith(".env", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Dockerfile", StringComparison.OrdinalIgnoreCase) || s_plainEnds.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Nobody would have thought it up: long, of several kinds of characters, and without words.</summary>
    private static bool IsRandom(string value)
    {
        if (value.Length < LiteralMin || IsPlaceholder(value, ofShape: false) || Uuid().IsMatch(value) || value.AsSpan().ContainsAny(s_code) || value.Contains("://", StringComparison.Ordinal))
        {
            return false;
        }

        var kinds = (value.Any(char.IsAsciiLetterLower) ? 1 : 0) + (value.Any(char.IsAsciiLetterUpper) ? 1 : 0) + (value.Any(char.IsAsciiDigit) ? 1 : 0) + (value.Any(c => !char.IsAsciiLetterOrDigit(c)) ? 1 : 0);
        return value.Any(char.IsAsciiDigit) && kinds >= 2 && Entropy(value) >= EntropyMin && !Words().IsMatch(value);
    }

    private static bool IsPlaceholder(string value, bool ofShape) =>
        value.AsSpan().ContainsAny("${<%[") && !ofShape
        || (ofShape ? value.Contains("EXAMPLE", StringComparison.OrdinalIgnoreCase) || value.Contains("XXXX", StringComparison.OrdinalIgnoreCase) || value.Distinct().Count() < 8
            : s_placeholders.Any(word => value.Contains(word, StringComparison.OrdinalIgnoreCase)) || value.Distinct().Count() < 5);

    private static double Entropy(string value) =>
        value.CountBy(c => c).Select(pair => (double)pair.Value / value.Length).Sum(share => -share * Math.Log2(share));

    private static string Masked(string value) => value[..Math.Min(4, value.Length / 4)] + "••••";

    [GeneratedRegex(@"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b")]
    private static partial Regex Aws();

    [GeneratedRegex(@"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b")]
    private static partial Regex GitHub();

    [GeneratedRegex(@"\bgl(?:pat|dt|rt|ptt|ft|soat)-[A-Za-z0-9_\-]{20,64}\b")]
    private static partial Regex GitLab();

    [GeneratedRegex(@"\bxox[abeoprs]-[A-Za-z0-9\-]{10,250}\b")]
    private static partial Regex Slack();

    [GeneratedRegex(@"hooks\.slack\.com/services/T[A-Za-z0-9]{6,}/B[A-Za-z0-9]{6,}/[A-Za-z0-9]{16,}")]
    private static partial Regex SlackHook();

    [GeneratedRegex(@"\b[sr]k_live_[A-Za-z0-9]{16,247}\b")]
    private static partial Regex Stripe();

    [GeneratedRegex(@"\bAIza[0-9A-Za-z_\-]{35}\b")]
    private static partial Regex Google();

    [GeneratedRegex(@"\bnpm_[A-Za-z0-9]{36}\b")]
    private static partial Regex Npm();

    [GeneratedRegex(@"\baxl_[a-z]{3}_[A-Za-z0-9]{10}_[A-Za-z0-9]{49}\b")]
    private static partial Regex AxleToken();

    [GeneratedRegex(@"\bSG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}\b")]
    private static partial Regex SendGrid();

    [GeneratedRegex(@"\bsk-(?:ant-[a-z0-9]+-|proj-)[A-Za-z0-9_\-]{40,255}\b")]
    private static partial Regex AiKey();

    [GeneratedRegex(@"\bdop_v1_[a-f0-9]{64}\b")]
    private static partial Regex DigitalOcean();

    [GeneratedRegex(@"\bAccountKey=[A-Za-z0-9+/]{86}==")]
    private static partial Regex Azure();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_\-]{10,2000}\.eyJ[A-Za-z0-9_\-]{10,2000}\.[A-Za-z0-9_\-]{20,2000}")]
    private static partial Regex Jwt();

    [GeneratedRegex(@"-----BEGIN (?:[A-Z]{2,10} )?(?:ENCRYPTED )?PRIVATE KEY(?: BLOCK)?-----")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"^(?:[A-Za-z0-9+/=]{40,}|Proc-Type:|DEK-Info:|Version:)")]
    private static partial Regex KeyLine();

    [GeneratedRegex(@"PRIVATE KEY-----(?:\\r)?\\n[A-Za-z0-9+/=]{40}")]
    private static partial Regex KeyInside();

    [GeneratedRegex(@"\b(?<scheme>[A-Za-z][A-Za-z0-9+.\-]{1,20})://(?<user>[^\s/:@'""<>]{1,100}):(?<password>[^\s/@'""<>]{1,200})@(?<host>[A-Za-z0-9.\-]{1,200})")]
    private static partial Regex UrlPassword();

    [GeneratedRegex(@"(?<name>[\w.\-]{0,60}(?:password|passwd|pwd|secret|token|api[_\-]?key|apikey|access[_\-]?key|private[_\-]?key|credential)[\w.\-]{0,40})[""']?\s{0,10}(?::=|=>|[:=])\s{0,10}(?:[""'`](?<quoted>[^""'`\s]{12,200})[""'`]|(?<bare>[^\s""'`#]{12,200})(?=\s|$))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assigned();

    // A name, a place or a description of a secret, and what is public anyway.
    [GeneratedRegex(@"(?:name|id|type|url|uri|path|file|field|length|header|prefix|policy|hash|digest|checksum|ref|arn|endpoint|label|format|pattern|regex|key_?id|scope|ttl|expiry|expires)$|public|csrf|tokeniz", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AboutSecret();

    [GeneratedRegex(@"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")]
    private static partial Regex Uuid();

    // Words joined by signs, with a number at most here and there: names, versions, file names, members.
    [GeneratedRegex(@"^[A-Za-z]+[0-9]{0,4}(?:[._\-/:@][A-Za-z]*[0-9]{0,4})*$")]
    private static partial Regex Words();
}
