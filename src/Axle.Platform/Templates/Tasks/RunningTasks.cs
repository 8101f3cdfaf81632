using System.Collections.Concurrent;
using Axle.Contracts;

namespace Axle.Platform.Templates.Tasks;

/// <summary>The tasks that this process runs now: how many there may be, and how to end one.</summary>
internal sealed class RunningTasks : IDisposable
{
    private readonly ConcurrentDictionary<EntityRef, CancellationTokenSource> _running = new();
    private readonly SemaphoreSlim _turn = new(1);
    private int _count;

    public void Dispose() => _turn.Dispose();

    /// <summary>A place for a task; null when all are taken.</summary>
    public Place? Take(EntityRef task, int most)
    {
        if (Interlocked.Increment(ref _count) > most)
        {
            Interlocked.Decrement(ref _count);
            return null;
        }

        return new Place(this, task);
    }

    /// <summary>For what must not happen between each other: tidying up after a task that ended, and beginning it again.</summary>
    public async Task<IDisposable> TurnAsync(CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        return new Turn(_turn);
    }

    /// <summary>Ends what the task does at this moment; what becomes of it, the reconciler says.</summary>
    public void Cancel(EntityRef task)
    {
        if (_running.TryGetValue(task, out var source))
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself.
            }
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    internal sealed class Place : IDisposable
    {
        private readonly RunningTasks _all;
        private readonly EntityRef _task;
        private readonly CancellationTokenSource _cancelled = new();

        public Place(RunningTasks all, EntityRef task)
        {
            (_all, _task) = (all, task);
            all._running[task] = _cancelled;
        }

        public CancellationToken Cancelled => _cancelled.Token;

        public void Cancel() => _cancelled.Cancel();

        public void Dispose()
        {
            _all._running.TryRemove(_task, out _);
            Interlocked.Decrement(ref _all._count);
            _cancelled.Dispose();
        }
    }
}
