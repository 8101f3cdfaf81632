using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Portal.Forms;

/// <summary>Reads what a question's schema says about how to ask it. Templates are other people's: whatever does not have the expected form says nothing.</summary>
internal static class Ui
{
    /// <summary>An option, written as <c>ui:name</c> or inside <c>ui:options</c>.</summary>
    public static JsonNode? Option(this JsonObject schema, string name) => schema["ui:" + name] ?? (schema["ui:options"] as JsonObject)?[name];

    public static string? Text(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static bool Is(this JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;

    public static IReadOnlyList<string> Texts(this JsonNode? node) => node switch
    {
        JsonArray several => [.. several.Select(one => one.Text()).OfType<string>()],
        _ => node.Text() is { } one ? [one] : [],
    };

    public static string? Number(this JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number && decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number.ToString(CultureInfo.InvariantCulture) : null;

    /// <summary>The one type that a value may have besides null; null when there are several or none is said.</summary>
    public static string? Type(this JsonObject schema) => schema["type"].Texts().Where(type => type != "null").ToList() is [var only] ? only : null;

    /// <summary>A value as a plain form holds it.</summary>
    public static string Shown(this JsonNode? value) => value switch
    {
        null => "",
        _ => value.Text() ?? value.ToJsonString(),
    };

    /// <summary>What the template says in place of the platform's words: <c>errorMessage</c>, for all or for one keyword.</summary>
    public static string? OwnMessage(this JsonObject schema, string keyword) => schema["errorMessage"] switch
    {
        JsonObject several => several[keyword].Text(),
        var one => one.Text(),
    };
}
