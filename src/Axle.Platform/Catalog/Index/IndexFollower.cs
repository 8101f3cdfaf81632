using Axle.Contracts;
using Axle.Entities;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// Keeps an index in memory at what the store says: everything at the start, then each change. Whoever asks the index waits in
/// <see cref="CaughtUpAsync"/> first, and so reads what was acknowledged before.
/// </summary>
internal abstract partial class IndexFollower(IEntityStore store, IHostApplicationLifetime life, ILogger log) : BackgroundService
{
    private const int BatchMax = 500;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = log;

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

    /// <summary>Takes in all that is there.</summary>
    protected abstract Task FillAsync(CancellationToken stop);

    /// <summary>Whether entities of a kind are in the index.</summary>
    /// <param name="kind">In lower case.</param>
    protected abstract bool Has(string kind);

    /// <summary>Takes in the newest state of what changed; each is named once.</summary>
    protected abstract void Take(IReadOnlyList<Entity> there, IReadOnlyList<EntityRef> gone);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Filling takes all processors for a while: everything else starts first.
        var started = Fresh();
        await using var registration = life.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var revision = store.Revision;
                await FillAsync(stoppingToken);
                Reached(revision);
                await FollowAsync(revision, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Everybody who asks waits for this loop: whatever it trips over, it begins again with all that is there.
                LogBroken(e);
                await Task.Delay(s_patience, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(long revision, CancellationToken stoppingToken)
    {
        var batch = new List<Change>(BatchMax);
        await using var changes = store.WatchAsync(revision, stoppingToken).GetAsyncEnumerator(stoppingToken);
        for (var more = changes.MoveNextAsync(); await more;)
        {
            // Changes that are there already are taken together.
            batch.Add(changes.Current);
            more = changes.MoveNextAsync();
            if (batch.Count == BatchMax || !more.IsCompletedSuccessfully)
            {
                Take(batch);
                Reached(batch[^1].Revision);
                batch.Clear();
            }
        }
    }

    private void Take(List<Change> batch)
    {
        // The newest state is taken, whichever change told of it. A status is not searched.
        var (there, gone) = (new List<Entity>(batch.Count), new List<EntityRef>());
        foreach (var which in batch.Where(change => change.Verb != "status" && Has(change.Ref.Kind)).Select(change => change.Ref).Distinct())
        {
            if (store.Find(which) is { } entity)
            {
                there.Add(entity);
            }
            else
            {
                gone.Add(which);
            }
        }

        if (there.Count + gone.Count == 0)
        {
            return;
        }

        try
        {
            Take(there, gone);
        }
        catch (Exception) when (there.Count + gone.Count > 1)
        {
            // One of them keeps no other out.
            there.ForEach(entity => TakeAlone([entity], [], entity.Ref));
            gone.ForEach(which => TakeAlone([], [which], which));
        }
        catch (Exception e)
        {
            LogLeftOut(e, there.Count > 0 ? there[0].Ref : gone[0]);
        }
    }

    private void TakeAlone(IReadOnlyList<Entity> there, IReadOnlyList<EntityRef> gone, EntityRef which)
    {
        try
        {
            Take(there, gone);
        }
        catch (Exception e)
        {
            LogLeftOut(e, which);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Following the log broke off; the index begins again with all that is there")]
    private partial void LogBroken(Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Which} cannot be found by its values: the index does not take it in")]
    private partial void LogLeftOut(Exception e, EntityRef which);

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
