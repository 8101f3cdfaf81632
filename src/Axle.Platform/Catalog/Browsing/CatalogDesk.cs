using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Index;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Catalog.Search;
using Axle.Platform.Ownership;

namespace Axle.Platform.Catalog.Browsing;

/// <summary>Pages of the catalogue from the column index; words from the search index.</summary>
internal sealed class CatalogDesk(IEntityStore store, CatalogIndex index, CatalogIndexing indexing, SearchIndex search, SearchIndexing searching, LocationService locations, Starring stars) : ICatalogDesk
{
    /// <summary>Of what fits some words only the best so many are shown and counted; nobody leafs further.</summary>
    private const int FoundMax = 1000;

    private const int LimitMax = 200;
    private const string Name = "metadata.name";
    private const string Uid = "metadata.uid";

    private static readonly IReadOnlySet<string> s_kinds = CatalogView.Kinds.Select(kind => kind.ToLowerInvariant()).ToHashSet();

    private static readonly Dictionary<CatalogueFacet, string> s_paths = new()
    {
        [CatalogueFacet.Kind] = "kind",
        [CatalogueFacet.Type] = "spec.type",
        [CatalogueFacet.Lifecycle] = "spec.lifecycle",
        [CatalogueFacet.Owner] = SearchRows.PathOf("ownedBy"),
        [CatalogueFacet.System] = SearchRows.PathOf("partOf"),
        [CatalogueFacet.Tag] = "metadata.tags",
    };

    public IReadOnlyList<string> Kinds => CatalogView.Kinds;

    public async ValueTask<CataloguePage> BrowseAsync(CatalogueQuestion question, Caller caller, CancellationToken stop)
    {
        await indexing.CaughtUpAsync(stop);

        // 1. Whose, and which words.
        var always = new List<EntityFilter>();
        if (question.View == CatalogueView.Mine)
        {
            always.Add(new EntityFilter.In(s_paths[CatalogueFacet.Owner], [caller.User.ToString(), .. caller.Groups.Select(group => group.ToString())]));
        }
        else if (question.View == CatalogueView.Starred)
        {
            always.Add(new EntityFilter.In(Uid, [.. Uids(stars.Of(caller))]));
        }

        SearchResult? found = null;
        if (!string.IsNullOrWhiteSpace(question.Text))
        {
            await searching.CaughtUpAsync(stop);
            found = search.Find(question.Text, s_kinds, FoundMax);
            always.Add(new EntityFilter.In(Uid, [.. Uids(found.Best.Select(one => EntityRef.Parse(one.Key)))]));
        }

        // 2. The page, and what it could be narrowed to.
        var filter = Filter(always, question, except: null);
        var (items, total) = found is not null && question.Order is null && !question.ByName
            ? ByFit(found, filter, question)
            : ByOrder(filter, question);
        return new CataloguePage([.. items.Select(key => store.Find(EntityRef.Parse(key))).OfType<Entity>()], total, Facets(always, filter, question))
        {
            Similar = found is { Best: [{ Match: SearchMatch.Similar }, ..] },
            OnlyBest = found?.Total > FoundMax,
        };
    }

    public EntitySource? SourceOf(Entity entity)
    {
        var location = entity.Kind == Contracts.Kinds.Location ? entity : Managed.LocationOf(entity) is { } by ? store.Find(by) : null;
        if (location is null)
        {
            return null;
        }

        var status = location.Status.ValueKind == JsonValueKind.Object ? location.Status.Deserialize<LocationStatus>(EntityJson.Options) : null;
        var file = Managed.LocationOf(entity) is null ? null : Managed.FileOf(entity);
        var problems = status?.Problems ?? [];
        return new EntitySource(file, location.Ref, status?.Phase, status?.Message, [.. problems.Where(problem => location == entity || problem.File == file)]);
    }

    public bool Refresh(Entity entity)
    {
        if (SourceOf(entity) is not { } source || store.Find(source.Location) is not { } location)
        {
            return false;
        }

        locations.Refresh(location);
        return true;
    }

    public IReadOnlyList<EntityRef> Starred(Caller caller) => stars.Of(caller);

