using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Schema;

/// <summary>Answers that come as text, from a command line or a plain form, as the values that their schema asks for.</summary>
internal static class TextAnswers
{
    /// <summary>The value that a text stands for; the text itself where it stands for none of that type, so that the check says why.</summary>
    public static JsonNode? Read(string text, JsonNode? schema)
    {
        var type = (schema as JsonObject)?["type"] switch
        {
            JsonValue one when one.TryGetValue<string>(out var name) => name,
            JsonArray several => several.OfType<JsonValue>().Select(one => one.TryGetValue<string>(out var name) ? name : null).FirstOrDefault(name => name is not "null"),
            _ => null,
        };
        return type switch
        {
            "boolean" when bool.TryParse(text, out var flag) => flag,
            "integer" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            "number" when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            "array" or "object" => Json(text) ?? (type == "array" ? List(text, ((JsonObject)schema!)["items"]) : text),
            null when (schema as JsonObject)?["enum"] is JsonArray allowed => allowed.FirstOrDefault(one => JsonText.KindOf(one) != JsonValueKind.String && one?.ToJsonString() == text)?.DeepClone() ?? text,
            _ => text,
        };
    }

    /// <summary><c>a,b</c> for a list.</summary>
    private static JsonArray List(string text, JsonNode? each) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(item => Read(item, each))];

    private static JsonNode? Json(string text)
    {
        try
        {
            return text.AsSpan().TrimStart() is ['[' or '{', ..] ? JsonText.Read(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
