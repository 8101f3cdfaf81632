using System.Text.Json;
using System.Text.Json.Nodes;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Sorts the lists of a spec that name entities, as Backstage does: a file that only changes their order changes no entity.</summary>
internal static class SortedLists
{
    private static readonly string[] s_names = ["providesApis", "consumesApis", "dependsOn", "dependencyOf", "memberOf", "children", "members"];

    /// <summary>The same spec when there is nothing to sort.</summary>
    public static JsonElement In(JsonElement spec)
    {
        if (spec.ValueKind != JsonValueKind.Object || !Array.Exists(s_names, name => spec.TryGetProperty(name, out var list) && IsUnsorted(list)))
        {
            return spec;
        }

        var sorted = JsonObject.Create(spec)!;
        foreach (var name in s_names.Where(name => spec.TryGetProperty(name, out var list) && IsUnsorted(list)))
        {
            sorted[name] = new JsonArray([.. Texts(spec.GetProperty(name)).Order(StringComparer.Ordinal).Select(text => JsonValue.Create(text))]);
        }

        return JsonSerializer.SerializeToElement(sorted);
    }

    private static bool IsUnsorted(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            return false;
        }

        return Texts(list).Zip(Texts(list).Skip(1)).Any(pair => string.CompareOrdinal(pair.First, pair.Second) > 0);
    }

    private static IEnumerable<string> Texts(JsonElement list) => list.EnumerateArray().Select(item => item.GetString()!);
}
