using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Actions;

/// <summary>Merges data as the actions of RoadieHQ do: objects member by member; lists are replaced, or joined without doubles.</summary>
internal static class Merging
{
    public static JsonNode? Merge(JsonNode? into, JsonNode? from, bool joinLists)
    {
        switch (into, from)
        {
            case (JsonObject left, JsonObject right):
                var merged = (JsonObject)left.DeepClone();
                foreach (var (name, value) in right)
                {
                    merged[name] = merged.ContainsKey(name) ? Merge(merged[name], value, joinLists) : value?.DeepClone();
                }

                return merged;
            case (JsonArray left, JsonArray right) when joinLists:
                var joined = new JsonArray();
                foreach (var item in left.Concat(right).Where(item => !joined.Any(there => IsSame(there, item))))
                {
                    joined.Add(item?.DeepClone());
                }

                return joined;
            case (JsonArray left, not null) when joinLists:
                return Merge(left, new JsonArray(from.DeepClone()), joinLists);
            default:
                return from?.DeepClone();
        }
    }

    /// <summary>As JavaScript's sets see it: objects and lists are never the same.</summary>
    private static bool IsSame(JsonNode? one, JsonNode? other) => one is not (JsonObject or JsonArray) && other is not (JsonObject or JsonArray) && JsonNode.DeepEquals(one, other);
}
