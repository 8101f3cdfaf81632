using Axle.Agent.Runs;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>
/// Brings one workload to what is wanted, and keeps it there. A loop: take in what happened (<see cref="Intake"/>,
/// <see cref="CronRuns"/>), ask <see cref="Decision"/>, do it (<see cref="RolloutActs"/>, <see cref="InstanceActs"/>), write it down
/// (<see cref="WorkloadLedger"/>). Each act is written before it is done, so that it can be done again by a successor.
/// </summary>
internal sealed class WorkloadController : IAsyncDisposable
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_afterTrouble = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_goneYet = TimeSpan.FromMilliseconds(50);
    private readonly WorkloadParts _parts;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _wake = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly WorkloadLedger _ledger;
    private readonly WorkloadRuns _runs;
    private readonly Probers _probers;
    private readonly WorkloadTraffic _traffic;
    private readonly RolloutActs _rollout;
    private readonly InstanceActs _instances;
    private readonly Intake _intake;
    private readonly CronRuns _crons;
    private readonly WorkloadEnd _end;
    private Task _loop = Task.CompletedTask;

    public WorkloadController(WorkloadRecord record, WorkloadParts parts)
    {
        _parts = parts;
        _logger = parts.Loggers.CreateLogger("Axle.Agent.Workload");
        _ledger = new WorkloadLedger(record, parts);
        _runs = new WorkloadRuns(_ledger, parts.Runner, parts.ContainerRuns, Wake);
        _probers = new Probers(_ledger, parts.Runner, parts.Clock, Wake);
        _traffic = new WorkloadTraffic(_ledger, parts.Ingress, _logger, Wake, _stop.Token);
        _rollout = new RolloutActs(_ledger, _runs, _probers, _traffic, parts);
        _instances = new InstanceActs(_ledger, _runs, _probers, _traffic, parts.Ports);
        _intake = new Intake(_ledger, _runs, _probers, _traffic, _rollout);
        _crons = new CronRuns(_ledger, _runs, parts.Hub);
        _end = new WorkloadEnd(_ledger, _runs, _traffic, parts);
        foreach (var port in record.Instances.SelectMany(instance => instance.Ports.Values))
        {
            parts.Ports.Keep(port);
        }
    }

    /// <summary>Runs of this workload; all others are orphans.</summary>
    public IEnumerable<string> ClaimedRuns() => _runs.Claimed();

    /// <summary>Restores what a restart of the agent has interrupted: routes first, then the loop.</summary>
    public void Open()
    {
        // Time without an agent does not count against those that start.
        if (_ledger.Record.Rollout.Stage == Stage.Start)
        {
            _ledger.Assume(_ledger.Record with { Rollout = _ledger.Record.Rollout with { InstancesFrom = _ledger.Now } });
        }

        _traffic.Apply();
        _loop = LoopAsync();
    }

    public async Task ApplyAsync(WorkloadSpec spec, CancellationToken stop)
    {
        await _gate.WaitAsync(stop);
        try
        {
            var was = _ledger.Record;
            _ledger.Save(Wishes.Apply(was, spec, _ledger.Now));
            if (was.Rollout.ReleaseRun is { } release && _ledger.Record.Rollout.ReleaseRun != release)
            {
                _runs.End(release);
            }
        }
        finally
        {
            _gate.Release();
        }

        Wake();
    }

    public async Task CancelRolloutAsync(CancellationToken stop)
    {
        await _gate.WaitAsync(stop);
        try
        {
            if (_ledger.Record.Rollout.Stage is Stage.Release or Stage.Start)
            {
                _rollout.Fail(new RolloutFailure("Cancelled", "The rollout was cancelled; what served before goes on serving.", null, null, null, []));
            }
        }
        finally
        {
            _gate.Release();
        }

        Wake();
    }

    /// <summary>Stops everything and forgets the workload.</summary>
    public async Task RemoveAsync(CancellationToken stop)
    {
        var wanted = _ledger.Record.Wanted;
        await ApplyAsync(wanted with { Stopped = true }, stop);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromSeconds(wanted.DrainTimeoutSeconds + wanted.StopTimeoutSeconds + 10));
        try
        {
            while (_ledger.Record.Instances.Count > 0)
            {
                await Task.Delay(s_goneYet, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // What is left is killed below.
        }

        await DisposeAsync();
        await _end.RemoveAsync();
    }

    /// <summary>Ends the instances while the wish stays: the agent's next start brings them back.</summary>
    public async Task SuspendAsync(CancellationToken stop)
    {
        await DisposeAsync();
        await _end.SuspendAsync(stop);
    }

    public WorkloadStatus Status() => WorkloadView.Of(_ledger.Record, _ledger.Hidden, _parts);

    /// <summary>Whether it has, or asks for, this lasting volume.</summary>
    public bool Mounts(string volume) => _ledger.Record is var record && new[] { record.Wanted, record.Serving }.OfType<WorkloadSpec>()
        .SelectMany(spec => spec.Groups).SelectMany(group => group.Containers).SelectMany(container => container.Volumes).Any(one => one.Volume == volume);

    /// <summary>A run to enter: of this instance and container, or of a ready one.</summary>
    public Run? RunFor(string? instance, string? container)
    {
        var found = _ledger.Record.Instances
            .Where(candidate => instance is null ? candidate.State == InstanceState.Ready : candidate.Id == instance)
            .SelectMany(candidate => candidate.Containers)
            .FirstOrDefault(candidate => candidate is { Run: not null, Exit: null } && (container is null || candidate.Name == container));
        return found is null ? null : _runs.Find(found.Run!);
    }

    /// <summary>Why <see cref="RunFor"/> finds nothing, for people.</summary>
    public string WhyNoRun(string? instance, string? container) => WorkloadView.WhyNoRun(_ledger.Record, instance, container);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _probers.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            DateTimeOffset? until;
            try
            {
                until = await TurnAsync();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                // A full disk, a machine out of ports, or a mistake of ours: nothing is lost, the next turn tries the same again, and
                // a workload must never be left without care.
                _logger.LogError(e, "The workload {Workload} cannot go on at the moment", _ledger.Id);
                until = _ledger.Now + s_afterTrouble;
            }

            var pause = until is { } time ? time - _ledger.Now : s_lookAgain;
            if (pause > TimeSpan.Zero)
            {
                try
                {
                    await WaitAsync(pause < s_lookAgain ? pause : s_lookAgain);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private async Task WaitAsync(TimeSpan pause)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var woken = _wake.WaitAsync(timer.Token);
        await Task.WhenAny(woken, Task.Delay(pause, _parts.Clock, timer.Token));
        await timer.CancelAsync();
        _stop.Token.ThrowIfCancellationRequested();
    }

    /// <summary>One step; returns when the next is due.</summary>
    private async Task<DateTimeOffset?> TurnAsync()
    {
        await _gate.WaitAsync(_stop.Token);
        try
        {
            _intake.TakeIn();
            var cronAgain = _crons.Turn();
            var step = Decision.Next(_ledger.Record, _intake.Sights(), _runs.ExitOf(_ledger.Record.Rollout.ReleaseRun), _ledger.Now);
            if (step is Step.Wait wait)
            {
                return wait.Until is { } one && cronAgain is { } two ? (one < two ? one : two) : wait.Until ?? cronAgain;
            }

            Act(step);
            return _ledger.Now;
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Act(Step step)
    {
        var now = _ledger.Now;
        switch (step)
        {
            case Step.RunRelease: _rollout.RunRelease(now); break;
            case Step.BeginStart: _rollout.BeginStart(now); break;
            case Step.Promote: _rollout.Promote(now); break;
            case Step.Fail fail: _rollout.Fail(fail, now); break;
            case Step.AddInstance add: _instances.Add(add, now); break;
            case Step.StartContainer start: _instances.StartContainer(start, now); break;
            case Step.MarkReady mark: _instances.MarkReady(mark, now); break;
            case Step.MarkCrashed crash: _instances.MarkCrashed(crash, now); break;
            case Step.Restart restart: _instances.Restart(restart, now); break;
            case Step.Drain drain: _instances.Drain(drain, now); break;
            case Step.Stop end: _instances.Stop(end, now); break;
            case Step.Kill kill: _instances.Kill(kill); break;
            case Step.Forget forget: _instances.Forget(forget, now); break;
        }

        _parts.Hub.Changed(_ledger.Id);
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Two woke it at once.
        }
    }
}
