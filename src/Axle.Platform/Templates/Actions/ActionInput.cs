using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Actions;

/// <summary>Reads an input that its schema has let through; what is absent or null has no value.</summary>
internal static class ActionInput
{
    /// <summary>The text of this name; numbers and flags as JSON writes them, since a template's sole expression keeps its type.</summary>
    public static string? Text(this JsonObject input, string name) => input[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonValue value => value.ToJsonString(),
        _ => null,
    };

    public static bool Flag(this JsonObject input, string name) => input[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public static double? Number(this JsonObject input, string name) =>
        input[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? JsonSerializer.Deserialize<double>(value) : null;

    /// <summary>The texts of this list, or null where there is no list.</summary>
    public static IReadOnlyList<string>? Texts(this JsonObject input, string name) =>
        input[name] is JsonArray list ? [.. list.OfType<JsonValue>().Where(item => item.GetValueKind() == JsonValueKind.String).Select(item => item.GetValue<string>())] : null;

    public static IEnumerable<JsonObject> Objects(this JsonObject input, string name) => input[name] is JsonArray list ? list.OfType<JsonObject>() : [];
}
