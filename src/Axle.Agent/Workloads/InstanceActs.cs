using Axle.Agent.Runs;
using Axle.Agent.State;

namespace Axle.Agent.Workloads;

/// <summary>What is done to one instance, from its first container to its end. Written down first, done then.</summary>
internal sealed class InstanceActs(WorkloadLedger ledger, WorkloadRuns runs, Probers probers, WorkloadTraffic traffic, Ports ports)
{
    private const int AsksMax = 5;
    private static readonly TimeSpan s_askAgain = TimeSpan.FromSeconds(1);

    public void Add(Step.AddInstance add, DateTimeOffset now)
    {
        var spec = ledger.Record.SpecOf(add.Revision)!;
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
            Ports = ContainerRuns.PortsOf(group).ToDictionary(port => port.Name, _ => ports.Take(), StringComparer.Ordinal),
            Containers = [.. group.Containers.Select(container => new ContainerState(container.Name, null, false, null))],
        };
        ledger.Save(ledger.Record with { Instances = [.. ledger.Record.Instances, instance] });
    }

    /// <summary>Only writes it down: the next <see cref="Intake"/> starts every run that is written down and not there.</summary>
    public void StartContainer(Step.StartContainer start, DateTimeOffset now)
    {
        var run = $"{ledger.Id}.{start.Instance}.{Names.Random(6)}";
        var begins = ledger.Record.Find(start.Instance).Containers.All(container => container.Run is null);
        ledger.Change(start.Instance, instance => instance with
        {
            StartedAt = begins ? now : instance.StartedAt,
            Containers = [.. instance.Containers.Select(container => container.Name == start.Container ? container with { Run = run } : container)],
        });
        var record = ledger.Record;
        if (begins && record.IsNew(record.Find(start.Instance)) && record.Wanted.Groups.First(group => group.Name == record.Find(start.Instance).Group) is var group && Decision.IsAlone(group))
        {
            // It may have waited for the one before it to end; that is not its own time.
            ledger.Save(record = record with { Rollout = record.Rollout with { InstancesFrom = now } });
        }

        if (record.IsNew(record.Find(start.Instance)) && !record.Rollout.Steps.Any(step => step.Name == "health")
            && record.Instances.Where(record.IsNew).All(other => other.Containers.All(container => container.Run is not null)))
        {
            ledger.Save(record with { Rollout = Wishes.WithStep(Wishes.WithStep(record.Rollout, "start", "Done", null, now), "health", "Running", null, now) });
        }
    }

    /// <summary>Ready or not, as its checks say now.</summary>
    public void MarkReady(Step.MarkReady mark, DateTimeOffset now)
    {
        var prober = probers.Find(mark.Instance);
        var ready = prober is { Ready: true };
        var answer = ready ? null : prober?.Failing.Answer;
        ledger.Change(mark.Instance, instance => instance with
        {
            State = ready ? InstanceState.Ready : InstanceState.Unready,
            ReadyAt = ready ? instance.ReadyAt ?? now : instance.ReadyAt,
            Message = answer,
        });
        traffic.Apply();
    }

    public void MarkCrashed(Step.MarkCrashed crash, DateTimeOffset now)
    {
        var isNew = ledger.Record.IsNew(ledger.Record.Find(crash.Instance));
        ledger.Change(crash.Instance, instance =>
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
        probers.Drop(crash.Instance);
        traffic.Apply();
        KillRuns(crash.Instance);
        if (!isNew)
        {
            ledger.Say(crash.Instance, $"{crash.Why}; starting again at {ledger.Record.Find(crash.Instance).RestartAt:HH:mm:ss} UTC");
        }
    }

    public void Restart(Step.Restart restart, DateTimeOffset now) => ledger.Change(restart.Instance, instance => instance with
    {
        State = InstanceState.Starting,
        StartedAt = now,
        ReadyAt = null,
        RestartAt = null,
        Restarts = instance.Restarts + 1,
        Containers = [.. instance.Containers.Select(container => new ContainerState(container.Name, null, false, null))],
    });

    public void Drain(Step.Drain drain, DateTimeOffset now)
    {
        ledger.Save(ledger.Record.With(drain.Instance, instance => instance with { State = InstanceState.Draining }) with { Rollout = WithDrainStep(now) });
        traffic.Apply();
        traffic.Drain(ledger.Record.Find(drain.Instance));
    }

    public void Stop(Step.Stop end, DateTimeOffset now)
    {
        var patience = ledger.Record.SpecOf(ledger.Record.Find(end.Instance).Revision)?.StopTimeoutSeconds ?? ledger.Record.Wanted.StopTimeoutSeconds;
        ledger.Change(end.Instance, instance => instance with { State = InstanceState.Stopping, KillAt = now + TimeSpan.FromSeconds(patience) });
        traffic.Apply();
        foreach (var run in runs.Of(end.Instance))
        {
            run.Terminate();
            if (ledger.Record.Find(end.Instance).ReadyAt is null)
            {
                _ = AskAgainAsync(run);
            }
        }
    }

    /// <summary>On the way from one program to the next a signal can be lost, so what has never been ready is asked until it ends.</summary>
    private static async Task AskAgainAsync(Run run)
    {
        for (var times = 0; times < AsksMax; times++)
        {
            if (await Task.WhenAny(run.Exited, Task.Delay(s_askAgain)) == run.Exited)
            {
                return;
            }

            run.Terminate();
        }
    }

    public void Kill(Step.Kill kill)
    {
        ledger.Change(kill.Instance, instance => instance with { Killed = true });
        KillRuns(kill.Instance);
    }

    public void Forget(Step.Forget forget, DateTimeOffset now)
    {
        var instance = ledger.Record.Find(forget.Instance);
        probers.Drop(instance.Id);
        traffic.Forget(instance.Id);
        var rollout = ledger.Record.Rollout;
        var left = ledger.Record.Instances.Where(other => other.Id != instance.Id).ToList();
        if (rollout.Stage == Stage.Done && !left.Exists(other => other.IsLeaving))
        {
            foreach (var step in rollout.Steps.Where(step => step is { Name: "drain" or "stop", State: "Running" }).ToList())
            {
                rollout = Wishes.WithStep(rollout, step.Name, "Done", null, now);
            }
        }

        ledger.Save(ledger.Record with { Instances = left, Rollout = rollout });
        ports.Return(instance.Ports.Values);
    }

    private void KillRuns(string instance)
    {
        foreach (var run in runs.Of(instance))
        {
            run.Kill();
        }
    }

    /// <summary>Steps after the switch are shown only for a rollout that has something old to end.</summary>
    private Rollout WithDrainStep(DateTimeOffset now) =>
        ledger.Record.Rollout is { Stage: Stage.Done, Steps.Count: > 0 } rollout && !ledger.Record.Wanted.Stopped
            ? Wishes.WithStep(rollout, "drain", "Running", null, now)
            : ledger.Record.Rollout;
}
