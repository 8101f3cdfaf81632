using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Templates.Nunjucks;
using Axle.Platform.Workloads;

namespace Axle.Platform.Templates.Actions;

/// <summary>YAML as the npm package yaml writes it, byte for byte, since Backstage's actions write it so: files that both have written do not differ.</summary>
internal static partial class YamlFormat
{
    /// <summary>Longer keys are written with a mark of their own.</summary>
    private const int KeyMax = 1024;

    /// <summary>Every document of a text.</summary>
    public static Result<IReadOnlyList<JsonNode?>> Read(string text, string name)
    {
        var (documents, problems, line) = (new List<JsonNode?>(), new List<Problem>(), 0);
        foreach (var (part, isDocument) in Parts(text))
        {
            if (isDocument && StrictYaml.Read(part.EndsWith('\n') ? part : part + "\n", name, problems, line, anyKeys: true) is { } value)
            {
                documents.Add(JsonNode.Parse(value.ToJson().GetRawText()));
            }

            line += part.Count(c => c == '\n');
        }

        return problems.Count > 0 ? ActionErrors.Input($"The YAML cannot be read: {problems[0]}.") : documents;
    }

    /// <summary>The same text in pieces: documents, and what stands between them.</summary>
    public static List<YamlPart> Parts(string text)
    {
        var (parts, from) = (new List<YamlPart>(), 0);
        foreach (Match mark in Separator().Matches(text))
        {
            parts.Add(Part(text[from..mark.Index]));
            parts.Add(new YamlPart(mark.Value, IsDocument: false));
            from = mark.Index + mark.Length;
        }

        parts.Add(Part(text[from..]));
        return parts;

        static YamlPart Part(string text) => new(text, text.Split('\n').Any(line => line.AsSpan().TrimStart() is [not '#', ..]));
    }

    public static string Write(JsonNode? value) => Write(value, YamlStyle.Default);

    public static string Write(JsonNode? value, YamlStyle style) => Block(value, "", null, style) + "\n";

    /// <summary>A value as it stands in a document, its further lines with this indent.</summary>
    private static string Block(JsonNode? value, string indent, int? column, YamlStyle style) => value switch
    {
        JsonObject { Count: > 0 } map => string.Join($"\n{indent}", InOrder(map).Select(member => Member(member.Key, member.Value, indent, style))),
        JsonArray { Count: > 0 } list => string.Join($"\n{indent}", list.Select(item => $"- {Block(item, indent + "  ", null, style)}")),
        JsonObject => "{}",
        JsonArray => "[]",
        null => style.Null,
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => YamlTexts.Write(value.GetValue<string>(), new YamlPlace(indent, column, IsKey: false), style),
            JsonValueKind.Number => JsNumber.ToText(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)),
            var kind => kind == JsonValueKind.True ? style.True : style.False,
        },
    };

    /// <summary>JavaScript's: names that are array indexes come first.</summary>
    private static IEnumerable<KeyValuePair<string, JsonNode?>> InOrder(JsonObject map) =>
        map.Where(member => RecordValue.IsArrayIndex(member.Key)).OrderBy(member => uint.Parse(member.Key, CultureInfo.InvariantCulture)).Concat(map.Where(member => !RecordValue.IsArrayIndex(member.Key)));

    private static string Member(string name, JsonNode? value, string indent, YamlStyle style)
    {
        var inner = indent + new string(' ', style.Indent);
        var key = YamlTexts.Write(name, new YamlPlace(inner, null, IsKey: true), style);
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            return $"{Key(key, indent)}\n{inner}{Block(value, inner, null, style)}";
        }

        var written = Block(value, inner, key.Length > KeyMax || value is JsonObject or JsonArray ? null : key.Length + 2, style);
        return $"{Key(key, indent)}{(written.Length == 0 || written[0] == '\n' ? "" : " ")}{written}";
    }

    private static string Key(string key, string indent) => key.Length > KeyMax ? $"? {key}\n{indent}:" : $"{key}:";

    [GeneratedRegex(@"(?m)^---[ \t]*\r?$\n?")]
    private static partial Regex Separator();
}

/// <param name="IsDocument">It is no mark between documents, and has more than comments.</param>
internal sealed record YamlPart(string Text, bool IsDocument);
