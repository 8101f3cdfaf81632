using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Source;

/// <summary>
/// Takes into an entity what changed in its file, and nothing else: what an import decided, a person changed here or the platform
/// adds stays until the file changes at the same place.
/// </summary>
internal static class DescriptorMerge
{
    private static readonly HashSet<string> s_storesOwn = ["uid", "namespace", "name", "revision", "generation", "createdAt", "updatedAt", "deletedAt"];
    private static readonly HashSet<string> s_platforms = [Annotations.Repository, Annotations.SourceTemplate, Annotations.DescribedAt, Annotations.DescriptorProblem];

    /// <param name="before">What the file said when the entity was last brought up to it; null when that is not known.</param>
    /// <param name="after">What it says now.</param>
    /// <returns>Null when nothing changes.</returns>
    public static Entity? Into(Entity present, Entity? before, Entity after)
    {
        var (entity, was, becomes) = (Parts(present), before is null ? null : Parts(before), Parts(after));
        return Take(entity, was, becomes) ? Of(present, entity) : null;
    }

    private static bool Take(JsonObject into, JsonObject? before, JsonObject after)
    {
        var changed = false;
        foreach (var key in (before ?? []).Select(pair => pair.Key).Union(after.Select(pair => pair.Key)).ToList())
        {
            var (was, becomes, has) = (before?[key], after[key], into[key]);
            if (JsonNode.DeepEquals(was, becomes))
            {
                continue;
            }

            if (becomes is JsonObject all && has is JsonObject inner)
            {
                changed |= Take(inner, was as JsonObject, all);
            }
            else if (!JsonNode.DeepEquals(has, becomes))
            {
                changed = true;
                into.Remove(key);
                if (becomes is not null)
                {
                    into[key] = becomes.DeepClone();
                }
            }
        }

        return changed;
    }

    /// <summary>What a file can say of an entity beside what it is called.</summary>
    private static JsonObject Parts(Entity entity)
    {
        var json = JsonSerializer.SerializeToNode(entity with { Status = default, Relations = [] }, EntityJson.Options)!.AsObject();
        var metadata = json["metadata"]!.AsObject();
        foreach (var key in s_storesOwn)
        {
            metadata.Remove(key);
        }

        foreach (var key in s_platforms)
        {
            metadata["annotations"]!.AsObject().Remove(key);
        }

        return new JsonObject { ["metadata"] = metadata.DeepClone(), ["spec"] = json["spec"]?.DeepClone() ?? new JsonObject() };
    }

    private static Entity Of(Entity present, JsonObject parts)
    {
        var metadata = parts["metadata"]!.AsObject();
        metadata["name"] = present.Metadata.Name;
        metadata["namespace"] = present.Metadata.Namespace;
        foreach (var key in s_platforms)
        {
            if (present.Metadata.Annotations.TryGetValue(key, out var value))
            {
                metadata["annotations"]![key] = value;
            }
        }

        return present with
        {
            Metadata = metadata.Deserialize<Metadata>(EntityJson.Options)!,
            Spec = JsonSerializer.SerializeToElement(parts["spec"]),
            Status = default,
            Relations = [],
        };
    }
}
