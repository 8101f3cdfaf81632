using System.Text;
using Axle.Contracts;

namespace Axle.Platform.Secrets;

/// <summary>
/// Reads <c>.env</c> files: <c>NAME=value</c> per line, with <c>export</c>, comments, and values in single quotes (as they
/// are) or double quotes (with \n, \r, \t, \", \\ and \$, over several lines). Nothing is ever expanded: a dollar sign is one.
/// </summary>
internal static class EnvFile
{
    /// <summary>One assignment, and the line that it begins on.</summary>
    public sealed record Entry(string Name, string Value, int Line);

    public static (IReadOnlyList<Entry> Entries, IReadOnlyList<Problem> Problems) Parse(string text)
    {
        var entries = new List<Entry>();
        var problems = new List<Problem>();
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            // What is quoted keeps the blanks at its lines' ends.
            var line = lines[i].TrimStart();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var number = i + 1;
            line = line.StartsWith("export ", StringComparison.Ordinal) ? line["export ".Length..].TrimStart() : line;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problems.Add(new Problem("is no assignment; expected NAME=value", Line: number, Column: 1));
                continue;
            }

            var name = line[..equals].TrimEnd();
            var rest = line[(equals + 1)..].TrimStart();
            if (rest is not ['"' or '\'', ..])
            {
                entries.Add(new Entry(name, Bare(rest), number));
                continue;
            }

            // A quoted value may go on; the lines below belong to it as they stand.
            var quoted = new StringBuilder(rest);
            int end;
            while ((end = End(quoted.ToString())) < 0 && i + 1 < lines.Length)
            {
                quoted.Append('\n').Append(lines[++i]);
            }

            if (end < 0)
            {
                problems.Add(new Problem($"the quote {rest[0]} of {name} is never closed", Line: number, Column: lines[number - 1].IndexOf(rest[0], StringComparison.Ordinal) + 1));
                break;
            }

            var whole = quoted.ToString();
            if (whole[(end + 1)..].Trim() is { Length: > 0 } after && after[0] != '#')
            {
                problems.Add(new Problem($"something follows the closing quote of {name}", Line: i + 1, Column: 1));
                continue;
            }

            entries.Add(new Entry(name, whole[0] == '\'' ? whole[1..end] : Unescaped(whole[1..end]), number));
        }

        return (entries, problems);
    }

    /// <summary>Up to a comment, which a blank begins.</summary>
    private static string Bare(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '#' && (i == 0 || char.IsWhiteSpace(text[i - 1])))
            {
                return text[..i].TrimEnd();
            }
        }

        return text.TrimEnd();
    }

    /// <summary>Where the quote that begins the text is closed; -1 when it is not.</summary>
    private static int End(string text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\' && text[0] == '"')
            {
                i++;
            }
            else if (text[i] == text[0])
            {
                return i;
            }
        }

        return -1;
    }

    private static string Unescaped(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }

            i++;
            _ = text[i] switch
            {
                'n' => plain.Append('\n'),
                'r' => plain.Append('\r'),
                't' => plain.Append('\t'),
                '"' or '\\' or '$' => plain.Append(text[i]),
                var other => plain.Append('\\').Append(other),
            };
        }

        return plain.ToString();
    }
}
