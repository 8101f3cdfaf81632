using Axle.Platform.Catalog.Search;
using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// Gives back, once, the memory that reading and indexing everything needed at the start: several times what stays. The collector
/// itself would keep it for a load that does not come again.
/// </summary>
internal sealed class StartCompaction(CatalogIndexing columns, SearchIndexing search) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await columns.CaughtUpAsync(stoppingToken);
        await search.CaughtUpAsync(stoppingToken);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