    public Task<Result<bool>> StarAsync(EntityRef which, bool on, Caller caller, CancellationToken stop) => stars.PutAsync(which, on, caller, stop);

    private (IReadOnlyList<string> Keys, int Total) ByFit(SearchResult found, EntityFilter? filter, CatalogueQuestion question)
    {
        string[] refs = [.. found.Best.Select(one => one.Key)];
        var matching = filter is null ? [.. refs] : index.Matching(refs, filter);
        return ([.. refs.Where(matching.Contains).Skip(question.Skip).Take(Limit(question))], matching.Count);
    }

    /// <summary>By one value, and behind them those that have none.</summary>
    private (IReadOnlyList<string> Keys, int Total) ByOrder(EntityFilter? filter, CatalogueQuestion question)
    {
        var (skip, limit) = (Math.Max(0, question.Skip), Limit(question));
        var path = question.Order is { } by ? s_paths[by] : Name;
        var having = index.Find(new IndexQuery(filter, new EntityOrder(path, question.Descending)) { Skip = skip, Limit = limit });
        if (path == Name)
        {
            return ([.. having.Items.Select(item => item.Key)], having.Total);
        }

        var without = new EntityFilter.Not(new EntityFilter.Exists(path));
        var rest = index.Find(new IndexQuery(filter is null ? without : EntityFilter.AllOf([filter, without]), new EntityOrder(Name, false))
        {
            Skip = Math.Max(0, skip - having.Total),
            Limit = limit - having.Items.Count,
        });
        return ([.. having.Items.Concat(rest.Items).Select(item => item.Key)], having.Total + rest.Total);
    }

    private Dictionary<CatalogueFacet, IReadOnlyList<FacetValue>> Facets(List<EntityFilter> always, EntityFilter? filter, CatalogueQuestion question)
    {
        var facets = new Dictionary<CatalogueFacet, IReadOnlyList<FacetValue>>();

        // All that nothing is chosen of count among the same entities, so they are counted together.
        CatalogueFacet[] together = [.. s_paths.Keys.Where(facet => !IsChosen(question, facet))];
        foreach (var (facet, counts) in together.Zip(index.Facets([.. together.Select(facet => s_paths[facet])], filter)))
        {
            facets[facet] = Values(facet, counts);
        }

        foreach (var facet in s_paths.Keys.Except(together))
        {
            facets[facet] = Values(facet, index.Facets([s_paths[facet]], Filter(always, question, except: facet))[0]);
        }

        return facets;
    }

    private static FacetValue[] Values(CatalogueFacet facet, IReadOnlyList<(string Value, int Count)> counts) =>
    [
        .. counts

            // A component can also be a part of another one.
            .Where(one => facet != CatalogueFacet.System || one.Value.StartsWith("system:", StringComparison.Ordinal))
            .GroupBy(one => one.Value, StringComparer.OrdinalIgnoreCase)
            .Select(same => new FacetValue(same.First().Value, same.Sum(one => one.Count)))
            .OrderByDescending(one => one.Count)
            .ThenBy(one => one.Value, StringComparer.OrdinalIgnoreCase),
    ];

    private static EntityFilter? Filter(List<EntityFilter> always, CatalogueQuestion question, CatalogueFacet? except)
    {
        List<EntityFilter> all = [.. always];
        foreach (var (facet, values) in question.Chosen)
        {
            if (facet != except && values.Count > 0)
            {
                all.Add(new EntityFilter.In(s_paths[facet], [.. values.Select(value => value.ToLowerInvariant())]));
            }
        }

        return all.Count == 0 ? null : EntityFilter.AllOf(all);
    }

    private static bool IsChosen(CatalogueQuestion question, CatalogueFacet facet) => question.Chosen.GetValueOrDefault(facet) is { Count: > 0 };

    private static int Limit(CatalogueQuestion question) => Math.Clamp(question.Limit, 1, LimitMax);

    private IEnumerable<string> Uids(IEnumerable<EntityRef> refs) =>
        refs.Select(store.Find).OfType<Entity>().Select(entity => entity.Metadata.Uid!.ToLowerInvariant());
}
