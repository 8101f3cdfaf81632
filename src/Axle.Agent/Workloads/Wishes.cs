using Axle.Contracts;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>What a new wish, a cancel or a failure changes in a record; pure.</summary>
internal static class Wishes
{
    private const int RunsMax = 20;

    public static WorkloadRecord First(WorkloadSpec spec, DateTimeOffset now) => new() { Wanted = spec, Rollout = NewRollout(spec, now) };

    public static WorkloadRecord Apply(WorkloadRecord record, WorkloadSpec spec, DateTimeOffset now)
    {
        var was = record.Wanted;

        // 1. The same revision again changes only how many, whether, and where; what runs is as it was released.
        if (spec.Revision == was.Revision)
        {
            var wanted = Scaled(was, spec);
            var changed = record with { Wanted = wanted, Serving = record.Serving?.Revision == spec.Revision ? Scaled(record.Serving, spec) : record.Serving };

            // Nothing has ever served, so starting it again means trying again.
            var retried = was.Stopped && !spec.Stopped && changed.Serving is null && changed.Rollout.Stage == Stage.Failed;
            return retried ? changed with { Rollout = NewRollout(wanted, now) } : changed;
        }

        // 2. Back to what serves: nothing needs to be replaced.
        if (record.Serving is { } serving && serving.Revision == spec.Revision)
        {
            var back = Scaled(serving, spec);
            return record with
            {
                Wanted = back,
                Serving = back,
                Rollout = new Rollout { Revision = spec.Revision, Stage = Stage.Done, StartedAt = now, FinishedAt = now },
            };
        }

        // 3. A new one; a rollout that was under way is superseded.
        return record with { Wanted = spec, Rollout = NewRollout(spec, now) };
    }

    public static Rollout WithStep(Rollout rollout, string name, string state, string? message, DateTimeOffset now)
    {
        var steps = rollout.Steps.ToList();
        var index = steps.FindIndex(step => step.Name == name);
        var began = index >= 0 ? steps[index].At : now;
        var step = new RolloutStep(name, state, message, began, state == "Running" ? null : Math.Round((now - began).TotalSeconds, 3));
        if (index >= 0)
        {
            steps[index] = step;
        }
        else
        {
            steps.Add(step);
        }

        return rollout with { Steps = steps };
    }

    public static IReadOnlyList<JobRun> WithRun(IReadOnlyList<JobRun> runs, JobRun run) => [run, .. runs.Take(RunsMax - 1)];

    public static IReadOnlyList<JobRun> WithRunEnded(IReadOnlyList<JobRun> runs, string group, ContainerExit? exit, DateTimeOffset now)
    {
        var list = runs.ToList();
        var index = list.FindIndex(run => run.Group == group && run.FinishedAt is null);
        if (index >= 0)
        {
            list[index] = list[index] with { FinishedAt = now, ExitCode = exit?.Code, Message = exit is { Code: 0 } ? null : exit?.Words ?? "cancelled" };
        }

        return list;
    }

    private static WorkloadSpec Scaled(WorkloadSpec known, WorkloadSpec asked) => known with
    {
        Stopped = asked.Stopped,
        Hosts = asked.Hosts,
        Redact = asked.Redact,
        DrainTimeoutSeconds = asked.DrainTimeoutSeconds,
        StopTimeoutSeconds = asked.StopTimeoutSeconds,
        Groups = [.. known.Groups.Select(group => group with { Instances = asked.Groups.FirstOrDefault(other => other.Name == group.Name)?.Instances ?? group.Instances })],
    };

    private static Rollout NewRollout(WorkloadSpec spec, DateTimeOffset now) => new() { Revision = spec.Revision, Stage = Stage.Release, StartedAt = now };
}
