using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Catalog.Index;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>
/// Backstage's predicates: <c>{"kind": "component", "spec.type": {"$in": ["service", "website"]}}</c>, joined with
/// <c>$all</c>, <c>$any</c> and <c>$not</c>.
/// </summary>
internal static class FilterPredicate
{
    /// <summary>How deep they may stand inside each other: with all else a cursor is within the 64 levels that JSON may have.</summary>
    private const int DepthMax = 24;

    private const string Relations = "relations";

    /// <summary>What stands in a request as <c>query</c>.</summary>
    public static Result<EntityFilter> Read(JsonElement query)
    {
        try
        {
            return Predicate(query, 0);
        }
        catch (Invalid e)
        {
            return new CatalogInputInvalid(e.Message);
        }
        catch (InvalidOperationException)
        {
            // A cursor is read by itself: what stands in it was not looked at with the request.
            return new CatalogInputInvalid("Invalid query: it has text that is not Unicode");
        }
    }

    /// <summary>A filter as such a predicate, for cursors.</summary>
    public static JsonElement Write(EntityFilter filter) => JsonSerializer.SerializeToElement(Node(filter));

    private static JsonObject Node(EntityFilter filter) => filter switch
    {
        EntityFilter.All all => new JsonObject { ["$all"] = new JsonArray([.. all.Of.Select(Node)]) },
        EntityFilter.Any any => new JsonObject { ["$any"] = new JsonArray([.. any.Of.Select(Node)]) },
        EntityFilter.Not not => new JsonObject { ["$not"] = Node(not.Of) },
        EntityFilter.Exists exists => new JsonObject { [exists.Path] = new JsonObject { ["$exists"] = true } },
        EntityFilter.In one => new JsonObject { [one.Path] = new JsonObject { ["$in"] = new JsonArray([.. one.Values.Select(value => JsonValue.Create(value))]) } },
        EntityFilter.HasPrefix prefix => new JsonObject { [prefix.Path] = new JsonObject { ["$hasPrefix"] = prefix.Prefix } },
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "No predicate says this."),
    };

    private static EntityFilter Predicate(JsonElement predicate, int depth)
    {
        if (depth > DepthMax)
        {
            throw new Invalid($"Invalid query: $all, $any and $not stand inside each other at most {DepthMax} deep");
        }

        if (predicate.ValueKind != JsonValueKind.Object)
        {
            throw new Invalid(IsPrimitive(predicate)
                ? $"Invalid filter predicate: top-level primitive values are not supported. Wrap the value in a field expression, e.g. {{ \"kind\": {predicate.GetRawText()} }}"
                : "Invalid query: a predicate must be an object");
        }

        var properties = predicate.EnumerateObject().ToArray();
        if (!Array.Exists(properties, property => property.Name.StartsWith('$')))
        {
            return EntityFilter.AllOf([.. properties.Select(property => Condition(property.Name.ToLowerInvariant(), property.Value))]);
        }

        if (properties is not [{ Name: "$all" or "$any" or "$not" } only])
        {
            throw new Invalid($"Invalid query: '{properties.First(property => property.Name.StartsWith('$')).Name}' must be $all, $any or $not, and the only key; wrap in $all to combine with other conditions");
        }

        if (only.Name == "$not")
        {
            return new EntityFilter.Not(Predicate(only.Value, depth + 1));
        }

        if (only.Value.ValueKind != JsonValueKind.Array)
        {
            throw new Invalid($"Invalid query: {only.Name} must be an array of predicates");
        }

        EntityFilter[] of = [.. only.Value.EnumerateArray().Select(one => Predicate(one, depth + 1))];
        return only.Name == "$all" ? EntityFilter.AllOf(of) : EntityFilter.AnyOf(of);
    }

    private static EntityFilter Condition(string path, JsonElement value)
    {
        if (IsPrimitive(value))
        {
            return new EntityFilter.In(path, [Lower(value)]);
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            if (value.TryGetProperty("$exists", out var exists) && exists.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                return exists.GetBoolean() ? new EntityFilter.Exists(path) : new EntityFilter.Not(new EntityFilter.Exists(path));
            }

            if (value.TryGetProperty("$in", out var choice) && choice.ValueKind == JsonValueKind.Array && choice.EnumerateArray().All(IsPrimitive))
            {
                return new EntityFilter.In(path, [.. choice.EnumerateArray().Select(Lower)]);
            }

            if (value.TryGetProperty("$contains", out var contained))
            {
                return Contains(path, contained);
            }

            if (value.TryGetProperty("$hasPrefix", out var prefix) && prefix.ValueKind == JsonValueKind.String)
            {
                return new EntityFilter.HasPrefix(path, Lower(prefix));
            }
        }

        throw new Invalid($"Invalid filter predicate value for field \"{path}\": expected a primitive value, $exists, $in, $hasPrefix, or $contains operator, but got {value.GetRawText()}");
    }

    private static EntityFilter Contains(string path, JsonElement contained)
    {
        if (IsPrimitive(contained))
        {
            return new EntityFilter.In(path, [Lower(contained)]);
        }

        if (contained.ValueKind != JsonValueKind.Object)
        {
            throw new Invalid($"Unsupported $contains target for field \"{path}\": {contained.GetRawText()}");
        }

        return path == Relations ? Relation(contained) : throw new Invalid($"Object form of $contains is not supported for field \"{path}\"");
    }

    private static EntityFilter Relation(JsonElement relation)
    {
        string? type = null;
        IReadOnlyList<string>? targets = null;
        foreach (var property in relation.EnumerateObject())
        {
            switch (property.Name.ToLowerInvariant())
            {
                case "type" when type is null && property.Value.ValueKind == JsonValueKind.String:
                    type = property.Value.GetString();
                    break;
                case "targetref" when targets is null:
                    targets = Targets(property.Value);
                    break;
                case "type" or "targetref":
                    throw new Invalid($"Duplicate or malformed key \"{property.Name}\" in $contains for \"relations\"");
                default:
                    throw new Invalid($"Unsupported key \"{property.Name}\" in $contains for \"relations\". Only \"type\" and \"targetRef\" are supported");
            }
        }

        if (string.IsNullOrEmpty(type))
        {
            throw new Invalid("The $contains operator for \"relations\" requires a \"type\" string property");
        }

        var path = SearchRows.PathOf(type);
        return targets is null ? new EntityFilter.Exists(path) : new EntityFilter.In(path, targets);
    }

    private static IReadOnlyList<string> Targets(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return [Lower(value)];
        }

        if (value.ValueKind == JsonValueKind.Object
            && value.EnumerateObject().ToArray() is [{ Name: "$in", Value: { ValueKind: JsonValueKind.Array } choice }]
            && choice.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String))
        {
            return choice.GetArrayLength() > 0
                ? [.. choice.EnumerateArray().Select(Lower)]
                : throw new Invalid("Empty \"$in\" array for $contains on \"relations\" is not allowed");
        }

        throw new Invalid($"Unsupported value in $contains for \"relations\": expected a string or {{ \"$in\": [strings] }}, but got {value.GetRawText()}");
    }

    private static bool IsPrimitive(JsonElement value) =>
        value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

    private static string Lower(JsonElement value) => SearchRows.Text(value)!.ToLowerInvariant();

    private sealed class Invalid(string message) : Exception(message);
}
