using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Schema;

/// <summary>
/// Fills what was not answered with what the schema proposes, as the form of Backstage does before it sends its answers: nested
/// ones too, and those that only apply because of another answer.
/// </summary>
internal static class SchemaDefaults
{
    private const int DepthMax = 32;

    /// <summary>The answers and the defaults beside them; what is given stays as it is.</summary>
    public static JsonObject Fill(JsonObject given, JsonObject schema)
    {
        var (filled, work) = ((JsonObject)given.DeepClone(), new SchemaWork(SchemaLimits.Default.WorkMax));

        // A default may bring a condition to hold that brings further defaults.
        for (var round = 0; round < DepthMax; round++)
        {
            var before = JsonText.Canonical(filled);
            Fill(filled, schema, schema, work, 0);
            if (JsonText.Canonical(filled) == before)
            {
                break;
            }
        }

        return filled;
    }

    /// <summary>Where the work ends, nothing more is filled in; the check of the answers says the rest.</summary>
    private static void Fill(JsonObject record, JsonNode? schema, JsonObject root, SchemaWork work, int depth, string? because = null)
    {
        if (depth > DepthMax || !work.Take() || Resolved(schema, root, depth) is not { } rules)
        {
            return;
        }

        if (rules["default"] is JsonObject proposed)
        {
            foreach (var (name, value) in proposed.Where(member => !record.ContainsKey(member.Key)).ToList())
            {
                record[name] = value?.DeepClone();
            }
        }

        foreach (var (name, property) in rules["properties"] as JsonObject ?? [])
        {
            Member(record, name, Resolved(property, root, depth), root, work, depth);
        }

        foreach (var part in rules["allOf"] as JsonArray ?? [])
        {
            Fill(record, part, root, work, depth + 1);
        }

        foreach (var keyword in (string[])["oneOf", "anyOf"])
        {
            if (rules[keyword] is JsonArray options)
            {
                Fill(record, Meant(record, options, root, work, because), root, work, depth + 1);
            }
        }

        if (rules["if"] is { } condition)
        {
            Fill(record, Fits(record, condition, root, work) ? rules["then"] : rules["else"], root, work, depth + 1);
        }

        foreach (var (name, needed) in rules["dependencies"] as JsonObject ?? [])
        {
            if (needed is JsonObject && record.ContainsKey(name))
            {
                Fill(record, needed, root, work, depth + 1, name);
            }
        }
    }

    private static void Member(JsonObject record, string name, JsonObject? property, JsonObject root, SchemaWork work, int depth)
    {
        if (property is null || !work.Take())
        {
            return;
        }

        if (!record.ContainsKey(name) && property.TryGetPropertyValue("default", out var value) && value is not null)
        {
            record[name] = value.DeepClone();
        }

        if (record[name] is JsonObject inner)
        {
            Fill(inner, property, root, work, depth + 1);
        }
        else if (!record.ContainsKey(name) && property["properties"] is JsonObject)
        {
            var made = new JsonObject();
            Fill(made, property, root, work, depth + 1);
            if (made.Count > 0)
            {
                record[name] = made;
            }
        }
        else if (record[name] is JsonArray array && property["items"] is JsonObject each)
        {
            foreach (var item in array.OfType<JsonObject>())
            {
                Fill(item, each, root, work, depth + 1);
            }
        }
    }

    /// <summary>The option that the answers mean: the form tells options apart by their constants, else by what they allow.</summary>
    /// <param name="because">The answer that brings the options, when one does: then that alone tells them apart.</param>
    internal static JsonNode? Meant(JsonObject record, JsonArray options, JsonObject root, SchemaWork work, string? because) => options.FirstOrDefault(option =>
    {
        if (!work.Take() || Resolved(option, root, 0) is not { } rules)
        {
            return false;
        }

        var properties = (rules["properties"] as JsonObject ?? [])
            .Select(property => (property.Key, Rules: Resolved(property.Value, root, 0)))
            .Where(property => property.Rules is not null)
            .ToList();
        var told = properties.Where(property => property.Key == because).ToList();
        told = told.Count > 0 ? told : properties.Where(property => property.Rules!.ContainsKey("const")).ToList();
        told = told.Count > 0 ? told : properties.Where(property => property.Rules!["enum"] is JsonArray).ToList();
        return told.Count > 0 ? told.All(property => record.ContainsKey(property.Key) && Fits(record[property.Key], property.Rules, root, work)) : Fits(record, rules, root, work);
    });

    internal static bool Fits(JsonNode? value, JsonNode? schema, JsonObject root, SchemaWork work)
    {
        var check = new SchemaCheck(root, SchemaLimits.Default, work);
        try
        {
            check.Value(value, schema, []);
            return check.Problems.Count == 0;
        }
        catch (SchemaLimitException)
        {
            return false;
        }
    }

    internal static JsonObject? Resolved(JsonNode? schema, JsonObject root, int depth)
    {
        for (var round = depth; round < DepthMax && schema is JsonObject rules; round++)
        {
            if (rules["$ref"] is not JsonValue reference || !reference.TryGetValue<string>(out var text))
            {
                return rules;
            }

            schema = JsonSchema.Resolve(root, text);
        }

        return null;
    }
}
