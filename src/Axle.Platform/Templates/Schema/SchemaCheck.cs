using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Schema;

/// <summary>One run over a value and its schema.</summary>
/// <param name="work">Shared with other runs; null for one by itself.</param>
internal sealed partial class SchemaCheck(JsonNode? root, SchemaLimits limits, SchemaWork? work = null)
{
    private const int ValuesShownMax = 10;
    private const int TextShownMax = 60;

    /// <summary>Characters that are looked at within one step.</summary>
    private const int TextStep = 256;

    private List<SchemaProblem> _problems = [];
    private readonly SchemaWork _work = work ?? new SchemaWork(limits.WorkMax);
    private int _depth;

    public IReadOnlyList<SchemaProblem> Problems => _problems;

    /// <exception cref="SchemaLimitException">It is too much.</exception>
    public void Value(JsonNode? value, JsonNode? schema, IReadOnlyList<string> path)
    {
        Charge(1, path);
        if (++_depth > limits.DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SchemaLimitException([.. path.Take(8)]);
        }

        switch (schema)
        {
            case JsonObject rules when Text(rules, "$ref") is { } reference:
                // In draft-07 what stands beside a reference is ignored.
                if (JsonSchema.Resolve(root, reference) is { } found)
                {
                    Value(value, found, path);
                }
                else
                {
                    Wrong(rules, path, "$ref", $"cannot be checked: the schema refers to '{Shown(reference)}', which is not in it");
                }

                break;
            case JsonObject rules:
                Rules(value, rules, path);
                break;
            case JsonValue never when never.GetValueKind() == JsonValueKind.False:
                Wrong(null, path, "false", "is not allowed here");
                break;
        }

        _depth--;
    }

    private void Charge(int steps, IReadOnlyList<string> path)
    {
        if (!_work.Take(steps))
        {
            throw new SchemaLimitException([.. path.Take(8)]);
        }
    }

    private void Rules(JsonNode? value, JsonObject rules, IReadOnlyList<string> path)
    {
        Types(value, rules, path);
        Values(value, rules, path);
        switch (value)
        {
            case JsonObject record:
                Members(record, rules, path);
                break;
            case JsonArray array:
                Items(array, rules, path);
                break;
            case not null when value.GetValueKind() == JsonValueKind.String:
                Texts(value.GetValue<string>(), rules, path);
                break;
            case not null when value.GetValueKind() == JsonValueKind.Number:
                Numbers(JsonText.Number(value)!.Value, rules, path);
                break;
        }

        Combined(value, rules, path);
    }

    private void Types(JsonNode? value, JsonObject rules, IReadOnlyList<string> path)
    {
        string[] types = rules["type"] switch
        {
            JsonArray several => [.. several.Select(type => type is JsonValue one && one.TryGetValue<string>(out var name) ? name : "")],
            JsonValue one when one.TryGetValue<string>(out var name) => [name],
            _ => [],
        };
        if (types.Length > 0 && !types.Any(type => IsOf(value, type)))
        {
            Wrong(rules, path, "type", $"must be {string.Join(" or ", types.Select(Article))}, and is {Described(value)}", new JsonArray([.. types.Select(type => JsonValue.Create(type))]));
        }
    }

    private void Values(JsonNode? value, JsonObject rules, IReadOnlyList<string> path)
    {
        Charge((rules["enum"] as JsonArray)?.Count ?? 0, path);
        if (rules["enum"] is JsonArray allowed && !allowed.Any(one => JsonText.Same(one, value)))
        {
            var shown = string.Join(", ", allowed.Take(ValuesShownMax).Select(Shown));
            Wrong(rules, path, "enum", $"must be one of {shown}{(allowed.Count > ValuesShownMax ? $" or {allowed.Count - ValuesShownMax} more" : "")}");
        }

        if (rules.ContainsKey("const") && !JsonText.Same(rules["const"], value))
        {
            Wrong(rules, path, "const", $"must be {Shown(rules["const"])}");
        }
    }

    private void Texts(string text, JsonObject rules, IReadOnlyList<string> path)
    {
        Charge(text.Length / TextStep, path);
        var length = text.EnumerateRunes().Count();
        if (Number(rules, "minLength") is { } least && length < least)
        {
            Wrong(rules, path, "minLength", length == 0 ? "must not be empty" : $"must have at least {least} character{(least == 1 ? "" : "s")}, and has {length}");
        }

        if (Number(rules, "maxLength") is { } most && length > most)
        {
            Wrong(rules, path, "maxLength", $"must have at most {most} character{(most == 1 ? "" : "s")}, and has {length}");
        }

        if (Text(rules, "pattern") is { } pattern && SchemaPattern.Matches(pattern, text, _work.Patterns) is not true and var matches)
        {
            Wrong(rules, path, "pattern", matches is null ? $"cannot be checked: its pattern {Shown(pattern)} is none, or takes too long" : $"must fit the pattern {Shown(pattern)}");
        }

        if (Text(rules, "format") is { } format && SchemaFormats.Wrong(format, text) is { } wrong)
        {
            Wrong(rules, path, "format", wrong);
        }
    }

