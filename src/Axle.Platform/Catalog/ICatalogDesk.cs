using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Catalog;

/// <summary>The catalogue as people leaf through it.</summary>
public interface ICatalogDesk
{
    /// <summary>Kinds that the catalogue shows, as they are spelled.</summary>
    IReadOnlyList<string> Kinds { get; }

    /// <summary>A page of what matches, with what else it could be narrowed to.</summary>
    ValueTask<CataloguePage> BrowseAsync(CatalogueQuestion question, Caller caller, CancellationToken stop);

    /// <summary>Where an entity is described; for a Location, what came of reading it. Null for what no file describes.</summary>
    EntitySource? SourceOf(Entity entity);

    /// <summary>Reads the file again that describes an entity, soon; false when there is none.</summary>
    bool Refresh(Entity entity);

    /// <summary>What the caller starred, in the order of starring; some may be gone.</summary>
    IReadOnlyList<EntityRef> Starred(Caller caller);

    /// <summary>Stars an entity, or takes the star away; twice is once.</summary>
    Task<Result<bool>> StarAsync(EntityRef which, bool on, Caller caller, CancellationToken stop);
}

/// <summary>Whose things.</summary>
public enum CatalogueView
{
    All,

    /// <summary>Owned by the caller or one of their groups.</summary>
    Mine,

    /// <summary>Starred by the caller.</summary>
    Starred,
}

/// <summary>What can be filtered by, with counts.</summary>
public enum CatalogueFacet
{
    Kind,
    Type,
    Lifecycle,
    Owner,
    System,
    Tag,
}

/// <summary>What somebody wants to see. Several values of one facet: any of them.</summary>
public sealed record CatalogueQuestion
{
    public CatalogueView View { get; init; }

    /// <summary>Words; null or blank is everything.</summary>
    public string? Text { get; init; }

    /// <summary>Owners and systems are refs.</summary>
    public IReadOnlyDictionary<CatalogueFacet, IReadOnlyList<string>> Chosen { get; init; } = new Dictionary<CatalogueFacet, IReadOnlyList<string>>();

    /// <summary>Null is by name, or, when there is a text, by how well it fits.</summary>
    public CatalogueFacet? Order { get; init; }

    /// <summary>By name, also when there is a text.</summary>
    public bool ByName { get; init; }

    public bool Descending { get; init; }

    /// <summary>From 0.</summary>
    public int Skip { get; init; }

    public int Limit { get; init; } = 50;
}

/// <param name="Total">All that match.</param>
/// <param name="Facets">Values by how often they occur; those of a facet that is chosen are counted as if it were not.</param>
public sealed record CataloguePage(IReadOnlyList<Entity> Items, int Total, IReadOnlyDictionary<CatalogueFacet, IReadOnlyList<FacetValue>> Facets)
{
    /// <summary>Nothing has the words; these have words like them.</summary>
    public bool Similar { get; init; }

    /// <summary>More fit the words than are counted; these are the best.</summary>
    public bool OnlyBest { get; init; }
}

public sealed record FacetValue(string Value, int Count);

/// <summary>Where an entity comes from.</summary>
/// <param name="File">The address of its file; null for a Location that somebody registered.</param>
/// <param name="Location">The Location that the file was read for.</param>
/// <param name="Phase"><c>Ready</c>, <c>Incomplete</c> or <c>Failed</c>; null when it was not read yet.</param>
/// <param name="Message">What came of the last reading, in one sentence.</param>
/// <param name="Problems">Those of this file; for a Location, all of them.</param>
public sealed record EntitySource(string? File, EntityRef Location, string? Phase, string? Message, IReadOnlyList<Problem> Problems);
