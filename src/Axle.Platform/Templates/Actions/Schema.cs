using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Actions;

/// <summary>Writes the JSON schemas (draft-07) of inputs and outputs.</summary>
internal static class Schema
{
    public static JsonObject Text(string description) => Of("string", description);

    public static JsonObject Number(string description) => Of("number", description);

    public static JsonObject Flag(string description) => Of("boolean", description);

    /// <summary>An object with whatever members.</summary>
    public static JsonObject Map(string description) => Of("object", description);

    public static JsonObject Any(string description) => new() { ["description"] = description };

    public static JsonObject Texts(string description) => List(description, new JsonObject { ["type"] = "string" });

    public static JsonObject List(string description, JsonObject items)
    {
        var schema = Of("array", description);
        schema["items"] = items;
        return schema;
    }

    public static JsonObject Choice(string description, params string[] values)
    {
        var schema = Of("string", description);
        schema["enum"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        return schema;
    }

    public static JsonObject Either(string description, params JsonObject[] schemas) =>
        new() { ["description"] = description, ["anyOf"] = new JsonArray([.. schemas]) };

    /// <summary>An object that has no other members than these, as the inputs of most of Backstage's actions.</summary>
    public static JsonObject Closed(IEnumerable<string> required, params (string Name, JsonObject Schema)[] members)
    {
        var schema = Object(required, members);
        schema["additionalProperties"] = false;
        return schema;
    }

    /// <summary>An object; members that are not listed are let through.</summary>
    public static JsonObject Object(IEnumerable<string> required, params (string Name, JsonObject Schema)[] members)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Schema))),
        };
        if (required.Any())
        {
            schema["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        }

        return schema;
    }

    private static JsonObject Of(string type, string description) => new() { ["type"] = type, ["description"] = description };
}
