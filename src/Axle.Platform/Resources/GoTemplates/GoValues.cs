using System.Globalization;
using System.Text.Json;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>A list of Go values; functions that change lists give new ones.</summary>
internal sealed class GoList : List<object?>
{
    public GoList()
    {
    }

    public GoList(IEnumerable<object?> items)
        : base(items)
    {
    }
}

/// <summary>A mapping from text to Go values. Shared by whoever refers to it, as in Go: <c>set</c> is seen everywhere.</summary>
internal sealed class GoMap : Dictionary<string, object?>
{
    public GoMap()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>What <c>index</c> gives for a key that is missing; null in mappings of anything.</summary>
    public object? Zero { get; init; }

    /// <summary>Keys in the order in which Go goes through them.</summary>
    public IEnumerable<string> Sorted => Keys.Order(StringComparer.Ordinal);
}

/// <summary>Fields that are fixed: to ask for another one is a mistake, where a mapping just has no such key.</summary>
internal sealed class GoStruct(string name, IReadOnlyDictionary<string, object?> fields)
{
    public string Name => name;

    public IReadOnlyDictionary<string, object?> Fields => fields;

    /// <summary>Stands for one that is missing. Counts as false, so that <c>if not</c> finds it; Go has it true, which nobody means.</summary>
    public bool Missing { get; init; }
}

/// <summary>
/// The values that templates work on: null, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/>, <see cref="string"/>,
/// <see cref="GoList"/>, <see cref="GoMap"/> and <see cref="GoStruct"/>, with Go's rules for them.
/// </summary>
internal static class GoValues
{
    public static bool Truth(object? value) => value switch
    {
        null => false,
        bool yes => yes,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        GoList list => list.Count > 0,
        GoMap map => map.Count > 0,
        GoStruct fields => !fields.Missing,
        _ => true,
    };

    /// <summary>The type's name as Go prints it.</summary>
    public static string TypeOf(object? value) => value switch
    {
        null => "<nil>",
        bool => "bool",
        long => "int",
        double => "float64",
        string => "string",
        GoList => "[]interface {}",
        GoMap => "map[string]interface {}",
        GoStruct fields => fields.Name,
        _ => throw new InvalidOperationException($"{value.GetType()} is no value of templates."),
    };

    public static string KindOf(object? value) => value switch
    {
        null => "invalid",
        GoList => "slice",
        GoMap => "map",
        GoStruct => "struct",
        _ => TypeOf(value),
    };

    /// <summary>Whether two values are the same, all through.</summary>
    public static bool Same(object? a, object? b, Work work, int depth = 0)
    {
        work.Enter(depth);
        return (a, b) switch
        {
            (null, null) => true,
            (bool x, bool y) => x == y,
            (long x, long y) => x == y,
            (double x, double y) => x == y,
            (string x, string y) => x == y,
            (GoList x, GoList y) => ReferenceEquals(x, y) || (x.Count == y.Count && x.Zip(y).All(pair => Same(pair.First, pair.Second, work, depth + 1))),
            (GoMap x, GoMap y) => ReferenceEquals(x, y) || (x.Count == y.Count && x.All(entry => y.TryGetValue(entry.Key, out var other) && Same(entry.Value, other, work, depth + 1))),
            _ => ReferenceEquals(a, b),
        };
    }

    public static object? Copy(object? value, Work work, int depth = 0)
    {
        work.Enter(depth);
        switch (value)
        {
            case GoList list:
                return new GoList(list.Select(item => Copy(item, work, depth + 1)));
            case GoMap map:
                var copy = new GoMap { Zero = map.Zero };
                foreach (var (key, item) in map)
                {
                    copy[key] = Copy(item, work, depth + 1);
                }

                return copy;
            default:
                return value;
        }
    }

    /// <summary>The number in a value, as sprig's loosely typed functions find it: 0 where there is none.</summary>
    public static long ToInteger(object? value) => value switch
    {
        long number => number,
        double number => double.IsNaN(number) ? 0 : (long)Math.Clamp(Math.Truncate(number), long.MinValue, long.MaxValue),
        bool yes => yes ? 1 : 0,
        string text => Workloads.ScalarTypes.OfPlain(text) == Workloads.ScalarType.Integer ? Workloads.ScalarTypes.ReadInteger(text) ?? 0 : 0,
        _ => 0,
    };

    public static double ToDouble(object? value) => value switch
    {
        double number => number,
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0,
        _ => ToInteger(value),
    };

    /// <summary>A JSON value. Whole numbers become integers, as a YAML reader gives them.</summary>
    public static object? From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => Map(json),
        JsonValueKind.Array => new GoList(json.EnumerateArray().Select(From)),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.TryGetInt64(out var whole) ? (object)whole : json.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>The entries of a JSON object; none of anything else.</summary>
    public static GoMap Map(JsonElement json)
    {
        var map = new GoMap();
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in json.EnumerateObject())
            {
                map[property.Name] = From(property.Value);
            }
        }

        return map;
    }
}
