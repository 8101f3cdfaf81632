using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Portal.Definitions;

/// <summary>Reads a definition, JSON or YAML, as other people wrote it. Size and depth are bounded; nothing here throws.</summary>
internal static class DefinitionText
{
    private const int DepthMax = 64;

    /// <summary>The document, or why there is none.</summary>
    public static Result<JsonElement> Read(string text)
    {
        var start = text.AsSpan().TrimStart("\uFEFF \t\r\n");
        if (start.IsEmpty)
        {
            return Unreadable("it is empty");
        }

        if (start[0] is '{' or '[')
        {
            try
            {
                using var document = JsonDocument.Parse(text.TrimStart('\uFEFF'), new JsonDocumentOptions { MaxDepth = DepthMax, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
                return document.RootElement.Clone();
            }
            catch (JsonException e)
            {
                // Flow style YAML begins like JSON.
                return Yaml(text) is { Ok: true } yaml ? yaml : Unreadable($"it is no JSON{Place(text.TrimStart('\uFEFF'), e)}");
            }
        }

        return Yaml(text);
    }

    /// <summary>The reader counts bytes; people count characters.</summary>
    private static string Place(string text, JsonException e)
    {
        if (e is not { LineNumber: { } line, BytePositionInLine: { } bytes })
        {
            return "";
        }

        var written = Encoding.UTF8.GetBytes(text.Split('\n').ElementAtOrDefault((int)line) ?? "");
        return $": line {line + 1}, column {Encoding.UTF8.GetCharCount(written, 0, (int)Math.Min(bytes, written.Length)) + 1}";
    }

    private static Result<JsonElement> Yaml(string text)
    {
        var problems = new List<Problem>();
        var read = StrictYaml.Read(text, null, problems);
        return read is null ? Unreadable(problems is [{ } first, ..] ? $"its YAML {(first.Line is { } line ? $"at line {line}, column {first.Column} " : "")}{first.Message}" : "its YAML cannot be read") : read.ToJson();
    }

    private static Error Unreadable(string why) => new("portal.definition", why, null, 422);
}

/// <summary>Reads JSON of any shape without surprise.</summary>
internal static class Json
{
    public static JsonElement? At(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var found) ? found : null;

    /// <summary>A text, or a number as it is written; null for anything else.</summary>
    public static string? TextAt(this JsonElement value, string name) => value.At(name) is { } found ? Text(found) : null;

    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    public static bool IsTrueAt(this JsonElement value, string name) => value.At(name) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> ListAt(this JsonElement value, string name) =>
        value.At(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> MapAt(this JsonElement value, string name) =>
        value.At(name) is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject() : [];
}
