using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Axle.Cli.Output;

/// <summary>
/// Writes JSON values as block YAML 1.2 that YAML 1.1 readers understand in the same way: whatever either could take
/// for something else than text is quoted.
/// </summary>
internal static class Yaml
{
    private const int Step = 2;

    private static readonly SearchValues<char> s_plain = SearchValues.Create(" -_./,;()+@=~%$&'\"<>*^–—…");

    /// <summary>Of those, the ones that some readers take for an alias, an anchor or a quotation where a word begins with them.</summary>
    private static readonly SearchValues<char> s_indicators = SearchValues.Create("@%&'\"<>*");

    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        if (IsBlock(value))
        {
            Block(text, value, 0);
        }
        else
        {
            // Also at the top a literal block is set in: at the margin, "---" would end it.
            Scalar(text, value, Step);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static bool IsBlock(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };

    /// <param name="indented">The first line's indent is there already (after a dash).</param>
    private static void Block(StringBuilder text, JsonElement value, int indent, bool indented = false)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Indent(text, indent, ref indented);
                text.Append("- ");
                if (IsBlock(item))
                {
                    Block(text, item, indent + Step, indented: true);
                }
                else
                {
                    Scalar(text, item, indent + Step);
                    text.Append('\n');
                }
            }

            return;
        }

        foreach (var property in value.EnumerateObject())
        {
            Indent(text, indent, ref indented);
            text.Append(NeedsQuotes(property.Name) ? Quoted(property.Name) : property.Name).Append(':');
            if (IsBlock(property.Value))
            {
                text.Append('\n');
                Block(text, property.Value, indent + Step);
            }
            else
            {
                text.Append(' ');
                Scalar(text, property.Value, indent + Step);
                text.Append('\n');
            }
        }
    }

    private static void Indent(StringBuilder text, int indent, ref bool indented)
    {
        if (!indented)
        {
            text.Append(' ', indent);
        }

        indented = false;
    }

    private static void Scalar(StringBuilder text, JsonElement value, int indent) => _ = value.ValueKind switch
    {
        JsonValueKind.Object => text.Append("{}"),
        JsonValueKind.Array => text.Append("[]"),
        JsonValueKind.String => Text(text, value.GetString()!, indent),
        JsonValueKind.Undefined or JsonValueKind.Null => text.Append("null"),
        _ => text.Append(value.GetRawText()),
    };

    private static StringBuilder Text(StringBuilder text, string value, int indent)
    {
        if (FitsLiteral(value))
        {
            // |- has no newline at the end, | has one; more than one needs |+, and is quoted instead.
            text.Append(value[^1] == '\n' ? "|" : "|-");
            foreach (var line in value.TrimEnd('\n').Split('\n'))
            {
                text.Append('\n');
                if (line.Length > 0)
                {
                    text.Append(' ', indent).Append(line);
                }
            }

            return text;
        }

        return text.Append(NeedsQuotes(value) ? Quoted(value) : value);
    }

    /// <summary>Several lines that a literal block can hold without indicators for indent and keeping.</summary>
    private static bool FitsLiteral(string value) =>
        value.IndexOf('\n', StringComparison.Ordinal) > 0
        && value[0] is not (' ' or '\t')
        && value.TrimEnd('\n').Length > 0
        && !value.EndsWith("\n\n", StringComparison.Ordinal)
        && !value.EndsWith(' ')
        && value.All(c => c == '\n' || c == '\t' || IsPrintable(c));

    private static bool IsPrintable(char c) => !char.IsControl(c) && !char.IsSurrogate(c) && c is not ('\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF');

    /// <summary>
    /// Narrower than the specification: only what every reader takes as plain text. Readers differ about indicators
    /// within a text, and YAML 1.1 takes much for numbers (0x…, 1_000, 1:30, dates), booleans and null.
    /// </summary>
    private static bool NeedsQuotes(string value) =>
        value.Length == 0
        || !(char.IsLetter(value[0]) || value[0] is '/' or '_' or '$' or '(')
        || value[^1] == ' '
        || value.Where((c, at) => !IsPlain(value, at)).Any()
        || value.ToLowerInvariant() is "true" or "false" or "yes" or "no" or "on" or "off" or "null" or "y" or "n";

    private static bool IsPlain(string value, int at) => value[at] switch
    {
        ':' => at + 1 < value.Length && (char.IsLetterOrDigit(value[at + 1]) || value[at + 1] == '/'),
        '#' => char.IsLetterOrDigit(value[at - 1]) || value[at - 1] == '/',
        var c when s_indicators.Contains(c) => value[at - 1] != ' ',
        var c => char.IsLetterOrDigit(c) || s_plain.Contains(c),
    };

    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when char.IsSurrogate(c) => text.Append(c),
                _ when IsPrintable(c) => text.Append(c),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            };
        }

        return text.Append('"').ToString();
    }
}
