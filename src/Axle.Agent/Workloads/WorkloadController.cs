using Axle.Agent.Ingress;
using Axle.Agent.Runs;
using Axle.Agent.State;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>
/// Brings one workload to what is wanted, and keeps it there. A loop: take in what happened, ask <see cref="Decision"/>, do it, write it
/// down. Each act is written before it is done, so that it can be done again by a successor.
/// </summary>
internal sealed class WorkloadController : IAsyncDisposable
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_afterTrouble = TimeSpan.FromSeconds(1);
    private readonly WorkloadParts _parts;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _wake = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, Prober> _probers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _drains = new(StringComparer.Ordinal);
    private readonly HashSet<string> _followed = new(StringComparer.Ordinal);
    private RouteTarget? _route;
    private string? _startTrouble;
    private WorkloadRecord _record;
    private Task _loop = Task.CompletedTask;

    public WorkloadController(WorkloadRecord record, WorkloadParts parts)
    {
        _record = record;
        _parts = parts;
        _logger = parts.Loggers.CreateLogger("Axle.Agent.Workload");
        foreach (var port in record.Instances.SelectMany(instance => instance.Ports.Values))
        {
            parts.Ports.Keep(port);
        }
    }

    private string Id => _record.Wanted.Id;

    private DateTimeOffset Now => _parts.Clock.GetUtcNow();

    /// <summary>Runs of this workload; all others are orphans.</summary>
    public IEnumerable<string> ClaimedRuns()
    {
        var record = _record;
        return record.Instances.SelectMany(instance => instance.Containers).Select(container => container.Run)
            .Append(record.Rollout.ReleaseRun)
            .Concat(record.Crons.Values.Select(cron => cron.Run))
            .OfType<string>();
    }

    /// <summary>Restores what a restart of the agent has interrupted: routes first, then the loop.</summary>
    public void Open()
    {
        // Time without an agent does not count against those that start.
        if (_record.Rollout.Stage == Stage.Start)
        {
            _record = _record with { Rollout = _record.Rollout with { InstancesFrom = Now } };
        }

        ApplyRoute();
        _loop = LoopAsync();
    }

    public async Task ApplyAsync(WorkloadSpec spec, CancellationToken stop)
    {
        await _gate.WaitAsync(stop);
        try
        {
            var was = _record;
            Save(Wishes.Apply(was, spec, Now));
            if (was.Rollout.ReleaseRun is { } release && _record.Rollout.ReleaseRun != release)
            {
                EndRun(release);
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
            if (_record.Rollout.Stage is Stage.Release or Stage.Start)
            {
                Fail(new RolloutFailure("Cancelled", "The rollout was cancelled; what served before goes on serving.", null, null, null, []));
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
        await ApplyAsync(_record.Wanted with { Stopped = true }, stop);
        var patience = TimeSpan.FromSeconds(_record.Wanted.DrainTimeoutSeconds + _record.Wanted.StopTimeoutSeconds + 10);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(patience);
        try
        {
            while (_record.Instances.Count > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // What is left is killed below.
        }

        await DisposeAsync();
        _parts.Ingress.Remove(Id);
        foreach (var run in ClaimedRuns().ToList())
        {
            if (_parts.Runner.Find(run) is { } found)
            {
                found.Kill();
                await found.Exited.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
                _parts.Runner.Forget(found);
            }
        }

        _parts.Records.Delete(Id);
        _parts.Logs.Remove(Id);
        if (Directory.Exists(Path.Combine(_parts.Folders.Volumes, Id)))
        {
            Directory.Delete(Path.Combine(_parts.Folders.Volumes, Id), recursive: true);
        }

        _parts.Hub.Changed(Id);
    }

    /// <summary>Ends the instances while the wish stays: the agent's next start brings them back.</summary>
    public async Task SuspendAsync(CancellationToken stop)
    {
        await DisposeAsync();
        var runs = ClaimedRuns().Select(_parts.Runner.Find).OfType<Run>().ToList();
        foreach (var run in runs)
        {
            run.Terminate();
        }

        var all = Task.WhenAll(runs.Select(run => run.Exited));
        await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(_record.Wanted.StopTimeoutSeconds), _parts.Clock, stop));
        foreach (var run in runs)
        {
            run.Kill();
        }

        await all.WaitAsync(stop);
        foreach (var run in runs)
        {
            _parts.Runner.Forget(run);
        }

        _parts.Ports.Return(_record.Instances.SelectMany(instance => instance.Ports.Values));
        Save(_record with
        {
            Instances = [],
            Crons = _record.Crons.ToDictionary(pair => pair.Key, pair => pair.Value with { Run = null }, StringComparer.Ordinal),
            Rollout = _record.Rollout with { ReleaseRun = null },
        });
    }

    public WorkloadStatus Status()
    {
        var record = _record;
        var hint = record.Rollout.Stage == Stage.Start ? Hint(record) : null;
        return new WorkloadStatus
        {
            Id = record.Wanted.Id,
            WantedRevision = record.Wanted.Revision,
            ServingRevision = record.Serving?.Revision,
            ServingRelease = record.Serving?.Release,
            Phase = Decision.Phase(record),
            Steps = [.. record.Rollout.Steps.Select(step => step is { Name: "health", State: "Running" } ? step with { Message = hint ?? step.Message } : step)],
            Failure = record.Rollout.Failure,
            StartedAt = record.Rollout.StartedAt,
            FinishedAt = record.Rollout.FinishedAt,
            Runs = record.Runs,
            Instances = [.. record.Instances.Select(instance => new InstanceStatus(
                instance.Id,
                instance.Group,
                instance.Revision,
                instance.State == InstanceState.Stopping ? "Draining" : instance.State.ToString(),
                instance.Restarts,
                instance.StartedAt,
                instance.Ports.Count > 0 && record.SpecOf(instance.Revision) is { } spec ? Routes.PortOf(spec, instance) : null,
                instance.Message,
                instance.Containers.Sum(container => container.Run is { } id && _parts.Runner.Find(id) is { Exit: null } run ? run.MemoryBytes() : null)))],
        };
    }

    /// <summary>A run to enter: of this instance and container, or of a ready one.</summary>
    public Run? RunFor(string? instance, string? container)
    {
        var found = _record.Instances
            .Where(candidate => instance is null ? candidate.State == InstanceState.Ready : candidate.Id == instance)
            .SelectMany(candidate => candidate.Containers)
            .FirstOrDefault(candidate => candidate is { Run: not null, Exit: null } && (container is null || candidate.Name == container));
        return found is null ? null : _parts.Runner.Find(found.Run!);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        foreach (var prober in _probers.Values)
        {
            prober.Dispose();
        }

        _probers.Clear();
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
                _logger.LogError(e, "The workload {Workload} cannot go on at the moment", Id);
                until = Now + s_afterTrouble;
            }

            var pause = until is { } time ? time - Now : s_lookAgain;
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
            TakeIn();
            var cronAgain = TurnCrons();
            var step = Decision.Next(_record, Sights(), ExitOf(_record.Rollout.ReleaseRun), Now);
            if (step is Step.Wait wait)
            {
                return wait.Until is { } one && cronAgain is { } two ? (one < two ? one : two) : wait.Until ?? cronAgain;
            }

            Act(step);
            return Now;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Brings the record up to what happened: ended processes, answered checks.</summary>
    private void TakeIn()
    {
        var ended = new List<Run>();
        var instances = _record.Instances.ToList();
        var changed = false;
        for (var index = 0; index < instances.Count; index++)
        {
            var instance = instances[index];
            var prober = ProberOf(instance);
            var containers = instance.Containers.ToList();
            for (var place = 0; place < containers.Count; place++)
            {
                var container = containers[place];
                if (container is not { Run: { } runId, Exit: null })
                {
                    continue;
                }

                // A run that was written down but is not there was never started: the agent ended in between.
                var run = _parts.Runner.Find(runId);
                if (run is null && instance.IsLeaving)
                {
                    containers[place] = container with { Exit = new ContainerExit(null, false, "was never started") };
                    changed = true;
                    continue;
                }

                run ??= StartRun(instance, container);
                if (run?.Exit is { } exit)
                {
                    containers[place] = container with { Exit = new ContainerExit(exit.Code, exit.OutOfMemory, exit.Words) };
                    ended.Add(run);
                    changed = true;
                }
                else if (run is null)
                {
                    changed = true;
                    containers[place] = container with { Exit = new ContainerExit(126, false, _startTrouble ?? "could not be started") };
                }
                else
                {
                    Follow(run);
                    var healthy = prober?.IsHealthy(container.Name) ?? container.Healthy;
                    changed |= healthy != container.Healthy;
                    containers[place] = container with { Healthy = healthy };
                }
            }

            instances[index] = instance with { Containers = containers };
            if (instance.State == InstanceState.Draining)
            {
                BeginDrain(instance);
            }
        }

        if (changed)
        {
            Save(_record with { Instances = instances });
        }

        foreach (var run in ended)
        {
            _parts.Runner.Forget(run);
        }

        // The release command may have been written down without being started.
        if (_record.Rollout is { Stage: Stage.Release, ReleaseRun: { } release } && _parts.Runner.Find(release) is null)
        {
            StartRelease(release);
        }
    }

    private Dictionary<string, Sight> Sights() => _record.Instances.ToDictionary(
        instance => instance.Id,
        instance => _probers.TryGetValue(instance.Id, out var prober)
            ? new Sight(prober.Ready, prober.Dead, _drains.GetValueOrDefault(instance.Id), prober.ElsewhereSince)
            : new Sight(Drained: _drains.GetValueOrDefault(instance.Id)),
        StringComparer.Ordinal);

    private void Act(Step step)
    {
        var now = Now;
        switch (step)
        {
            case Step.RunRelease:
                var release = $"{Id}.release-{Names.Random(6)}";
                Save(_record with
                {
                    Rollout = Wishes.WithStep(_record.Rollout, "release", "Running", null, now) with { ReleaseRun = release },
                    Runs = Wishes.WithRun(_record.Runs, new JobRun(ReleaseGroup.Name, now, null, null)),
                });
                StartRelease(release);
                break;

            case Step.BeginStart:
                var done = _record.Rollout.ReleaseRun;
                var rollout = done is null ? _record.Rollout : Wishes.WithStep(_record.Rollout, "release", "Done", null, now);
                Save(_record with
                {
                    Rollout = Wishes.WithStep(rollout, "start", "Running", null, now) with { Stage = Stage.Start, InstancesFrom = now, ReleaseRun = null },
                    Runs = done is null ? _record.Runs : Wishes.WithRunEnded(_record.Runs, ReleaseGroup.Name, new ContainerExit(0, false, ""), now),
                });
                EndRun(done);
                break;

            case Step.AddInstance add:
                AddInstance(add, now);
                break;

            case Step.StartContainer start:
                StartContainer(start, now);
                break;

            case Step.MarkReady mark:
                MarkReady(mark, now);
                break;

            case Step.MarkCrashed crash:
                MarkCrashed(crash, now);
                break;

            case Step.Restart restart:
                Change(restart.Instance, instance => instance with
                {
                    State = InstanceState.Starting,
                    StartedAt = now,
                    ReadyAt = null,
                    RestartAt = null,
                    Restarts = instance.Restarts + 1,
                    Containers = Fresh(instance),
                });
                break;

            case Step.Promote:
                Promote(now);
                break;

            case Step.Fail fail:
                Fail(Failures.Of(fail, _record, ExitOf(_record.Rollout.ReleaseRun), fail.Instance is { } id ? _probers.GetValueOrDefault(id) : null, _parts, now));
                break;

            case Step.Drain drain:
                Save(WithInstance(drain.Instance, instance => instance with { State = InstanceState.Draining }) with { Rollout = OldSteps("drain", "Running") });
                ApplyRoute();
                BeginDrain(_record.Instances.First(instance => instance.Id == drain.Instance));
                break;

            case Step.Stop end:
                var patience = _record.SpecOf(_record.Instances.First(instance => instance.Id == end.Instance).Revision)?.StopTimeoutSeconds ?? _record.Wanted.StopTimeoutSeconds;
                Save(WithInstance(end.Instance, instance => instance with { State = InstanceState.Stopping, KillAt = now + TimeSpan.FromSeconds(patience) }));
                ApplyRoute();
                foreach (var run in RunsOf(end.Instance))
                {
                    run.Terminate();
                }

                break;

            case Step.Kill kill:
                Change(kill.Instance, instance => instance with { Killed = true });
                foreach (var run in RunsOf(kill.Instance))
                {
                    run.Kill();
                }

                break;

            case Step.Forget forget:
                Forget(forget.Instance, now);
                break;
        }

        _parts.Hub.Changed(Id);
    }

    private GroupSpec ReleaseGroup => _record.Wanted.Groups.First(group => group.Kind == GroupKind.Release);

    private void AddInstance(Step.AddInstance add, DateTimeOffset now)
    {
        var spec = _record.SpecOf(add.Revision)!;
        var group = spec.Groups.First(group => group.Name == add.Group);
        var instance = new Instance
        {
            Id = $"{group.Name}-{Names.Random(6)}",
            Group = group.Name,
            Kind = group.Kind,
            Index = add.Index,
            Revision = add.Revision,
            State = InstanceState.Starting,
            StartedAt = now,
            Ports = ContainerRuns.PortsOf(group).ToDictionary(port => port.Name, _ => _parts.Ports.Take(), StringComparer.Ordinal),
            Containers = [.. group.Containers.Select(container => new ContainerState(container.Name, null, false, null))],
        };
        Save(_record with { Instances = [.. _record.Instances, instance] });
    }

    private void StartContainer(Step.StartContainer start, DateTimeOffset now)
    {
        var run = $"{Id}.{start.Instance}.{Names.Random(6)}";
        Save(WithInstance(start.Instance, instance => instance with
        {
            Containers = [.. instance.Containers.Select(container => container.Name == start.Container ? container with { Run = run } : container)],
        }));
        var instance = _record.Instances.First(instance => instance.Id == start.Instance);
        if (IsNew(instance) && !_record.Rollout.Steps.Any(step => step.Name == "health")
            && _record.Instances.Where(IsNew).All(other => other.Containers.All(container => container.Run is not null)))
        {
            Save(_record with { Rollout = Wishes.WithStep(Wishes.WithStep(_record.Rollout, "start", "Done", null, now), "health", "Running", null, now) });
        }
    }

    private void MarkReady(Step.MarkReady mark, DateTimeOffset now)
    {
        var ready = _probers.TryGetValue(mark.Instance, out var prober) && prober.Ready;
        var answer = ready ? null : prober?.Failing.Answer;
        Change(mark.Instance, instance => instance with
        {
            State = ready ? InstanceState.Ready : InstanceState.Unready,
            ReadyAt = ready ? instance.ReadyAt ?? now : instance.ReadyAt,
            Message = answer,
        });
        ApplyRoute();
    }

    private void MarkCrashed(Step.MarkCrashed crash, DateTimeOffset now)
    {
        var isNew = IsNew(_record.Instances.First(instance => instance.Id == crash.Instance));
        Change(crash.Instance, instance =>
        {
            var crashes = Decision.CrashesAfter(instance, now);
            return instance with
            {
                State = InstanceState.Crashed,
                Crashes = crashes,
                RestartAt = now + Decision.Backoff(crashes, Random.Shared.NextDouble()),
                Message = crash.Why,
            };
        });
        DropProber(crash.Instance);
        ApplyRoute();
        foreach (var run in RunsOf(crash.Instance))
        {
            run.Kill();
        }

        if (!isNew)
        {
            Say(crash.Instance, $"{crash.Why}; starting again at {_record.Instances.First(instance => instance.Id == crash.Instance).RestartAt:HH:mm:ss} UTC");
        }
    }

    private void Promote(DateTimeOffset now)
    {
        var rollout = _record.Rollout;
        rollout = Wishes.WithStep(Wishes.WithStep(rollout, "start", "Done", null, now), "health", "Done", null, now);
        var promoted = _record with
        {
            Serving = _record.Wanted,
            Rollout = Wishes.WithStep(rollout, "switch", "Done", null, now) with { Stage = Stage.Done, FinishedAt = now },
            Crons = _record.Wanted.Groups.Where(group => group.Kind == GroupKind.Cron)
                .ToDictionary(group => group.Name, group => _record.Crons.GetValueOrDefault(group.Name) ?? new CronState(now, null), StringComparer.Ordinal),
        };

        // A host that another workload has is found out here; better a failed rollout than one that nobody can reach.
        var target = Routes.Of(promoted);
        try
        {
            _parts.Ingress.Switch(Id, target);
        }
        catch (InvalidOperationException e)
        {
            Fail(new RolloutFailure("CannotStart", $"The traffic cannot be switched: {e.Message}", null, null, null, []));
            return;
        }

        _route = target;
        foreach (var (group, cron) in _record.Crons)
        {
            if (cron.Run is { } run && !promoted.Crons.ContainsKey(group))
            {
                EndRun(run);
            }
        }

        Save(promoted);
    }

    private void Fail(RolloutFailure failure)
    {
        var now = Now;
        var rollout = _record.Rollout;
        if (rollout.Steps.LastOrDefault(step => step.State == "Running") is { } running)
        {
            rollout = Wishes.WithStep(rollout, running.Name, "Failed", failure.Message, now);
        }

        var release = rollout.ReleaseRun;
        var releaseExit = ExitOf(release);
        Save(_record with
        {
            Rollout = rollout with { Stage = Stage.Failed, FinishedAt = now, Failure = failure, ReleaseRun = null },
            Runs = release is null ? _record.Runs : Wishes.WithRunEnded(_record.Runs, ReleaseGroup.Name, releaseExit, now),
        });
        EndRun(release);
        ApplyRoute();
        Say("axle", $"rollout of {_record.Wanted.Release} failed: {failure.Message}");
        _parts.Hub.Changed(Id);
    }

    private void Forget(string id, DateTimeOffset now)
    {
        var instance = _record.Instances.First(instance => instance.Id == id);
        DropProber(id);
        _drains.Remove(id);
        var rollout = _record.Rollout;
        var left = _record.Instances.Where(other => other.Id != id).ToList();
        if (rollout.Stage == Stage.Done && !left.Exists(other => other.IsLeaving))
        {
            foreach (var step in rollout.Steps.Where(step => step is { Name: "drain" or "stop", State: "Running" }).ToList())
            {
                rollout = Wishes.WithStep(rollout, step.Name, "Done", null, now);
            }
        }

        Save(_record with { Instances = left, Rollout = rollout });
        _parts.Ports.Return(instance.Ports.Values);
    }

    /// <summary>Steps after the switch are shown only for a rollout that has something old to end.</summary>
    private Rollout OldSteps(string name, string state) =>
        _record.Rollout is { Stage: Stage.Done, Steps.Count: > 0 } rollout && !_record.Wanted.Stopped
            ? Wishes.WithStep(rollout, name, state, null, Now)
            : _record.Rollout;

    private void BeginDrain(Instance instance)
    {
        if (_drains.TryAdd(instance.Id, false))
        {
            _ = DrainAsync();
        }

        async Task DrainAsync()
        {
            try
            {
                var timeout = TimeSpan.FromSeconds((_record.SpecOf(instance.Revision) ?? _record.Wanted).DrainTimeoutSeconds);
                if (!await _parts.Ingress.DrainAsync(Id, [instance.Id], timeout, _stop.Token))
                {
                    Say(instance.Id, $"requests were still running {timeout.TotalSeconds:0.#} s after the switch and were cut");
                }

                await _gate.WaitAsync(_stop.Token);
                _drains[instance.Id] = true;
                _gate.Release();
                Wake();
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                // The agent ends; its successor drains again.
            }
        }
    }

    /// <summary>Runs cron groups of what serves. Returns when the next tick is due.</summary>
    private DateTimeOffset? TurnCrons()
    {
        DateTimeOffset? again = null;
        if (_record.Serving is not { } serving)
        {
            return null;
        }

        foreach (var group in serving.Groups.Where(group => group.Kind == GroupKind.Cron))
        {
            var state = _record.Crons.GetValueOrDefault(group.Name) ?? new CronState(Now, null);
            if (state.Run is { } id)
            {
                state = TakeInCron(group, state, id);
            }

            if (serving.Stopped || Cron.Parse(group.Schedule) is not { } schedule)
            {
                continue;
            }

            var answer = Cron.Look(schedule, state.LastTick, state.Run is not null, Now);
            if (answer.Run is { } tick)
            {
                // Written with the tick before it starts: whatever happens, this tick is run once.
                var run = $"{Id}.{group.Name}-{Names.Random(6)}";
                SaveCron(group.Name, new CronState(tick, run), Wishes.WithRun(_record.Runs, new JobRun(group.Name, Now, null, null)));
                StartJobRun(run, serving, group);
            }
            else if (answer.Passed is { } passed)
            {
                SaveCron(group.Name, state with { LastTick = passed }, _record.Runs);
            }

            again = answer.Again is { } time && (again is null || time < again) ? time : again;
        }

        return again;
    }

    private CronState TakeInCron(GroupSpec group, CronState state, string id)
    {
        var run = _parts.Runner.Find(id) ?? StartJobRun(id, _record.Serving!, group);
        if (run is { Exit: null })
        {
            Follow(run);
            return state;
        }

        var exit = run?.Exit is { } end ? new ContainerExit(end.Code, end.OutOfMemory, end.Words) : new ContainerExit(126, false, _startTrouble ?? "could not be started");
        var done = state with { Run = null };
        SaveCron(group.Name, done, Wishes.WithRunEnded(_record.Runs, group.Name, exit, Now));
        if (run is not null)
        {
            _parts.Runner.Forget(run);
        }

        return done;
    }

    private void SaveCron(string group, CronState state, IReadOnlyList<JobRun> runs)
    {
        Save(_record with { Crons = new Dictionary<string, CronState>(_record.Crons) { [group] = state }, Runs = runs });
        _parts.Hub.Changed(Id);
    }

    private void StartRelease(string id)
    {
        if (StartJobRun(id, _record.Wanted, ReleaseGroup) is null)
        {
            Fail(new RolloutFailure("ReleaseCommandFailed", $"The release command cannot be started: {_startTrouble}", null, null, null, []));
        }
    }

    /// <summary>Starts a group that runs once: a release command or a cron tick.</summary>
    private Run? StartJobRun(string id, WorkloadSpec spec, GroupSpec group) =>
        Started(() => _parts.ContainerRuns.Of(id, spec, group, group.Containers[0], id[(Id.Length + 1)..], new Dictionary<string, int>()));

    private Run? StartRun(Instance instance, ContainerState container)
    {
        var spec = _record.SpecOf(instance.Revision)!;
        var group = spec.Groups.First(group => group.Name == instance.Group);
        return Started(() => _parts.ContainerRuns.Of(container.Run!, spec, group, group.Containers.First(known => known.Name == container.Name), instance.Id, instance.Ports));
    }

    private Run? Started(Func<RunSpec> spec)
    {
        try
        {
            var run = _parts.Runner.Start(spec());
            Follow(run);
            return run;
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            _startTrouble = e.Message;
            return null;
        }
    }

    private void Follow(Run run)
    {
        if (_followed.Add(run.Id))
        {
            _ = run.Exited.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Kills a run that counts no more.</summary>
    private void EndRun(string? id)
    {
        if (id is not null && _parts.Runner.Find(id) is { } run)
        {
            run.Kill();
            _ = run.Exited.ContinueWith(_ => _parts.Runner.Forget(run), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private ContainerExit? ExitOf(string? run)
    {
        if (run is null || _parts.Runner.Find(run) is not { } found)
        {
            return null;
        }

        Follow(found);
        return found.Exit is { } exit ? new ContainerExit(exit.Code, exit.OutOfMemory, exit.Words) : null;
    }

    private Prober? ProberOf(Instance instance)
    {
        if (instance.IsLeaving || instance.State == InstanceState.Crashed || _record.SpecOf(instance.Revision) is not { } spec)
        {
            DropProber(instance.Id);
            return null;
        }

        if (!_probers.TryGetValue(instance.Id, out var prober))
        {
            var group = spec.Groups.First(group => group.Name == instance.Group);
            _probers[instance.Id] = prober = new Prober(
                instance,
                group,
                name => _record.Instances.FirstOrDefault(other => other.Id == instance.Id)?.Containers.FirstOrDefault(container => container.Name == name)?.Run is { } run ? _parts.Runner.Find(run) : null,
                instance.State == InstanceState.Ready,
                _parts.Runner.Scripts,
                _parts.Clock,
                Wake);
        }

        return prober;
    }

    private void DropProber(string instance)
    {
        if (_probers.Remove(instance, out var prober))
        {
            prober.Dispose();
        }
    }

    private string? Hint(WorkloadRecord record)
    {
        foreach (var instance in record.Instances.Where(instance => instance.State == InstanceState.Starting && IsNew(instance)))
        {
            if (Failures.ListensElsewhere(record, instance, _parts) is { } words)
            {
                return $"{instance.Id} {words}";
            }
        }

        return null;
    }

    private bool IsNew(Instance instance) => instance.Revision == _record.Wanted.Revision && _record.Rollout.Stage is Stage.Start && !instance.IsLeaving;

    private static IReadOnlyList<ContainerState> Fresh(Instance instance) =>
        [.. instance.Containers.Select(container => new ContainerState(container.Name, null, false, null))];

    private IEnumerable<Run> RunsOf(string instance) => _record.Instances.First(other => other.Id == instance).Containers
        .Where(container => container is { Run: not null, Exit: null })
        .Select(container => _parts.Runner.Find(container.Run!))
        .OfType<Run>();

    private WorkloadRecord WithInstance(string id, Func<Instance, Instance> change) =>
        _record with { Instances = [.. _record.Instances.Select(instance => instance.Id == id ? change(instance) : instance)] };

    private void Change(string id, Func<Instance, Instance> change) => Save(WithInstance(id, change));

    private void ApplyRoute()
    {
        var target = Routes.Of(_record);
        if (Routes.Same(_route, target))
        {
            return;
        }

        try
        {
            _parts.Ingress.Switch(Id, target);
            _route = target;
        }
        catch (InvalidOperationException e)
        {
            _logger.LogError("The traffic of {Workload} cannot be switched: {Reason}", Id, e.Message);
        }
    }

    private void Say(string source, string text) => _parts.Logs.Of(Id).Append([new LogLine(Now, source, "axle", text)]);

    private void Save(WorkloadRecord record)
    {
        _parts.Records.Save(record.Wanted.Id, record);
        _record = record;
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
