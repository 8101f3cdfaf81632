using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>What the loop has seen since the record was written, by instance.</summary>
/// <param name="Ready">Its checks pass now.</param>
/// <param name="Dead">Why its liveness check counts as failed; null while it lives.</param>
/// <param name="Drained">No request is under way there.</param>
/// <param name="ElsewhereSince">Since when it listens, but not where users are sent; null while it may still do so.</param>
internal sealed record Sight(bool Ready = false, string? Dead = null, bool Drained = false, DateTimeOffset? ElsewhereSince = null);

/// <summary>The rules of a workload, pure: record, sight and time in, next step out. Everything else only obeys.</summary>
internal static class Decision
{
    private static readonly TimeSpan s_crashesForgotten = TimeSpan.FromSeconds(60);

    // Long enough for a program that opens a port for metrics first; far shorter than the patience with one that is only slow.
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromSeconds(5);

    /// <param name="releaseExit">How the release command ended; null while it runs or is not started.</param>
    public static Step Next(WorkloadRecord record, IReadOnlyDictionary<string, Sight> sights, ContainerExit? releaseExit, DateTimeOffset now)
    {
        var wait = new Earliest();
        return NextOfLeaving(record, sights, now, wait)
            ?? NextOfUnwanted(record)
            ?? NextOfRunning(record, sights, now, wait)
            ?? NextOfRollout(record, releaseExit, now, wait)
            ?? NextOfCounts(record)
            ?? (Step)new Step.Wait(wait.Time);
    }

    /// <summary>What people read as the phase.</summary>
    public static string Phase(WorkloadRecord record)
    {
        if (record.Wanted.Stopped)
        {
            return record.Instances.Count == 0 ? "Stopped" : "RollingOut";
        }

        return record.Rollout.Stage switch
        {
            Stage.Release or Stage.Start => "RollingOut",
            Stage.Failed => "Failed",
            _ => IsDegraded(record) ? "Degraded" : "Healthy",
        };
    }

