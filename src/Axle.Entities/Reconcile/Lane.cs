using Axle.Contracts;
using Microsoft.Extensions.Logging;

namespace Axle.Entities.Reconcile;

/// <summary>
/// One reconciler and its keys: when each is due, which run now. Runs for one key are serial; a wake during a run means one
/// more run after it. One timer serves all keys.
/// </summary>
internal sealed class Lane : IAsyncDisposable
{
    private readonly IReconciler _reconciler;
    private readonly IEntityStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly int _parallelMax;
    private readonly HashSet<string> _kinds;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityRef, Key> _keys = [];
    private readonly PriorityQueue<(Key Key, DateTimeOffset Due), DateTimeOffset> _due = new();
    private readonly HashSet<Task> _running = [];
    private readonly ITimer _timer;
    private bool _stopped;

    public Lane(IReconciler reconciler, IEntityStore store, TimeProvider clock, ILogger log, int parallelMax)
    {
        (_reconciler, _store, _clock, _log, _parallelMax) = (reconciler, store, clock, log, parallelMax);
        (Kinds, _kinds) = (reconciler.Kinds, reconciler.Kinds.ToHashSet(StringComparer.OrdinalIgnoreCase));
        Actor = $"system:{reconciler.Name}";
        _timer = clock.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Actor { get; }

    public string Name => _reconciler.Name;

    public IReadOnlyList<string> Kinds { get; }

    public IReadOnlyList<string> KindsAtStart => _reconciler.KindsAtStart;

    public bool Has(string kind) => _kinds.Contains(kind);

    /// <summary>Asks for a look at each key that this change concerns.</summary>
    public void Wake(Change change)
    {
        try
        {
            foreach (var which in _reconciler.KeysFor(change))
            {
                Wake(which, own: change.Actor == Actor);
            }
        }
        catch (Exception e)
        {
            // The feed serves every reconciler; one that cannot say what a change concerns must not stop the others.
            _log.LogError(e, "{Reconciler} failed to name the keys of revision {Revision} ({Entity}); they wait for their resync", Name, change.Revision, change.Ref);
        }
    }

    /// <param name="which">The key.</param>
    /// <param name="own">
    /// The reconciler's own write woke it. A key that fails after each write must still wait out its backoff, or it would run
    /// without a pause.
    /// </param>
    public void Wake(EntityRef which, bool own)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            if (!_keys.TryGetValue(which, out var key))
            {
                _keys.Add(which, key = new Key(which));
            }

            if (key.Running)
            {
                key.Dirty = key.Dirty == Dirt.Foreign || !own ? Dirt.Foreign : Dirt.Own;
            }
            else if (!own || key.Failures == 0)
            {
                Schedule(key, _clock.GetUtcNow());
            }
        }

        Pump();
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
        {
            _stopped = true;
            running = [.. _running];
        }

        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(running);
        _stop.Dispose();
    }

    /// <summary>Starts what is due, as far as there is room, and sets the timer for the next.</summary>
    private void Pump()
    {
        lock (_gate)
        {
            var now = _clock.GetUtcNow();
            while (!_stopped && _running.Count < _parallelMax && _due.TryPeek(out var first, out _) && (first.Due <= now || first.Key.Due != first.Due))
            {
                _due.Dequeue();
                var key = first.Key;

                // Rescheduled or started since: this entry is an old one.
                if (key.Due == first.Due && !key.Running)
                {
                    (key.Due, key.Running, key.Dirty) = (null, true, Dirt.None);
                    Start(key);
                }
            }

            if (!_stopped && _running.Count < _parallelMax && _due.TryPeek(out var next, out _))
            {
                var wait = next.Due - now;
                _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Start(Key key)
    {
        var run = new Task<Task>(() => RunAsync(key));
        var whole = run.Unwrap();
        _running.Add(whole);
        run.Start(TaskScheduler.Default);
        _ = whole.ContinueWith(
            done =>
            {
                lock (_gate)
                {
                    _running.Remove(done);
                }

                Pump();
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    private async Task RunAsync(Key key)
    {
        TimeSpan? next;
        var failed = false;
        try
        {
            var again = await _reconciler.ReconcileAsync(key.Which, _stop.Token);
            if (key.Failures > 0)
            {
                _log.LogInformation("{Reconciler} is through with {Entity} after {Failures} failures", Name, key.Which, key.Failures);
            }

            key.Failures = 0;
            next = Next(key, again);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            failed = true;
            var now = _clock.GetUtcNow();
            key.FailingSince = key.Failures++ == 0 ? now : key.FailingSince;
            next = Backoff.After(key.Failures, now - key.FailingSince, Random.Shared.NextDouble());
            _log.LogWarning(
                e,
                "{Reconciler} failed on {Entity} (Reconciled=False), {Failures} in a row; tried again in {Seconds:F1} s",
                Name, key.Which, key.Failures, next.Value.TotalSeconds);
        }

        lock (_gate)
        {
            key.Running = false;
            var again = key.Dirty == Dirt.Foreign || (key.Dirty == Dirt.Own && !failed);
            if (_stopped)
            {
                return;
            }

            if (again)
            {
                Schedule(key, _clock.GetUtcNow());
            }
            else if (next is { } wait)
            {
                Schedule(key, _clock.GetUtcNow() + wait);
            }
            else
            {
                _keys.Remove(key.Which);
            }
        }
    }

    /// <summary>What is asked for, at the latest the resync; null forgets a key whose entity is gone and that asks for nothing.</summary>
    private TimeSpan? Next(Key key, Again again)
    {
        if (again.After is null && _store.Find(key.Which) is null)
        {
            return null;
        }

        // Up to a tenth earlier, so that keys that began together do not come due together for ever.
        var resync = _reconciler.Resync * (1 - (Random.Shared.NextDouble() / 10));
        return again.After is { } after && after < resync ? after : resync;
    }

    /// <summary>The earlier of two wishes counts.</summary>
    private void Schedule(Key key, DateTimeOffset due)
    {
        if (key.Due is null || due < key.Due)
        {
            key.Due = due;
            _due.Enqueue((key, due), due);
        }
    }

    private enum Dirt
    {
        None,
        Own,
        Foreign,
    }

    private sealed class Key(EntityRef which)
    {
        public EntityRef Which { get; } = which;

        public DateTimeOffset? Due { get; set; }

        public bool Running { get; set; }

        /// <summary>Woken during the run, and by whom.</summary>
        public Dirt Dirty { get; set; }

        public int Failures { get; set; }

        public DateTimeOffset FailingSince { get; set; }
    }
}