    private void Numbers(decimal number, JsonObject rules, IReadOnlyList<string> path)
    {
        // In draft-04, which older templates use, the exclusive bounds are flags beside the plain ones.
        var (aboveOnly, belowOnly) = (IsTrue(rules, "exclusiveMinimum"), IsTrue(rules, "exclusiveMaximum"));
        if (Number(rules, "minimum") is { } least && (number < least || (aboveOnly && number == least)))
        {
            Wrong(rules, path, "minimum", aboveOnly ? $"must be more than {least}" : $"must be at least {least}");
        }

        if (Number(rules, "maximum") is { } most && (number > most || (belowOnly && number == most)))
        {
            Wrong(rules, path, "maximum", belowOnly ? $"must be less than {most}" : $"must be at most {most}");
        }

        if (Number(rules, "exclusiveMinimum") is { } above && number <= above)
        {
            Wrong(rules, path, "exclusiveMinimum", $"must be more than {above}");
        }

        if (Number(rules, "exclusiveMaximum") is { } below && number >= below)
        {
            Wrong(rules, path, "exclusiveMaximum", $"must be less than {below}");
        }

        if (Number(rules, "multipleOf") is > 0 and { } step && number % step != 0)
        {
            Wrong(rules, path, "multipleOf", $"must be a multiple of {step}");
        }
    }

    private void Wrong(JsonObject? rules, IReadOnlyList<string> path, string keyword, string message, JsonNode? argument = null)
    {
        if (_problems.Count < limits.ProblemsMax)
        {
            _problems.Add(new SchemaProblem(path, keyword, OwnMessage(rules, keyword) ?? message, rules is null ? null : Text(rules, "title"), argument));
        }
    }

    /// <summary>The words that the template's author gave for this case, in one of the ways in use.</summary>
    private static string? OwnMessage(JsonObject? rules, string keyword)
    {
        return Words(rules?["errorMessage"]) ?? Words(rules?["ui:errorMessage"]) ?? Words((rules?["ui:options"] as JsonObject)?["errorMessage"]);

        // A sentence alone is about the pattern, which is what people write one for.
        string? Words(JsonNode? given) => given switch
        {
            JsonObject messages => Text(messages, keyword),
            JsonValue sentence when keyword == "pattern" && sentence.TryGetValue<string>(out var words) => words,
            _ => null,
        };
    }

    /// <summary>Runs a check aside: its problems, without keeping them.</summary>
    private List<SchemaProblem> Aside(Action check)
    {
        var (kept, depth) = (_problems, _depth);
        _problems = [];
        check();
        (var found, _problems, _depth) = (_problems, kept, depth);
        return found;
    }

    private static bool IsOf(JsonNode? value, string type) => type switch
    {
        "any" => true,
        "null" => value is null || value.GetValueKind() == JsonValueKind.Null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        "integer" => JsonText.Number(value) is { } number && number == decimal.Truncate(number),
        _ => false,
    };

    private static string Article(string type) => type switch
    {
        "null" => "null",
        "any" => "anything",
        "string" => "a text",
        "array" => "a list",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "object" => "an object",
        "number" => "a number",
        _ => $"of the unknown type '{Shown(type)}'",
    };

    private static string Described(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.String => "a text",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.Number => value.ToJsonString(),
        _ => value.ToJsonString(),
    };

    private static string Shown(JsonNode? value) => value is JsonValue text && text.TryGetValue<string>(out var plain) ? Shown(plain.Length == 0 ? "\"\"" : plain) : Shown(value?.ToJsonString() ?? "null");

    private static string Shown(string text)
    {
        if (text.Length <= TextShownMax)
        {
            return text;
        }

        return new StringBuilder(text, 0, TextShownMax, TextShownMax + 1).Append('…').ToString();
    }

    private static string? Text(JsonObject rules, string name) => rules[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static decimal? Number(JsonObject rules, string name) => JsonText.Number(rules[name]);

    private static bool IsTrue(JsonObject rules, string name) => rules[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;
}
