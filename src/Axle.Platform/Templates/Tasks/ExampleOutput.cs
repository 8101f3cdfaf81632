using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Tasks;

/// <summary>What later steps see of an action that a dry run leaves out: an example made from its schema, as Backstage makes it.</summary>
internal static class ExampleOutput
{
    private const int DepthMax = 16;

    public static JsonNode? Of(JsonNode? schema, int depth = 0)
    {
        if (schema is not JsonObject rules || depth > DepthMax)
        {
            return "<unknown>";
        }

        if (rules["examples"] is JsonArray { Count: > 0 } examples)
        {
            return examples[0]?.DeepClone();
        }

        return (rules["type"] as JsonValue)?.GetValue<string>() switch
        {
            "object" => new JsonObject((rules["properties"] as JsonObject ?? []).Select(property => KeyValuePair.Create(property.Key, Of(property.Value, depth + 1)))),
            "array" => (rules["items"] is JsonArray places ? places.FirstOrDefault() : rules["items"]) is { } item ? new JsonArray(Of(item, depth + 1)) : new JsonArray(),
            "string" => "<example>",
            "number" or "integer" => 0,
            "boolean" => false,
            _ => "<unknown>",
        };
    }
}
