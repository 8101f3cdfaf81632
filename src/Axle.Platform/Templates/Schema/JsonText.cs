using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Schema;

/// <summary>JSON values as JSON Schema compares them: by content, numbers by their value, names in any order.</summary>
internal static class JsonText
{
    public static bool Same(JsonNode? left, JsonNode? right) => KindOf(left) == KindOf(right) && Canonical(left) == Canonical(right);

    /// <summary>JSON as JavaScript reads it: of a name that an object has twice, the last counts.</summary>
    /// <exception cref="JsonException">It is none, or holds half a character.</exception>
    public static JsonNode? Read(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Of(document.RootElement);
    }

    /// <summary>The same of what was read already.</summary>
    /// <exception cref="JsonException">It holds half a character.</exception>
    public static JsonNode? Of(JsonElement json)
    {
        try
        {
            return Node(json);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("It has text that is not Unicode.", null, 0, 0, e);
        }
    }

    /// <summary>Equal text for equal values.</summary>
    public static string Canonical(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private static JsonNode? Node(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var record = new JsonObject();
                foreach (var member in json.EnumerateObject())
                {
                    record[member.Name] = Node(member.Value);
                }

                return record;
            case JsonValueKind.Array:
                return new JsonArray([.. json.EnumerateArray().Select(Node)]);
            case JsonValueKind.String:
                return JsonValue.Create(json.GetString());
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(json.Clone());
        }
    }

    public static JsonValueKind KindOf(JsonNode? node) => node?.GetValueKind() switch
    {
        null => JsonValueKind.Null,
        JsonValueKind.False => JsonValueKind.True,
        var kind => kind.Value,
    };

    /// <summary>The number, as exactly as it can be held.</summary>
    public static decimal? Number(JsonNode? node)
    {
        if (node?.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        var text = node.ToJsonString();
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        return text[0] == '-' ? decimal.MinValue : decimal.MaxValue;
    }

    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject record:
                text.Append('{');
                foreach (var (name, value) in record.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    text.Append(JsonSerializer.Serialize(name)).Append(':');
                    Write(value, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray array:
                text.Append('[');
                foreach (var item in array)
                {
                    Write(item, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            case var value when value.GetValueKind() == JsonValueKind.Number:
                text.Append(NumberText(value.ToJsonString()));
                break;
            case var value:
                text.Append(value.GetValueKind() == JsonValueKind.String ? JsonSerializer.Serialize(value.GetValue<string>()) : value.ToJsonString());
                break;
        }
    }

    // Trailing zeros of a decimal are kept by .NET, and mean nothing.
    private static string NumberText(string written) =>
        decimal.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture)
        : double.Parse(written, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);
}
