using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Locations;

namespace Axle.Platform.Catalog.Importing;

/// <summary>An entity of another catalogue as it is kept here. Pure.</summary>
internal static class Imported
{
    /// <summary>Where it was imported from; how a repeated import knows its own.</summary>
    public const string From = "axle.dev/imported-from";

    private const string Axle = "axle.dev/";

    // What the other catalogue computed.
    private static readonly string[] s_computed = ["etag"];
    private static readonly string[] s_bookkeeping = [Managed.File, Managed.Origin, "backstage.io/orphan"];

    public static string? SourceOf(Entity entity) => entity.Metadata.Annotations.GetValueOrDefault(From);

    /// <summary>Without the other catalogue's bookkeeping, and without what only this platform writes: a role in it would be a right here.</summary>
    public static Entity Of(Entity entity, string source) => entity with
    {
        Status = default,
        Relations = [],
        Metadata = entity.Metadata with
        {
            Uid = null,
            Revision = 0,
            Generation = 0,
            CreatedAt = null,
            UpdatedAt = null,
            DeletedAt = null,
            Annotations = entity.Metadata.Annotations
                .Where(annotation => !s_bookkeeping.Contains(annotation.Key) && !annotation.Key.StartsWith(Axle, StringComparison.OrdinalIgnoreCase))
                .Append(new(From, source))
                .ToDictionary(),
            Own = entity.Metadata.Own?.Where(one => !s_computed.Contains(one.Key)).ToDictionary() is { Count: > 0 } own ? own : null,
        },
    };

    /// <summary>The same with what the platform has written to the one that is here.</summary>
    public static Entity Over(Entity wish, Entity present) => wish with
    {
        Metadata = wish.Metadata with
        {
            Annotations = present.Metadata.Annotations
                .Where(annotation => annotation.Key.StartsWith(Axle, StringComparison.Ordinal))
                .Concat(wish.Metadata.Annotations)
                .DistinctBy(annotation => annotation.Key)
                .ToDictionary(),
        },
    };

    /// <summary>Fields that differ, leaving aside where the entity comes from.</summary>
    public static IReadOnlyList<string> Differences(Entity wish, Entity present)
    {
        var (a, b) = (Fields(wish), Fields(present));
        return [.. a.Keys.Union(b.Keys).Where(key => !(a.TryGetValue(key, out var one) && b.TryGetValue(key, out var other) && JsonElement.DeepEquals(one, other))).Order(StringComparer.Ordinal)];
    }

    private static Dictionary<string, JsonElement> Fields(Entity entity)
    {
        var plain = Of(entity, "");
        var root = JsonSerializer.SerializeToElement(plain, EntityJson.Options);
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var part in root.EnumerateObject().Where(part => part.Value.ValueKind == JsonValueKind.Object))
        {
            foreach (var field in part.Value.EnumerateObject())
            {
                fields[$"{part.Name}.{field.Name}"] = field.Value;
            }
        }

        return fields;
    }
}
