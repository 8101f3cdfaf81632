using Axle.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Axle.Entities.Reconcile;

/// <summary>
/// Runs every reconciler: all existing keys at start, then what the change log and the queue name. A lost feed is answered
/// with a look at everything, so no change is missed.
/// </summary>
internal sealed class ReconcileLoop(
    IEnumerable<IReconciler> reconcilers,
    IEntityStore store,
    ReconcileQueue queue,
    TimeProvider clock,
    ILogger<ReconcileLoop> log) : BackgroundService
{
    /// <summary>Keys of one reconciler that are looked at side by side.</summary>
    public const int ParallelMax = 16;

    private static readonly TimeSpan s_feedAgain = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lanes = reconcilers.Select(reconciler => new Lane(reconciler, store, clock, log, ParallelMax)).ToArray();
        try
        {
            await Task.WhenAll(FollowAsync(lanes, stoppingToken), TakeAsync(lanes, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            await Task.WhenAll(lanes.Select(lane => lane.DisposeAsync().AsTask()));
        }
    }

    private async Task FollowAsync(Lane[] lanes, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                // The revision first: what changes while everything is woken comes again by the watch.
                var from = store.Revision;
                WakeAll(lanes);
                await foreach (var change in store.WatchAsync(from, stop))
                {
                    foreach (var lane in lanes.Where(lane => lane.Has(change.Ref.Kind)))
                    {
                        lane.Wake(change);
                    }
                }
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                log.LogError(e, "The change log cannot be followed; everything is looked at again in {Seconds} s", s_feedAgain.TotalSeconds);
                await Task.Delay(s_feedAgain, clock, stop);
            }
        }
    }

    private void WakeAll(Lane[] lanes)
    {
        foreach (var lane in lanes)
        {
            foreach (var entity in store.ReadAll(new EntityQuery { Kinds = lane.KindsAtStart }, declared: true))
            {
                // As if it had changed, so that a reconciler that maps changes to other keys gets those.
                var metadata = entity.Metadata;
                lane.Wake(new Change(metadata.Revision, metadata.UpdatedAt ?? clock.GetUtcNow(), "system:start", "update", entity.Ref, entity));
            }
        }
    }

    private async Task TakeAsync(Lane[] lanes, CancellationToken stop)
    {
        while (true)
        {
            foreach (var which in await queue.TakeAsync(stop))
            {
                foreach (var lane in lanes.Where(lane => lane.Has(which.Kind)))
                {
                    lane.Wake(which, own: false);
                }
            }
        }
    }
}
