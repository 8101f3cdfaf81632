using Axle.Agent.Logs;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>What people are shown of a workload; reads only.</summary>
internal static class WorkloadView
{
    public static WorkloadStatus Of(WorkloadRecord record, Redaction hidden, WorkloadParts parts)
    {
        var hint = record.Rollout.Stage == Stage.Start ? Hint(record, parts) : null;
        return new WorkloadStatus
        {
            Id = record.Wanted.Id,
            WantedRevision = record.Wanted.Revision,
            ServingRevision = record.Serving?.Revision,
            ServingRelease = record.Serving?.Release,
            Phase = Decision.Phase(record),
            Steps = [.. record.Rollout.Steps.Select(step => step with { Message = Shown(step is { Name: "health", State: "Running" } ? hint ?? step.Message : step.Message) })],
            Failure = record.Rollout.Failure is { } failure
                ? failure with
                {
                    Message = hidden.Hide(failure.Message),
                    Check = Shown(failure.Check),
                    LastAnswer = Shown(failure.LastAnswer),
                    LogTail = [.. failure.LogTail.Select(hidden.Hide)],
                }
                : null,
            StartedAt = record.Rollout.StartedAt,
            FinishedAt = record.Rollout.FinishedAt,
            Runs = [.. record.Runs.Select(run => run with { Message = Shown(run.Message) })],
            Instances = [.. record.Instances.Select(instance => new InstanceStatus(
                instance.Id,
                instance.Group,
                instance.Revision,
                instance.State == InstanceState.Stopping ? "Draining" : instance.State.ToString(),
                instance.Restarts,
                instance.StartedAt,
                instance.Ports.Count > 0 && record.SpecOf(instance.Revision) is { } spec ? Routes.PortOf(spec, instance) : null,
                Shown(instance.Message),
                instance.Containers.Sum(container => container.Run is { } id && parts.Runner.Find(id) is { Exit: null } run ? run.MemoryBytes() : null)))],
        };

        string? Shown(string? text) => text is null ? null : hidden.Hide(text);
    }

    /// <summary>Why no command can be run in this instance and container.</summary>
    public static string WhyNoRun(WorkloadRecord record, string? instance, string? container)
    {
        var id = record.Wanted.Id;
        if (record.Wanted.Stopped)
        {
            return $"{id} is stopped, so no instance is there to run a command in. Start it first.";
        }

        var groups = (record.Serving ?? record.Wanted).Groups;
        if (groups.Any(group => group.Kind == GroupKind.Static) && !groups.Any(group => group.Kind is GroupKind.Web or GroupKind.Worker))
        {
            return $"{id} is a static site: its files are served without a process, so there is nothing to run a command in.";
        }

        var known = record.Instances.Where(other => !other.IsLeaving).ToList();
        if (instance is not null && !known.Exists(other => other.Id == instance))
        {
            return $"{id} has no instance {instance}{(known.Count == 0 ? "" : $"; it has {string.Join(", ", known.Select(other => other.Id))}")}.";
        }

        var containers = known.Where(other => instance is null || other.Id == instance).SelectMany(other => other.Containers).Select(other => other.Name).Distinct().ToList();
        return container is not null && !containers.Contains(container)
            ? $"{instance ?? id} has no container {container}{(containers.Count == 0 ? "" : $"; it has {string.Join(", ", containers)}")}."
            : $"{instance ?? $"No instance of {id}"} {(instance is null ? "is ready" : "does not run")} at the moment. Try again soon.";
    }

    /// <summary>Said while the rollout still waits, so that nobody has to wait for its failure.</summary>
    private static string? Hint(WorkloadRecord record, WorkloadParts parts)
    {
        foreach (var instance in record.Instances.Where(instance => instance.State == InstanceState.Starting && record.IsNew(instance)))
        {
            if (Failures.ListensElsewhere(record, instance, parts) is { } words)
            {
                return $"{instance.Id} {words}";
            }
        }

        return null;
    }
}
