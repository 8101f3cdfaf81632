using Axle.Contracts;
using Axle.Entities;
using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Catalog.Search;

/// <summary>
/// Keeps the search index at what the store says: everything at the start, then each change. What only the platform writes
/// (builds, releases, deployments, claims, secrets) is not in it: there are thousands, and each shows on a page of its own.
/// </summary>
internal sealed class SearchIndexing(IEntityStore store, SearchIndex index, EntityKinds kinds) : BackgroundService
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _moved = Fresh();
    private long _revision = -1;

    /// <summary>Waits until the index has everything that the store had acknowledged when this was called.</summary>
    public async ValueTask CaughtUpAsync(CancellationToken stop)
    {
        for (var wanted = store.Revision; Volatile.Read(ref _revision) < wanted;)
        {
            Task moved;
            lock (_gate)
            {
                moved = _revision < wanted ? _moved.Task : Task.CompletedTask;
            }

            await moved.WaitAsync(stop);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var revision = store.Revision;
        foreach (var kind in kinds.All.Where(kind => !kind.Internal))
        {
            stoppingToken.ThrowIfCancellationRequested();
            index.Put(store.Query(new EntityQuery { Kinds = [kind.Name], All = true }).Items);
        }

        Reached(revision);
        await foreach (var change in store.WatchAsync(revision, stoppingToken))
        {
            // A status is not searched.
            if (change.Verb != "status" && kinds.Find(change.Ref.Kind) is { Internal: false })
            {
                Take(change.Ref);
            }

            Reached(change.Revision);
        }
    }

    private void Take(EntityRef which)
    {
        // The newest state is taken, whichever change told of it.
        if (store.Find(which) is { } entity)
        {
            index.Put([entity]);
        }
        else
        {
            index.Remove(which);
        }
    }

    private void Reached(long revision)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            Volatile.Write(ref _revision, revision);
            (waiting, _moved) = (_moved, Fresh());
        }

        waiting.SetResult();
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
