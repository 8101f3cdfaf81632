using Axle.Contracts;
using Axle.Entities;
using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Catalog.Index;

/// <summary>Keeps the index at what the store says: everything at the start, then each change.</summary>
internal sealed class CatalogIndexing(IEntityStore store, CatalogIndex index) : BackgroundService
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
        index.Put(store.Query(new EntityQuery { Kinds = CatalogView.Kinds, All = true }).Items.Select(CatalogView.Of));
        index.Trim();
        Reached(revision);
        await foreach (var change in store.WatchAsync(revision, stoppingToken))
        {
            // A status is not searched.
            if (CatalogView.Shows(change.Ref.Kind) && change.Verb != "status")
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
            index.Put([CatalogView.Of(entity)]);
            return;
        }

        var declared = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        index.Remove(which, (from, type) => (declared.TryGetValue(type, out var known) ? known : declared[type] = Declaring(type, which)).Contains(from));
    }

    /// <summary>Who declares a relation to an entity by itself; the entity may be gone.</summary>
    private HashSet<string> Declaring(string type, EntityRef target) =>
        [.. store.Query(new EntityQuery { Related = [new Relation(type, target)], All = true }).Items.Select(entity => entity.Ref.ToString())];

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
