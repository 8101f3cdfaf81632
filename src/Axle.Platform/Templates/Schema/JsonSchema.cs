using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Schema;

/// <summary>
/// Holds values against JSON Schema (draft-07), as templates use it for their questions and actions for their input. Keywords
/// that are not the draft's (<c>ui:widget</c> and its like) say nothing. Only definitions inside the schema can be referred to.
/// </summary>
internal static class JsonSchema
{
    /// <summary>Everything that does not fit; empty when it does.</summary>
    public static IReadOnlyList<SchemaProblem> Check(JsonNode? value, JsonNode? schema, SchemaLimits? limits = null)
    {
        var check = new SchemaCheck(schema, limits ?? SchemaLimits.Default);
        try
        {
            check.Value(value, schema, []);
        }
        catch (SchemaLimitException e)
        {
            return [new SchemaProblem(e.Path, SchemaKeywords.Limit, "cannot be checked: it, or its schema, is too large or too deep")];
        }

        return check.Problems;
    }

    public static bool Fits(JsonNode? value, JsonNode? schema) => Check(value, schema).Count == 0;

    /// <summary>The part of a schema that a local <c>$ref</c> names; null when there is none.</summary>
    public static JsonNode? Resolve(JsonNode? root, string reference)
    {
        if (reference == "#")
        {
            return root;
        }

        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            return null;
        }

        var at = root;
        foreach (var part in Uri.UnescapeDataString(reference[2..]).Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)))
        {
            at = at switch
            {
                JsonObject record => record[part],
                JsonArray array when int.TryParse(part, out var index) && index >= 0 && index < array.Count => array[index],
                _ => null,
            };
        }

        return at;
    }
}

/// <summary>The check costs more than <see cref="SchemaLimits"/> allow.</summary>
internal sealed class SchemaLimitException(IReadOnlyList<string> path) : Exception
{
    public IReadOnlyList<string> Path { get; } = path;
}
