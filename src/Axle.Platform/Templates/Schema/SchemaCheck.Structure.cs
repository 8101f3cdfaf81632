using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Schema;

/// <summary>The keywords about what is inside a value, and those that combine schemas.</summary>
internal sealed partial class SchemaCheck
{
    private void Members(JsonObject record, JsonObject rules, IReadOnlyList<string> path)
    {
        if (rules[SchemaKeywords.Required] is JsonArray required)
        {
            foreach (var name in required.Select(one => one is JsonValue value && value.TryGetValue<string>(out var text) ? text : null).OfType<string>().Where(name => !record.ContainsKey(name)))
            {
                Missing(rules, path, name);
            }
        }

        if (Number(rules, "minProperties") is { } least && record.Count < least)
        {
            Wrong(rules, path, "minProperties", $"must have at least {least} member{(least == 1 ? "" : "s")}, and has {record.Count}");
        }

        if (Number(rules, "maxProperties") is { } most && record.Count > most)
        {
            Wrong(rules, path, "maxProperties", $"must have at most {most} member{(most == 1 ? "" : "s")}, and has {record.Count}");
        }

        var (properties, patterns) = (rules["properties"] as JsonObject, rules["patternProperties"] as JsonObject);
        foreach (var (name, value) in record)
        {
            IReadOnlyList<string> inner = [.. path, name];
            var known = false;
            if (properties is not null && properties.TryGetPropertyValue(name, out var schema))
            {
                known = true;
                Value(value, schema, inner);
            }

            foreach (var (pattern, matching) in patterns ?? [])
            {
                if (SchemaPattern.Matches(pattern, name, _work.Patterns) == true)
                {
                    known = true;
                    Value(value, matching, inner);
                }
            }

            if (!known && rules.TryGetPropertyValue(SchemaKeywords.AdditionalProperties, out var others))
            {
                Other(value, name, others, properties, rules, path);
            }

            if (rules["propertyNames"] is { } names)
            {
                Value(JsonValue.Create(name), names, inner);
            }
        }

        Dependencies(record, rules, path);
    }

    private void Missing(JsonObject rules, IReadOnlyList<string> path, string name)
    {
        var title = (rules["properties"] as JsonObject)?[name] is JsonObject property ? Text(property, "title") : null;
        if (_problems.Count < limits.ProblemsMax)
        {
            _problems.Add(new SchemaProblem(path, SchemaKeywords.Required, OwnMessage(rules, SchemaKeywords.Required) ?? "is needed", title, JsonValue.Create(name)));
        }
    }

    private void Other(JsonNode? value, string name, JsonNode? schema, JsonObject? properties, JsonObject rules, IReadOnlyList<string> path)
    {
        if (schema is JsonValue flag && flag.TryGetValue<bool>(out var allowed))
        {
            if (!allowed)
            {
                var known = properties is null || properties.Count == 0 ? "none" : string.Join(", ", properties.Select(one => one.Key).Take(ValuesShownMax));
                Wrong(null, [.. path, name], SchemaKeywords.AdditionalProperties, $"is not known here; known are {known}", JsonValue.Create(name));
            }
        }
        else
        {
            Value(value, schema, [.. path, name]);
        }
    }

    private void Dependencies(JsonObject record, JsonObject rules, IReadOnlyList<string> path)
    {
        foreach (var (name, needed) in (rules["dependencies"] as JsonObject ?? []).Where(one => record.ContainsKey(one.Key)))
        {
            if (needed is JsonArray names)
            {
                foreach (var other in names.Select(one => one is JsonValue value && value.TryGetValue<string>(out var text) ? text : null).OfType<string>().Where(other => !record.ContainsKey(other)))
                {
                    Wrong(rules, [.. path, other], "dependencies", $"is needed when there is {Shown(name)}", JsonValue.Create(other));
                }
            }
            else
            {
                Value(record, needed, path);
            }
        }
    }

    private void Items(JsonArray array, JsonObject rules, IReadOnlyList<string> path)
    {
        if (Number(rules, "minItems") is { } least && array.Count < least)
        {
            Wrong(rules, path, "minItems", $"must have at least {least} item{(least == 1 ? "" : "s")}, and has {array.Count}");
        }

        if (Number(rules, "maxItems") is { } most && array.Count > most)
        {
            Wrong(rules, path, "maxItems", $"must have at most {most} item{(most == 1 ? "" : "s")}, and has {array.Count}");
        }

        Charge(IsTrue(rules, "uniqueItems") ? array.Count : 0, path);
        if (IsTrue(rules, "uniqueItems") && array.Select(JsonText.Canonical).Distinct(StringComparer.Ordinal).Count() != array.Count)
        {
            Wrong(rules, path, "uniqueItems", "must not have an item twice");
        }

        var each = rules["items"];
        for (var i = 0; i < array.Count; i++)
        {
            var schema = each is JsonArray places ? i < places.Count ? places[i] : rules["additionalItems"] : each;
            if (schema is not null)
            {
                Value(array[i], schema, [.. path, i.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            }
        }

        if (rules["contains"] is { } wanted && !array.Any(item => Aside(() => Value(item, wanted, path)).Count == 0))
        {
            Wrong(rules, path, "contains", "has no item of the kind that it needs");
        }
    }

    private void Combined(JsonNode? value, JsonObject rules, IReadOnlyList<string> path)
    {
        foreach (var part in rules["allOf"] as JsonArray ?? [])
        {
            Value(value, part, path);
        }

        if (rules["anyOf"] is JsonArray any && any.Count > 0)
        {
            var tried = any.Select(option => Aside(() => Value(value, option, path))).ToList();
            if (tried.All(problems => problems.Count > 0))
            {
                None(rules, path, "anyOf", tried);
            }
        }

        if (rules["oneOf"] is JsonArray one && one.Count > 0)
        {
            var tried = one.Select(option => Aside(() => Value(value, option, path))).ToList();
            switch (tried.Count(problems => problems.Count == 0))
            {
                case 0:
                    None(rules, path, "oneOf", tried);
                    break;
                case > 1 and var several:
                    Wrong(rules, path, "oneOf", $"must fit exactly one of {one.Count} forms, and fits {several}");
                    break;
            }
        }

        if (rules.TryGetPropertyValue("not", out var forbidden) && forbidden is not null && Aside(() => Value(value, forbidden, path)).Count == 0)
        {
            Wrong(rules, path, "not", "has a form that is not allowed");
        }

        if (rules.TryGetPropertyValue("if", out var condition) && condition is not null)
        {
            Value(value, Aside(() => Value(value, condition, path)).Count == 0 ? rules["then"] : rules["else"], path);
        }
    }

    /// <summary>What is wrong under the option that comes closest says more than that none fits.</summary>
    private void None(JsonObject rules, IReadOnlyList<string> path, string keyword, List<List<SchemaProblem>> tried)
    {
        // An option whose constants differ was not meant.
        var closest = tried.OrderBy(problems => problems.Count(problem => problem.Keyword is "const" or "enum" or "type")).ThenBy(problems => problems.Count).First();
        if (OwnMessage(rules, keyword) is null && (tried.Count == 1 || closest.All(problem => problem.Keyword is not ("const" or "enum" or "type" or "false"))))
        {
            _problems.AddRange(closest.Take(limits.ProblemsMax - Math.Min(limits.ProblemsMax, _problems.Count)));
            return;
        }

        Wrong(rules, path, keyword, $"fits none of the {tried.Count} forms that it may have; for the closest, {closest[0].ToProblem()}");
    }
}
