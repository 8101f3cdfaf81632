using Axle.Contracts;

namespace Axle.Entities.Store;

/// <summary>The newest changes, in a ring: watchers that keep up read here, all others read the log. Never grows.</summary>
internal sealed class Tail(int capacity)
{
    private readonly Change[] _ring = new Change[capacity];
    private readonly Lock _gate = new();
    private long _newest;
    private long _oldest = 1;
    private TaskCompletionSource _next = Fresh();

    /// <summary>Starts behind what the log has already.</summary>
    public void Begin(long newest) => (_newest, _oldest) = (newest, newest + 1);

    /// <summary>Adds changes and wakes every watcher.</summary>
    public void Add(IReadOnlyList<Change> changes)
    {
        TaskCompletionSource waiting;
        lock (_gate)
        {
            foreach (var change in changes)
            {
                _ring[change.Revision % capacity] = change;
            }

            _newest = changes[^1].Revision;
            _oldest = Math.Max(_oldest, _newest - capacity + 1);
            (waiting, _next) = (_next, Fresh());
        }

        waiting.SetResult();
    }

    /// <summary>
    /// Changes after a revision; null when the ring has lost some of them. When there are none yet, the task to wait for: it was
    /// taken under the same lock, so nothing can come between the look and the wait.
    /// </summary>
    public (Change[]? Changes, Task Next) After(long revision, int max)
    {
        lock (_gate)
        {
            if (revision + 1 < _oldest)
            {
                return (null, _next.Task);
            }

            var found = new Change[Math.Clamp(_newest - revision, 0, max)];
            for (var i = 0; i < found.Length; i++)
            {
                found[i] = _ring[(revision + 1 + i) % capacity];
            }

            return (found, _next.Task);
        }
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
