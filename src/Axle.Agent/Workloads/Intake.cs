using Axle.Agent.Runs;

namespace Axle.Agent.Workloads;

/// <summary>Brings the record up to what happened since the last turn: ended processes, answered checks, starts that were only written down.</summary>
internal sealed class Intake(WorkloadLedger ledger, WorkloadRuns runs, Probers probers, WorkloadTraffic traffic, RolloutActs rollout)
{
    public void TakeIn()
    {
        var ended = new List<Run>();
        var instances = ledger.Record.Instances.ToList();
        var changed = false;
        for (var index = 0; index < instances.Count; index++)
        {
            var instance = instances[index];
            var prober = probers.Of(instance);
            var containers = instance.Containers.Select(container => TakeIn(instance, container, prober, ended)).ToList();
            changed |= !containers.SequenceEqual(instance.Containers);
            instances[index] = instance with { Containers = containers };
            if (instance.State == InstanceState.Draining)
            {
                traffic.Drain(instance);
            }
        }

        if (changed)
        {
            ledger.Save(ledger.Record with { Instances = instances });
        }

        // Only now that their ends are written down.
        foreach (var run in ended)
        {
            runs.Forget(run);
        }

        // The release command may have been written down without being started.
        if (ledger.Record.Rollout is { Stage: Stage.Release, ReleaseRun: { } release } && runs.Find(release) is null)
        {
            rollout.StartRelease(release);
        }
    }

    /// <summary>What the rules are to know beside the record.</summary>
    public Dictionary<string, Sight> Sights() => ledger.Record.Instances.ToDictionary(
        instance => instance.Id,
        instance => probers.Find(instance.Id) is { } prober
            ? new Sight(prober.Ready, prober.Dead, traffic.IsDrained(instance.Id), prober.ElsewhereSince)
            : new Sight(Drained: traffic.IsDrained(instance.Id)),
        StringComparer.Ordinal);

    private ContainerState TakeIn(Instance instance, ContainerState container, Prober? prober, List<Run> ended)
    {
        if (container is not { Run: { } id, Exit: null })
        {
            return container;
        }

        // A run that was written down but is not there was never started: the agent ended in between.
        var run = runs.Find(id);
        if (run is null && instance.IsLeaving)
        {
            return container with { Exit = new ContainerExit(null, false, "was never started") };
        }

        run ??= runs.Start(instance, container);
        if (run is null)
        {
            return container with { Exit = new ContainerExit(126, false, runs.Trouble) };
        }

        if (run.Exit is { } exit)
        {
            ended.Add(run);
            return container with { Exit = ContainerExit.Of(exit) };
        }

        runs.Follow(run);
        return container with { Healthy = prober?.IsHealthy(container.Name) ?? container.Healthy };
    }
}
