using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Catalog.Locations;

/// <summary>How an entity says which file describes it, and which Location read that file.</summary>
internal static class Managed
{
    /// <summary>Backstage's: the file, as <c>url:…</c>.</summary>
    public const string File = "backstage.io/managed-by-location";

    /// <summary>Backstage's: the registered location that led to the file, as <c>url:…</c>.</summary>
    public const string Origin = "backstage.io/managed-by-origin-location";

    /// <summary>Backstage's: where a person reads the file.</summary>
    public const string ViewUrl = "backstage.io/view-url";

    /// <summary>Backstage's: where a person changes the file.</summary>
    public const string EditUrl = "backstage.io/edit-url";

    /// <summary>The Location entity that the file was read for.</summary>
    public const string Location = "axle.dev/location";

    /// <summary>The edge's type: from what is described to the Location.</summary>
    public const string RelationType = "describedBy";

    /// <summary>The same edge from its other end.</summary>
    public const string Inverse = "describes";

    /// <summary>The edge to the Location; null for what no file describes.</summary>
    public static Relation? By(Entity entity) => LocationOf(entity) is { } location ? new Relation(RelationType, location) : null;

    public static EntityRef? LocationOf(Entity entity) =>
        entity.Metadata.Annotations.TryGetValue(Location, out var text) && EntityRef.TryParse(text, Kinds.Location, EntityRef.DefaultNamespace, out var location) ? location : null;

    /// <summary>As <see cref="LocationOf(Entity)"/>.</summary>
    public static EntityRef? LocationOf(EntityHead head)
    {
        foreach (var relation in head.Relations)
        {
            if (relation.Type == RelationType)
            {
                return relation.TargetRef;
            }
        }

        return null;
    }

    /// <summary>The file's address; null for what no file describes.</summary>
    public static string? FileOf(Entity entity) => Url(entity, File);

    public static string? OriginOf(Entity entity) => Url(entity, Origin);

    private static string? Url(Entity entity, string annotation) =>
        entity.Metadata.Annotations.TryGetValue(annotation, out var text) && text.StartsWith("url:", StringComparison.Ordinal) ? text[4..] : null;
}