    /// <summary>Doubles from 1 s to 60 s; the spread keeps many instances from starting in step.</summary>
    public static TimeSpan Backoff(int crashes, double spread) =>
        TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Clamp(crashes - 1, 0, 6))) * (0.8 + (0.4 * spread)));

    /// <summary>Crashes in a row after this one: those of an instance that stayed up are forgotten.</summary>
    public static int CrashesAfter(Instance instance, DateTimeOffset now) =>
        instance.ReadyAt is { } ready && now - ready >= s_crashesForgotten ? 1 : instance.Crashes + 1;

    /// <summary>Containers of a group whose turn has come: every container they wait for is started, healthy or complete.</summary>
    public static IEnumerable<string> Startable(GroupSpec group, IReadOnlyList<ContainerState> states)
    {
        foreach (var container in group.Containers)
        {
            if (states.First(state => state.Name == container.Name).Run is not null)
            {
                continue;
            }

            var blocked = group.Containers.Any(other => other.Before.TryGetValue(container.Name, out var until) && !Reached(states.First(state => state.Name == other.Name), until));
            if (!blocked)
            {
                yield return container.Name;
            }
        }
    }

    /// <summary>Somebody waits for its end, so its end with code 0 is no crash.</summary>
    public static bool IsToComplete(ContainerSpec container) => container.Before.Values.Contains("complete", StringComparer.Ordinal);

    /// <summary>Whether those who wait for this container need not wait any more.</summary>
    public static bool Reached(ContainerState state, string until) => until switch
    {
        "complete" => state.Exit is { Code: 0 },
        "healthy" => state.Healthy || state.Exit is { Code: 0 },
        _ => state.Run is not null,
    };

    private static bool IsDegraded(WorkloadRecord record)
    {
        var missing = record.Serving is { } serving && Slots(serving).Any(slot => !record.Instances.Any(instance => Fills(instance, serving.Revision, slot)));
        return missing || record.Instances.Any(instance =>
            instance.Revision == record.Serving?.Revision
            && (instance.State is InstanceState.Crashed or InstanceState.Unready || instance is { State: InstanceState.Starting, Restarts: > 0 }));
    }

    /// <summary>Those on their way out: drained, then asked to end, then killed.</summary>
    private static Step? NextOfLeaving(WorkloadRecord record, IReadOnlyDictionary<string, Sight> sights, DateTimeOffset now, Earliest wait)
    {
        foreach (var instance in record.Instances.Where(instance => instance.IsLeaving))
        {
            if (HasEnded(instance))
            {
                return new Step.Forget(instance.Id);
            }

            if (instance.State == InstanceState.Draining)
            {
                if (sights.GetValueOrDefault(instance.Id) is { Drained: true })
                {
                    return new Step.Stop(instance.Id);
                }
            }
            else if (instance is { Killed: false, KillAt: { } patience })
            {
                if (now >= patience)
                {
                    return new Step.Kill(instance.Id);
                }

                wait.At(patience);
            }
        }

        return null;
    }

    /// <summary>Those that no spec asks for any more.</summary>
    private static Step? NextOfUnwanted(WorkloadRecord record)
    {
        foreach (var instance in record.Instances.Where(instance => !instance.IsLeaving))
        {
            if (IsWanted(record, instance))
            {
                continue;
            }

            return instance is { IsUp: true, Kind: GroupKind.Web } ? new Step.Drain(instance.Id) : new Step.Stop(instance.Id);
        }

        return null;
    }

    private static bool IsWanted(WorkloadRecord record, Instance instance)
    {
        if (record.Wanted.Stopped)
        {
            return false;
        }

        // A failed or superseded revision has no claim; the one that serves and the one on its way in have.
        var rollingIn = record.Rollout.Stage == Stage.Start && instance.Revision == record.Wanted.Revision;
        if (!rollingIn && record.Rollout.Stage == Stage.Start && IsReplacedFirst(record, instance))
        {
            return false;
        }

        var spec = instance.Revision == record.Serving?.Revision ? record.Serving : rollingIn ? record.Wanted : null;
        return spec is not null && Slots(spec).Contains((instance.Group, instance.Index));
    }

    private static Step? NextOfRunning(WorkloadRecord record, IReadOnlyDictionary<string, Sight> sights, DateTimeOffset now, Earliest wait)
    {
        foreach (var instance in record.Instances.Where(instance => !instance.IsLeaving))
        {
            var spec = record.SpecOf(instance.Revision)!;
            var group = spec.Groups.First(group => group.Name == instance.Group);
            var isNew = IsRollingIn(record, instance);
            if (WaitsForOthers(record, instance))
            {
                continue;
            }

            if (instance.State == InstanceState.Crashed)
            {
                if (isNew)
                {
                    return new Step.Fail(FailureCause.Exited, instance.Id);
                }

                if (HasEnded(instance))
                {
                    if (now >= instance.RestartAt)
                    {
                        return new Step.Restart(instance.Id);
                    }

                    wait.At(instance.RestartAt!.Value);
                }

                continue;
            }

            // 1. An end that nobody asked for takes the whole instance with it.
            foreach (var container in instance.Containers)
            {
                if (container.Exit is { } exit && !(exit.Code == 0 && IsToComplete(group.Containers.First(spec => spec.Name == container.Name))))
                {
                    return new Step.MarkCrashed(instance.Id, instance.Containers.Count == 1 ? exit.Words : $"{container.Name}: {exit.Words}");
                }
            }

            // 2. Next containers in their order.
            if (Startable(group, instance.Containers).FirstOrDefault() is { } name)
            {
                return new Step.StartContainer(instance.Id, name);
            }

            // 3. What the checks say.
            var sight = sights.GetValueOrDefault(instance.Id) ?? new Sight();
            if (sight.Dead is { } why)
            {
                return new Step.MarkCrashed(instance.Id, why);
            }

            if (sight.Ready != (instance.State == InstanceState.Ready) && (sight.Ready || instance.State == InstanceState.Ready))
            {
                return new Step.MarkReady(instance.Id);
            }

            // 4. Patience with those that start.
            if (instance.State == InstanceState.Starting)
            {
                var patience = (isNew ? record.Rollout.InstancesFrom ?? instance.StartedAt : instance.StartedAt) + TimeSpan.FromSeconds(spec.StartTimeoutSeconds);
                if (isNew && sight.ElsewhereSince + s_elsewhere is { } known && known < patience)
                {
                    // It has found its port, and it is the wrong one: waiting longer would only be late to say so.
                    patience = known;
                }

                if (now >= patience)
                {
                    return isNew
                        ? new Step.Fail(FailureCause.NotReady, instance.Id)
                        : new Step.MarkCrashed(instance.Id, $"was not ready within {spec.StartTimeoutSeconds:0.#} s");
                }

                wait.At(patience);
            }
        }

        return null;
    }

    private static Step? NextOfRollout(WorkloadRecord record, ContainerExit? releaseExit, DateTimeOffset now, Earliest wait)
    {
        if (record.Wanted.Stopped)
        {
            return null;
        }

        var rollout = record.Rollout;
        if (rollout.Stage == Stage.Release)
        {
            if (!record.Wanted.Groups.Any(group => group.Kind == GroupKind.Release))
            {
                return new Step.BeginStart();
            }

            return (rollout.ReleaseRun, releaseExit) switch
            {
                (null, _) => new Step.RunRelease(),
                (_, null) => null,
                (_, { Code: 0 }) => new Step.BeginStart(),
                _ => new Step.Fail(FailureCause.ReleaseCommand, null),
            };
        }

        if (rollout.Stage != Stage.Start)
        {
            return null;
        }

        var slots = Slots(record.Wanted).ToList();
        foreach (var slot in slots)
        {
            if (!record.Instances.Any(instance => Fills(instance, record.Wanted.Revision, slot)))
            {
                return new Step.AddInstance(record.Wanted.Revision, slot.Group, slot.Index);
            }
        }

        // An unready one may become ready again, but not for ever.
        if (slots.All(slot => record.Instances.Any(instance => instance.State == InstanceState.Ready && Fills(instance, record.Wanted.Revision, slot))))
        {
            return new Step.Promote();
        }

        // Their time has not begun: others must end first, and wake the loop when they have.
        if (record.Instances.Any(instance => WaitsForOthers(record, instance)))
        {
            return null;
        }

        var end = rollout.InstancesFrom!.Value + TimeSpan.FromSeconds(record.Wanted.StartTimeoutSeconds);
        if (now >= end)
        {
            return new Step.Fail(FailureCause.NotReady, record.Instances.First(instance => instance.Revision == record.Wanted.Revision && instance.State != InstanceState.Ready).Id);
        }

        wait.At(end);
        return null;
    }

    /// <summary>What serves has as many instances as asked for. A rollout comes first: it replaces them anyway.</summary>
    private static Step.AddInstance? NextOfCounts(WorkloadRecord record)
    {
        if (record is { Wanted.Stopped: true } or { Serving: null } || record.Rollout.Stage is Stage.Release or Stage.Start)
        {
            return null;
        }

        foreach (var slot in Slots(record.Serving))
        {
            if (!record.Instances.Any(instance => Fills(instance, record.Serving.Revision, slot)))
            {
                return new Step.AddInstance(record.Serving.Revision, slot.Group, slot.Index);
            }
        }

        return null;
    }

    /// <summary>
    /// Whether the group writes to a volume and nobody is sent to it: two of its revisions beside each other would spoil what a
    /// database keeps there, and ending one before the next begins costs no request.
    /// </summary>
    public static bool IsAlone(GroupSpec group) => group.Kind == GroupKind.Worker && WrittenVolumes(group).Any();

    /// <summary>Whether it must end before the instances that are on their way in may begin.</summary>
    private static bool IsReplacedFirst(WorkloadRecord record, Instance instance) =>
        record.SpecOf(instance.Revision)?.Groups.FirstOrDefault(group => group.Name == instance.Group) is { Kind: GroupKind.Worker } old
        && record.Wanted.Groups.FirstOrDefault(group => group.Name == instance.Group) is { Kind: GroupKind.Worker } next
        && WrittenVolumes(old).Intersect(WrittenVolumes(next), StringComparer.Ordinal).Any();

    private static bool WaitsForOthers(WorkloadRecord record, Instance instance) =>
        !instance.IsLeaving
        && instance.Containers.All(container => container.Run is null)
        && record.SpecOf(instance.Revision)?.Groups.FirstOrDefault(group => group.Name == instance.Group) is { } group && IsAlone(group)
        && record.Instances.Any(other => other.Group == instance.Group && (other.IsLeaving || other.Revision != instance.Revision) && !HasEnded(other));

    private static IEnumerable<string> WrittenVolumes(GroupSpec group) =>
        group.Containers.SelectMany(container => container.Volumes).Where(volume => !volume.ReadOnly).Select(volume => volume.Source);

    private static bool IsRollingIn(WorkloadRecord record, Instance instance) =>
        record.Rollout.Stage == Stage.Start && instance.Revision == record.Wanted.Revision && instance.Revision != record.Serving?.Revision;

    private static bool Fills(Instance instance, string revision, (string Group, int Index) slot) =>
        !instance.IsLeaving && instance.Revision == revision && instance.Group == slot.Group && instance.Index == slot.Index;

    private static IEnumerable<(string Group, int Index)> Slots(WorkloadSpec spec) =>
        from @group in spec.Groups
        where @group.Kind is GroupKind.Web or GroupKind.Worker
        from index in Enumerable.Range(0, Math.Max(0, @group.Instances))
        select (@group.Name, index);

    private static bool HasEnded(Instance instance) => instance.Containers.All(container => container.Run is null || container.Exit is not null);

    private sealed class Earliest
    {
        public DateTimeOffset? Time { get; private set; }

        public void At(DateTimeOffset time) => Time = Time is { } known && known < time ? known : time;
    }
}
