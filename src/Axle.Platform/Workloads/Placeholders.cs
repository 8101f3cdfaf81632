using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Platform.Workloads;

/// <summary>What stands between <c>${</c> and <c>}</c>, split at its dots; <c>\.</c> is a dot inside a part.</summary>
public sealed partial record Placeholder(string Text, IReadOnlyList<string> Parts)
{
    public const string Metadata = "metadata";
    public const string Resources = "resources";

    public override string ToString() => $"${{{Text}}}";

    internal static Placeholder Of(string text) => new(text, [.. SplitParts(text)]);

    /// <summary>Null when the text is well formed; otherwise what is wrong with it.</summary>
    internal string? Mistake => Text.Length == 0
        ? "the placeholder ${} is empty; write $${} for the characters themselves"
        : !Form().IsMatch(Text)
            ? $"the placeholder ${{{Field.Shorten(Text)}}} is malformed: names separated by dots are expected, as in ${{resources.db.host}}; write $${{…}} for the characters themselves"
            : Parts[0] is not (Metadata or Resources)
                ? $"the placeholder ${{{Field.Shorten(Text)}}} starts with '{Field.Shorten(Parts[0])}', and only 'metadata' and 'resources' are known; write $${{…}} for the characters themselves"
                : null;

    private static IEnumerable<string> SplitParts(string text)
    {
        var part = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when i + 1 < text.Length && text[i + 1] == '.':
                    part.Append('.');
                    i++;
                    break;
                case '.':
                    yield return part.ToString();
                    part.Clear();
                    break;
                default:
                    part.Append(text[i]);
                    break;
            }
        }

        yield return part.ToString();
    }

    // A slash is for annotation keys: ${metadata.annotations.example\.com/key}.
    [GeneratedRegex(@"^([A-Za-z0-9_/-]|\\\.)+(\.([A-Za-z0-9_/-]|\\\.)+)+\z")]
    private static partial Regex Form();
}

/// <summary>
/// Score's substitution: <c>${x}</c> is expanded; <c>$${x}</c> is the text <c>${x}</c>; any other <c>$$</c> is <c>$</c>
/// (so <c>$$${x}</c> is <c>$</c> and the expansion); a <c>$</c> with nothing to do stays.
/// </summary>
public static class Placeholders
{
    /// <summary>Every placeholder of a text, in order, well formed or not.</summary>
    public static IReadOnlyList<Placeholder> Find(string text)
    {
        var found = new List<Placeholder>();
        Expand(text, placeholder =>
        {
            found.Add(placeholder);
            return "";
        });
        return found;
    }

    /// <summary>The text with every placeholder replaced.</summary>
    public static string Expand(string text, Func<Placeholder, string> value)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(value);
        var result = new StringBuilder(text.Length);
        var at = 0;

        // Asked before each search, so that a text of nothing but "${" costs one pass.
        var lastClose = text.LastIndexOf('}');
        while (text.IndexOf('$', at) is var dollar and >= 0)
        {
            result.Append(text, at, dollar - at);
            at = dollar + 1;
            var escaped = at < text.Length && text[at] == '$';
            var end = Close(text, escaped ? at + 1 : at, lastClose);
            if (end >= 0 && !escaped)
            {
                result.Append(value(Placeholder.Of(text[(at + 1)..end])));
                at = end + 1;
            }
            else if (end >= 0)
            {
                result.Append(text, at, end + 1 - at);
                at = end + 1;
            }
            else
            {
                result.Append('$');
                at += escaped ? 1 : 0;
            }
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    // Where the braces that open exactly here close; -1 when none do.
    private static int Close(string text, int open, int lastClose) => open < lastClose && text[open] == '{' ? text.IndexOf('}', open) : -1;
}
