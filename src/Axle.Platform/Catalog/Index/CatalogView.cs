using Axle.Contracts;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// What of the store the catalogue shows: Backstage's kinds, and the relations between them. Builds, releases and deployments
/// have pages of their own; tools that speak Backstage's API would not know what to do with thousands of them.
/// </summary>
internal static class CatalogView
{
    private static readonly HashSet<string> s_shown = [.. CatalogKinds.All.Select(kind => kind.Name.ToLowerInvariant())];

    public static IReadOnlyList<string> Kinds { get; } = [.. CatalogKinds.All.Select(kind => kind.Name)];

    /// <param name="kind">In lower case, as a ref has it.</param>
    public static bool Shows(string kind) => s_shown.Contains(kind);

    /// <summary>A relation between two of them, of a type that Backstage's tools know what to do with.</summary>
    public static bool Shows(Relation relation) => Shows(relation.TargetRef.Kind) && relation.Type is not (Locations.Managed.RelationType or Locations.Managed.Inverse);

    /// <summary>The entity with the relations that the catalogue shows; the same instance when it shows all of them.</summary>
    public static Entity Of(Entity entity) =>
        entity.Relations.All(Shows)
            ? entity
            : entity with { Relations = [.. entity.Relations.Where(Shows)] };
}
