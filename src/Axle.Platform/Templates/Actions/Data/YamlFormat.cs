using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Templates.Nunjucks;
using Axle.Platform.Workloads;

namespace Axle.Platform.Templates.Actions;

/// <summary>YAML for people: blocks, plain texts where they cannot be taken for something else, several lines as such.</summary>
internal static partial class YamlFormat
{
    /// <summary>Every document of a text.</summary>
    public static Result<IReadOnlyList<JsonNode?>> Read(string text, string name)
    {
        var (documents, problems, line) = (new List<JsonNode?>(), new List<Problem>(), 0);
        foreach (var part in Separator().Split(text))
        {
            if (part.AsSpan().Trim().Length > 0 && StrictYaml.Read(part, name, problems, line) is { } value)
            {
                documents.Add(JsonNode.Parse(value.ToJson().GetRawText()));
            }

            line += part.Count(c => c == '\n') + 1;
        }

        return problems.Count > 0 ? ActionErrors.Input($"The YAML cannot be read: {problems[0]}.") : documents;
    }

    public static string Write(JsonNode? value)
    {
        var text = new StringBuilder();
        WriteBlock(value, 0, text);
        return text.ToString();
    }

    private static void WriteBlock(JsonNode? value, int indent, StringBuilder text)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                foreach (var (key, member) in map)
                {
                    text.Append(' ', indent).Append(Scalar(key, indent)).Append(':');
                    WriteAfter(member, indent + 2, text);
                }

                break;
            case JsonArray { Count: > 0 } list:
                foreach (var item in list)
                {
                    text.Append(' ', indent).Append('-');
                    WriteItem(item, indent + 2, text);
                }

                break;
            default:
                text.Append(' ', indent).Append(Inline(value, indent)).Append('\n');
                break;
        }
    }

    private static void WriteAfter(JsonNode? value, int indent, StringBuilder text)
    {
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            text.Append('\n');
            WriteBlock(value, indent, text);
        }
        else
        {
            text.Append(' ').Append(Inline(value, indent)).Append('\n');
        }
    }

    /// <summary>The first line of a map or list in a list stands beside the dash.</summary>
    private static void WriteItem(JsonNode? value, int indent, StringBuilder text)
    {
        var inner = new StringBuilder();
        WriteBlock(value, value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 } ? indent : 0, inner);
        text.Append(' ').Append(value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 } ? inner.ToString(indent, inner.Length - indent) : $"{Inline(value, indent)}\n");
    }

    private static string Inline(JsonNode? value, int indent) => value switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => Scalar(value.GetValue<string>(), indent),
            JsonValueKind.Number => JsNumber.ToText(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)),
            _ => value.ToJsonString(),
        },
    };

    private static string Scalar(string text, int indent)
    {
        if (text.Contains('\n', StringComparison.Ordinal) && !text.Contains('\r', StringComparison.Ordinal) && text[0] is not (' ' or '\n' or '\t') && text.All(c => c == '\n' || !char.IsControl(c)))
        {
            var end = text.EndsWith("\n\n", StringComparison.Ordinal) ? "|+" : text.EndsWith('\n') ? "|" : "|-";
            var lines = (text.EndsWith('\n') ? text[..^1] : text).Split('\n').Select(line => line.Length == 0 ? "" : new string(' ', Math.Max(indent, 2)) + line);
            return $"{end}\n{string.Join('\n', lines)}";
        }

        return Plain().IsMatch(text) && !Taken().IsMatch(text) ? text : JsonSerializer.Serialize(text, s_quoting);
    }

    private static readonly JsonSerializerOptions s_quoting = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex(@"(?m)^---[ \t]*\r?$\n?")]
    private static partial Regex Separator();

    /// <summary>Texts that no reader takes for anything but themselves.</summary>
    [GeneratedRegex(@"\A(?![\s\-?:,\[\]{}#&*!|>'""%@`])(?!---|\.\.\.)(?:[^\p{Cc}:#]|:(?=[^\s])|(?<=\S)#)*(?<![\s:])\z|\A-[A-Za-z/]+\z")]
    private static partial Regex Plain();

    /// <summary>Texts that are numbers, dates, yes or no to some reader.</summary>
    [GeneratedRegex(@"\A(?:|~|null|true|false|yes|no|on|off|y|n|[-+]?(?:\d[\d_]*)?\.?\d*(?:e[-+]?\d+)?|0x[0-9a-f]+|0o[0-7]+|0b[01]+|[-+]?\.(?:inf|nan)|\d{4}-\d\d?-\d\d?.*|[-+]?\d+(?::\d+)+(?:\.\d*)?|=|<<)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Taken();
}
