using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Platform.Templates.Actions;

/// <summary>Where a text stands.</summary>
/// <param name="Indent">White space in front of its further lines.</param>
/// <param name="Column">Where it begins, beside a key; null elsewhere.</param>
internal sealed record YamlPlace(string Indent, int? Column, bool IsKey);

/// <summary>
/// Writes texts as the npm package yaml does: plain where nobody can take them for something else, as a block when they have
/// several lines, in quotes otherwise; long ones folded.
/// </summary>
internal static partial class YamlTexts
{
    /// <summary>Texts in double quotes that are shorter keep their line ends as escapes.</summary>
    private const int LinesFrom = 40;

    public static string Write(string text, YamlPlace place, YamlStyle style) =>
        Control().IsMatch(text) || HasLoneSurrogate(text) ? Doubly(text, place, style)
        : style.Texts switch
        {
            "QUOTE_DOUBLE" => Doubly(text, place, style),
            "QUOTE_SINGLE" => Singly(text, place, style),
            _ => Plain(text, place, style),
        };

    private static string Plain(string text, YamlPlace place, YamlStyle style)
    {
        var hasLines = text.Contains('\n', StringComparison.Ordinal);
        if (place.IsKey && hasLines)
        {
            return Quoted(text, place, style);
        }

        if (Indicator().IsMatch(text))
        {
            return place.IsKey || !hasLines ? Quoted(text, place, style) : Block(text, place, style);
        }

        if (!place.IsKey && hasLines)
        {
            return Block(text, place, style);
        }

        if (DocumentMark().IsMatch(text))
        {
            if (place.Indent.Length == 0)
            {
                return Block(text, place, style);
            }

            if (place.IsKey && place.Indent.Length == style.Indent)
            {
                return Quoted(text, place, style);
            }
        }

        // What any reader takes for something else than a text is not plain.
        return OtherThanText().IsMatch(text) ? Quoted(text, place, style) : place.IsKey ? text : Folded(text, place.Indent, YamlFold.Flow, place.Column, style);
    }

    private static string Quoted(string text, YamlPlace place, YamlStyle style)
    {
        var (doubles, singles) = (text.Contains('"', StringComparison.Ordinal), text.Contains('\'', StringComparison.Ordinal));
        return style.SingleQuote != false && (doubles != singles ? doubles : style.SingleQuote == true) ? Singly(text, place, style) : Doubly(text, place, style);
    }

    private static string Singly(string text, YamlPlace place, YamlStyle style)
    {
        if (style.SingleQuote == false || (place.IsKey && text.Contains('\n', StringComparison.Ordinal)) || SpaceAtLineEnd().IsMatch(text))
        {
            return Doubly(text, place, style);
        }

        var indent = IndentOf(text, place);
        var quoted = $"'{LineEnds().Replace(text.Replace("'", "''", StringComparison.Ordinal), $"$0\n{indent}")}'";
        return place.IsKey ? quoted : Folded(quoted, indent, YamlFold.Flow, place.Column, style);
    }

