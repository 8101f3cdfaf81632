using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Index;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Catalog.Search;

/// <summary>
/// Keeps the search index at what the store says. What only the platform writes (builds, releases, deployments, claims, secrets)
/// is not in it: there are thousands, and each shows on a page of its own.
/// </summary>
internal sealed class SearchIndexing(IEntityStore store, SearchIndex index, EntityKinds kinds, CatalogIndexing columns, IHostApplicationLifetime life, ILogger<SearchIndexing> log) : IndexFollower(store, life, log)
{
    private readonly IEntityStore _store = store;

    protected override bool Has(string kind) => kinds.Find(kind) is { Internal: false };

    protected override async Task FillAsync(CancellationToken stop)
    {
        // Nearly every page and tool asks the columns; so they come first.
        await columns.CaughtUpAsync(stop);
        foreach (var kind in kinds.All.Where(kind => !kind.Internal))
        {
            stop.ThrowIfCancellationRequested();
            index.Put(_store.ReadAll(new EntityQuery { Kinds = [kind.Name] }, declared: true));
        }
    }

    protected override void Take(IReadOnlyList<Entity> there, IReadOnlyList<EntityRef> gone)
    {
        index.Put(there);
        foreach (var which in gone)
        {
            index.Remove(which);
        }
    }
}
