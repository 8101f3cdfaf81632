using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Schema;

/// <summary>What is wrong with a schema itself, found before anybody answers it.</summary>
internal static class SchemaRules
{
    private const int DepthMax = 64;

    private static readonly string[] s_types = ["object", "array", "string", "number", "integer", "boolean", "null", "any"];
    private static readonly string[] s_counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
    private static readonly string[] s_numbers = ["minimum", "maximum", "multipleOf"];
    private static readonly string[] s_schemas = ["additionalItems", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else"];
    private static readonly string[] s_lists = ["allOf", "anyOf", "oneOf"];
    private static readonly string[] s_records = ["properties", "patternProperties", "definitions", "$defs"];

    public static IReadOnlyList<Problem> Check(JsonNode? schema, string path)
    {
        var problems = new List<Problem>();
        Look(schema, schema, path, 0, problems);
        return problems;
    }

    private static void Look(JsonNode? schema, JsonNode? root, string path, int depth, List<Problem> problems)
    {
        if (schema is JsonValue flag && flag.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
        {
            return;
        }

        if (schema is not JsonObject rules)
        {
            problems.Add(new Problem("must be a schema: an object", Path: path));
            return;
        }

        if (depth > DepthMax)
        {
            problems.Add(new Problem($"nests more than {DepthMax} levels", Path: path));
            return;
        }

        Reference(rules, root, path, problems);
        Types(rules, path, problems);
        Numbers(rules, path, problems);
        Patterns(rules, path, problems);
        if (rules.TryGetPropertyValue("enum", out var values) && values is not JsonArray)
        {
            problems.Add(new Problem("must be a list of values", Path: $"{path}.enum"));
        }

        if (rules.TryGetPropertyValue("required", out var required) && !(required is JsonArray names && names.All(IsText)) && required is not JsonValue)
        {
            problems.Add(new Problem("must be a list of names", Path: $"{path}.required"));
        }

        Inner(rules, root, path, depth, problems);
    }

    private static void Inner(JsonObject rules, JsonNode? root, string path, int depth, List<Problem> problems)
    {
        foreach (var keyword in s_schemas.Where(rules.ContainsKey))
        {
            Look(rules[keyword], root, $"{path}.{keyword}", depth + 1, problems);
        }

        foreach (var keyword in s_lists.Where(rules.ContainsKey))
        {
            if (rules[keyword] is not JsonArray options)
            {
                problems.Add(new Problem("must be a list of schemas", Path: $"{path}.{keyword}"));
                continue;
            }

            for (var i = 0; i < options.Count; i++)
            {
                Look(options[i], root, $"{path}.{keyword}[{i}]", depth + 1, problems);
            }
        }

        foreach (var keyword in s_records.Where(rules.ContainsKey))
        {
            if (rules[keyword] is not JsonObject members)
            {
                problems.Add(new Problem("must be an object of schemas", Path: $"{path}.{keyword}"));
                continue;
            }

            foreach (var (name, member) in members)
            {
                Look(member, root, $"{path}.{keyword}.{name}", depth + 1, problems);
            }
        }

        switch (rules["items"])
        {
            case JsonArray places:
                for (var i = 0; i < places.Count; i++)
                {
                    Look(places[i], root, $"{path}.items[{i}]", depth + 1, problems);
                }

                break;
            case not null and var each:
                Look(each, root, $"{path}.items", depth + 1, problems);
                break;
        }

        foreach (var (name, needed) in rules["dependencies"] as JsonObject ?? [])
        {
            if (needed is not JsonArray)
            {
                Look(needed, root, $"{path}.dependencies.{name}", depth + 1, problems);
            }
        }
    }

    private static void Reference(JsonObject rules, JsonNode? root, string path, List<Problem> problems)
    {
        if (rules["$ref"] is { } reference && !(reference is JsonValue value && value.TryGetValue<string>(out var text) && JsonSchema.Resolve(root, text) is not null))
        {
            problems.Add(new Problem($"refers to {reference.ToJsonString()}, which is not in this schema; only definitions of the same schema can be referred to, as #/definitions/NAME", Path: $"{path}.$ref"));
        }
    }

    private static void Types(JsonObject rules, string path, List<Problem> problems)
    {
        if (!rules.TryGetPropertyValue("type", out var type))
        {
            return;
        }

        var named = type is JsonArray several ? [.. several] : new[] { type };
        foreach (var wrong in named.Where(one => !(one is JsonValue value && value.TryGetValue<string>(out var name) && s_types.Contains(name))))
        {
            problems.Add(new Problem($"there is no type {wrong?.ToJsonString() ?? "null"}; there are {string.Join(", ", s_types[..^1])}", Path: $"{path}.type"));
        }
    }

    private static void Numbers(JsonObject rules, string path, List<Problem> problems)
    {
        foreach (var keyword in s_counts.Where(rules.ContainsKey))
        {
            if (JsonText.Number(rules[keyword]) is not >= 0)
            {
                problems.Add(new Problem("must be a number of at least 0", Path: $"{path}.{keyword}"));
            }
        }

        foreach (var keyword in s_numbers.Where(rules.ContainsKey))
        {
            if (JsonText.Number(rules[keyword]) is not { } number || (keyword == "multipleOf" && number <= 0))
            {
                problems.Add(new Problem(keyword == "multipleOf" ? "must be a number above 0" : "must be a number", Path: $"{path}.{keyword}"));
            }
        }
    }

    private static void Patterns(JsonObject rules, string path, List<Problem> problems)
    {
        if (rules.TryGetPropertyValue("pattern", out var pattern) && !(IsText(pattern) && SchemaPattern.Matches(pattern!.GetValue<string>(), "") is not null))
        {
            problems.Add(new Problem($"{pattern?.ToJsonString() ?? "null"} is no regular expression of JavaScript", Path: $"{path}.pattern"));
        }

        foreach (var (name, _) in rules["patternProperties"] as JsonObject ?? [])
        {
            if (SchemaPattern.Matches(name, "") is null)
            {
                problems.Add(new Problem($"'{name}' is no regular expression of JavaScript", Path: $"{path}.patternProperties"));
            }
        }
    }

    private static bool IsText(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String;
}