    private static string Doubly(string text, YamlPlace place, YamlStyle style)
    {
        var json = Json(text);
        var indent = IndentOf(text, place);
        var quoted = new StringBuilder();
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] == ' ' && Next(json, i, 1) == '\\' && Next(json, i, 2) == 'n')
            {
                // A space before a line end would be lost.
                quoted.Append("\\ ");
                i++;
            }

            if (json[i] != '\\')
            {
                quoted.Append(json[i]);
            }
            else if (json[i + 1] == 'u')
            {
                quoted.Append(Escape(json.Substring(i + 2, 4)));
                i += 5;
            }
            else if (json[i + 1] == 'n' && !place.IsKey && json[i + 2] != '"' && json.Length >= LinesFrom)
            {
                // The first line end of several is lost in folding.
                quoted.Append("\n\n");
                while (Next(json, i, 2) == '\\' && Next(json, i, 3) == 'n' && Next(json, i, 4) != '"')
                {
                    quoted.Append('\n');
                    i += 2;
                }

                quoted.Append(indent);
                if (json[i + 2] == ' ')
                {
                    quoted.Append('\\');
                }

                i++;
            }
            else
            {
                quoted.Append(json, i, 2);
                i++;
            }
        }

        return place.IsKey ? quoted.ToString() : Folded(quoted.ToString(), indent, YamlFold.Quoted, place.Column, style);
    }

    private static string Block(string text, YamlPlace place, YamlStyle style)
    {
        if (BlankEnd().IsMatch(text))
        {
            return Quoted(text, place, style);
        }

        // 1. What of the white space at both ends belongs to which line.
        var indent = IndentOf(text, place);
        var end = text[text.TrimEnd('\n', '\t', ' ').Length..];
        var body = text[..^end.Length];
        var lineEnd = end.IndexOf('\n', StringComparison.Ordinal);
        var chomp = lineEnd < 0 ? "-" : body.Length == 0 || lineEnd != end.Length - 1 ? "+" : "";
        end = EndLines().Replace(end.EndsWith('\n') ? end[..^1] : end, $"$0{indent}");
        var white = body.Length - body.TrimStart(' ', '\n').Length;
        var startsWithSpace = body.AsSpan(0, white).Contains(' ');
        var start = body[..(body.AsSpan(0, white).LastIndexOf('\n') + 1)];
        body = body[start.Length..];
        start = LineEnds().Replace(start, $"$0{indent}");
        var header = (startsWithSpace ? indent.Length > 0 ? "2" : "1" : "") + chomp;

        // 2. Folded when a line is too long, unless that does not help.
        if (IsTooWide(text, style.LineWidth, indent.Length))
        {
            var folded = LineEnds().Replace(body, "\n$0");
            folded = LineEnds().Replace(FurtherIndented().Replace(folded, "$1$2"), $"$0{indent}");
            var folding = new YamlFolding($"{start}{folded}{end}", indent, YamlFold.Block, place.Indent.Length, style);
            var lines = folding.Folded();
            if (!folding.Overflows)
            {
                return $">{header}\n{indent}{lines}";
            }
        }

        return $"|{header}\n{indent}{start}{LineEnds().Replace(body, $"$0{indent}")}{end}";
    }

    private static bool IsTooWide(string text, int width, int indent)
    {
        if (width <= 0 || text.Length <= width - indent)
        {
            return false;
        }

        return text.Split('\n').Any(line => line.Length > width - indent);
    }

    private static string Folded(string text, string indent, YamlFold mode, int? column, YamlStyle style) => new YamlFolding(text, indent, mode, column, style).Folded();

    /// <summary>At the top nothing is indented, but for lines that would begin another document.</summary>
    private static string IndentOf(string text, YamlPlace place) => place.Indent.Length == 0 && DocumentMark().IsMatch(text) ? "  " : place.Indent;

    private static string Escape(string code) => code switch
    {
        "0000" => "\\0",
        "0007" => "\\a",
        "000b" => "\\v",
        "001b" => "\\e",
        "0085" => "\\N",
        "00a0" => "\\_",
        "2028" => "\\L",
        "2029" => "\\P",
        _ => code.StartsWith("00", StringComparison.Ordinal) ? $"\\x{code[2..]}" : $"\\u{code}",
    };

    /// <summary>As JavaScript writes it.</summary>
    private static string Json(string text)
    {
        var json = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                json.Append(c).Append(text[++i]);
                continue;
            }

            json.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => $"\\u{(int)c:x4}",
                _ when char.IsSurrogate(c) => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }

        return json.Append('"').ToString();
    }

    private static char Next(string text, int i, int further) => i + further < text.Length ? text[i + further] : '\0';

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"[\x00-\x08\x0b-\x1f\x7f-\x9f]")]
    private static partial Regex Control();

    /// <summary>What has a meaning of its own in YAML, at a beginning, within or at the end.</summary>
    [GeneratedRegex("""\A[\n\t ,\[\]{}#&*!|>'"%@`]|\A[?-]\z|\A[?-][ \t]|[\n:][ \t]|[ \t]\n|[\n\t ]#|[\n\t :]\z""")]
    private static partial Regex Indicator();

    [GeneratedRegex(@"^(%|---|\.\.\.)", RegexOptions.Multiline)]
    private static partial Regex DocumentMark();

    /// <summary>Null, booleans and numbers of YAML 1.2.</summary>
    [GeneratedRegex(@"\A(?:~|[Nn]ull|NULL|[Tt]rue|TRUE|[Ff]alse|FALSE|0o[0-7]+|[-+]?[0-9]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+|[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*))?\z")]
    private static partial Regex OtherThanText();

    [GeneratedRegex(@"[ \t]\n|\n[ \t]")]
    private static partial Regex SpaceAtLineEnd();

    [GeneratedRegex(@"\n[\t ]+\z")]
    private static partial Regex BlankEnd();

    [GeneratedRegex(@"\n+")]
    private static partial Regex LineEnds();

    [GeneratedRegex(@"(?:\A|(?<!\n))\n+(?!\n|\z)")]
    private static partial Regex EndLines();

    /// <summary>Lines that begin with white space, which are not folded, with the empty lines after the last of them.</summary>
    [GeneratedRegex(@"(?:\A|\n)([\t ][^\n\r\u2028\u2029]*)(?:([\n\t ]*)\n(?![\n\t ]))?")]
    private static partial Regex FurtherIndented();
}
