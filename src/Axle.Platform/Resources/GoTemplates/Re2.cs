using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>
/// Go's regular expressions (RE2) by .NET's engine that, like RE2, takes time in proportion to the text. Where the two read
/// a pattern differently (classes are ASCII, <c>$</c> is the very end), it is rewritten; what RE2 refuses is refused.
/// </summary>
internal static class Re2
{
    private const int PatternMax = 4096;
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, string> s_posix = new()
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t ",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r ",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    public static Regex Compile(string pattern)
    {
        if (pattern.Length > PatternMax)
        {
            throw new TemplateException($"a regular expression is longer than {PatternMax} characters");
        }

        try
        {
            return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_timeMax);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new TemplateException($"the regular expression '{Workloads.Field.Shorten(pattern)}' cannot be read");
        }
    }

    /// <summary>What takes the place of a match: <c>$1</c>, <c>${name}</c> and <c>$$</c> as Go reads them.</summary>
    public static string Expand(string template, Match match)
    {
        var output = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '$' || i + 1 >= template.Length)
            {
                output.Append(template[i]);
                continue;
            }

            if (template[i + 1] == '$')
            {
                output.Append('$');
                i++;
                continue;
            }

            var braced = template[i + 1] == '{';
            var start = i + (braced ? 2 : 1);
            var end = start;
            while (end < template.Length && (template[end] == '_' || char.IsLetterOrDigit(template[end])))
            {
                end++;
            }

            if (end == start || (braced && (end >= template.Length || template[end] != '}')))
            {
                output.Append('$');
                continue;
            }

            output.Append(match.Groups[template[start..end]].Value);
            i = braced ? end : end - 1;
        }

        return output.ToString();
    }

    private static string Translate(string pattern)
    {
        var output = new StringBuilder();
        var lines = new Stack<bool>([false]);
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i = Escape(pattern, i, output, inClass: false);
                    break;
                case '[':
                    i = Class(pattern, i, output);
                    break;
                case '$':
                    output.Append(lines.Peek() ? "$" : @"\z");
                    break;
                case '(' when i + 1 < pattern.Length && pattern[i + 1] == '?':
                    i = Group(pattern, i, output, lines);
                    break;
                case '(':
                    lines.Push(lines.Peek());
                    output.Append('(');
                    break;
                case ')' when lines.Count > 1:
                    lines.Pop();
                    output.Append(')');
                    break;
                default:
                    output.Append(pattern[i]);
                    break;
            }
        }

        return output.ToString();
    }

    // (?P<name>, (?<name>, (?:, (?flags) and (?flags: ; Go has no others.
    private static int Group(string pattern, int i, StringBuilder output, Stack<bool> lines)
    {
        var rest = pattern.AsSpan(i + 2);
        if (rest.StartsWith("P<") || (rest.StartsWith("<") && !rest.StartsWith("<=") && !rest.StartsWith("<!")))
        {
            lines.Push(lines.Peek());
            output.Append("(?<");
            return i + (rest[0] == 'P' ? 3 : 2);
        }

        var end = i + 2;
        while (end < pattern.Length && pattern[end] is 'i' or 'm' or 's' or '-')
        {
            end++;
        }

        if (end >= pattern.Length || pattern[end] is not (':' or ')'))
        {
            throw new TemplateException($"the regular expression '{Workloads.Field.Shorten(pattern)}' uses a group that Go does not have");
        }

        var flags = pattern[(i + 2)..end].Split('-');
        var multiline = flags[0].Contains('m', StringComparison.Ordinal) || (lines.Peek() && !(flags.Length > 1 && flags[1].Contains('m', StringComparison.Ordinal)));
        if (pattern[end] == ':')
        {
            lines.Push(multiline);
        }
        else
        {
            lines.Pop();
            lines.Push(multiline);
        }

        output.Append(pattern, i, end - i + 1);
        return end;
    }

    private static int Class(string pattern, int start, StringBuilder output)
    {
        output.Append('[');
        var i = start + 1;
        if (i < pattern.Length && pattern[i] == '^')
        {
            output.Append('^');
            i++;
        }

        for (var first = true; i < pattern.Length; i++, first = false)
        {
            switch (pattern[i])
            {
                case ']' when first:
                    output.Append(@"\]");
                    break;
                case ']':
                    output.Append(']');
                    return i;
                case '[' when i + 1 < pattern.Length && pattern[i + 1] == ':' && pattern.IndexOf(":]", i, StringComparison.Ordinal) is var end and > 0:
                    output.Append(s_posix.TryGetValue(pattern[(i + 2)..end], out var members) ? members : throw new TemplateException($"there is no class {pattern[i..(end + 2)]}"));
                    i = end + 1;
                    break;
                case '[':
                    output.Append(@"\[");
                    break;
                case '\\':
                    i = Escape(pattern, i, output, inClass: true);
                    break;
                default:
                    output.Append(pattern[i]);
                    break;
            }
        }

        throw new TemplateException($"the regular expression '{Workloads.Field.Shorten(pattern)}' has a [ without ]");
    }

    private static int Escape(string pattern, int i, StringBuilder output, bool inClass)
    {
        var c = i + 1 < pattern.Length ? pattern[i + 1] : throw new TemplateException("a regular expression ends with \\");
        switch (c)
        {
            case 'd' or 'w' or 's':
                var members = c switch { 'd' => "0-9", 'w' => "0-9A-Za-z_", _ => @"\t\n\f\r " };
                output.Append(inClass ? members : $"[{members}]");
                break;
            case 'D' or 'W' or 'S':
                var others = c switch { 'D' => @"\x00-/:-\uFFFF", 'W' => @"\x00-/:-@\[-^`{-\uFFFF", _ => @"\x00-\x08\v\x0E-\x1F!-\uFFFF" };
                output.Append(inClass ? others : $"[{others}]");
                break;
            case 'Q' when !inClass:
                var end = pattern.IndexOf(@"\E", i, StringComparison.Ordinal);
                var literal = end < 0 ? pattern[(i + 2)..] : pattern[(i + 2)..end];
                output.Append(Regex.Escape(literal));
                return end < 0 ? pattern.Length - 1 : end + 1;
            case 'x' when i + 2 < pattern.Length && pattern[i + 2] == '{' && pattern.IndexOf('}', i) is var close and > 0:
                var code = int.TryParse(pattern.AsSpan(i + 3, close - i - 3), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var read) && Rune.IsValid(read) ? read : throw new TemplateException("\\x{…} names no character");
                output.Append(inClass ? Regex.Escape(new Rune(code).ToString()) : $"(?:{Regex.Escape(new Rune(code).ToString())})");
                return close;
            case 'z' or 'A' or 'b' or 'B' when !inClass:
                output.Append('\\').Append(c);
                break;
            case 'a' or 'f' or 'n' or 'r' or 't' or 'v' or 'x':
                output.Append('\\').Append(c);
                break;
            case 'p' or 'P' when i + 2 < pattern.Length:
                output.Append('\\').Append(c);
                if (pattern[i + 2] != '{')
                {
                    output.Append('{').Append(pattern[i + 2]).Append('}');
                    return i + 2;
                }

                break;
            case var _ when !char.IsAsciiLetterOrDigit(c):
                output.Append('\\').Append(c);
                break;
            default:
                throw new TemplateException($"Go's regular expressions have no \\{c}");
        }

        return i + 1;
    }
}
