using Axle.Contracts;

namespace Axle.Entities.Reconcile;

/// <summary>
/// Keys woken from outside the log, until the loop takes them. Knows nothing of reconcilers, so that they can have it
/// injected. Bounded by the number of different keys.
/// </summary>
internal sealed class ReconcileQueue : IReconcileQueue
{
    private readonly Lock _gate = new();
    private HashSet<EntityRef> _keys = [];
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Wake(EntityRef which)
    {
        lock (_gate)
        {
            _keys.Add(which);
            _signal.TrySetResult();
        }
    }

    /// <summary>Waits until there are keys and takes them all.</summary>
    public async Task<IReadOnlyCollection<EntityRef>> TakeAsync(CancellationToken stop)
    {
        await _signal.Task.WaitAsync(stop);
        lock (_gate)
        {
            var taken = _keys;
            _keys = [];
            _signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return taken;
        }
    }
}
