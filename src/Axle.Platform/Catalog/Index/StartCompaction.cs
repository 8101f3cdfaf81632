using Axle.Platform.Catalog.Search;
using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Catalog.Index;

/// <summary>Gives back the memory that opening the store and indexing everything needed at the start.</summary>
internal sealed class StartCompaction(CatalogIndexing columns, SearchIndexing search) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await columns.CaughtUpAsync(stoppingToken);
        await search.CaughtUpAsync(stoppingToken);
        HeapCompaction.Run();
    }
}
