using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>The only door for data: JSON in, JSON out.</summary>
internal static class ValueJson
{
    /// <summary>The largest whole number that a double holds exactly.</summary>
    private const double SafeIntegerMax = 9007199254740991;

    /// <exception cref="TemplateFault">It is too large or too deep, or has a reserved name.</exception>
    public static Value FromJson(JsonNode? node, RenderLimits limits)
    {
        var elements = 0;
        return Read(node, 1);

        Value Read(JsonNode? part, int depth)
        {
            if (part is JsonObject or JsonArray)
            {
                if (depth > limits.NestingMax)
                {
                    throw TemplateFault.Limit($"the values nest more than {limits.NestingMax} levels");
                }

                elements += part is JsonObject record ? record.Count : ((JsonArray)part).Count;
                if (elements > limits.ElementsMax)
                {
                    throw TemplateFault.Limit($"the values have more than {limits.ElementsMax} elements");
                }
            }

            return part switch
            {
                null => Value.Null,
                JsonObject record => Value.Of(new RecordValue(record.Select(p => new KeyValuePair<string, Value>(Allowed(p.Key), Read(p.Value, depth + 1))))),
                JsonArray array => Value.Of(new ArrayValue([.. array.Select(item => Read(item, depth + 1))])),
                _ => part.GetValueKind() switch
                {
                    JsonValueKind.String => Value.Of(part.GetValue<string>()),
                    JsonValueKind.True => Value.Of(true),
                    JsonValueKind.False => Value.Of(false),
                    JsonValueKind.Number => Value.Of(double.Parse(part.ToJsonString(), CultureInfo.InvariantCulture)),
                    _ => Value.Null,
                },
            };
        }
    }

    /// <summary>
    /// As JavaScript's <c>JSON.stringify</c> sees it: undefined members are left out, undefined elements and numbers that
    /// are none become null. Regular expressions become their text.
    /// </summary>
    /// <exception cref="TemplateFault">There is a function in it.</exception>
    public static JsonNode? ToJson(Value value, Budget budget)
    {
        budget.Enter();
        budget.ChargeOutput(value.IsText ? value.Text.Length : 0);
        JsonNode? node = value.Kind switch
        {
            ValueKind.Undefined or ValueKind.Null => null,
            ValueKind.Boolean => JsonValue.Create(value.Boolean),
            ValueKind.Number => Number(value.Number),
            ValueKind.Text or ValueKind.SafeText => JsonValue.Create(value.Text),
            ValueKind.Pattern => JsonValue.Create(value.Pattern.ToString()),
            ValueKind.Array => new JsonArray([.. value.Array.Items.Select(item => ToJson(item, budget))]),
            ValueKind.Record => new JsonObject(value.Record.Entries
                .Where(entry => !entry.Value.IsUndefined)
                .Select(entry => new KeyValuePair<string, JsonNode?>(entry.Key, ToJson(entry.Value, budget)))),
            _ => throw TemplateFault.Evaluation("a function cannot be a result"),
        };
        budget.Leave();
        return node;
    }

    private static JsonValue? Number(double number)
    {
        if (!double.IsFinite(number))
        {
            return null;
        }

        // Whole numbers leave as such, so that a reader who wants an integer gets one.
        return Math.Abs(number) <= SafeIntegerMax && Math.Truncate(number) == number ? JsonValue.Create((long)number) : JsonValue.Create(number);
    }

    private static string Allowed(string name) =>
        Names.IsReserved(name) ? throw TemplateFault.Evaluation($"the values have the reserved name '{name}'") : name;
}
