using Axle.Agent.Runs;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>All that is kept of a workload. Written before each act, so that a successor goes on where the agent ended.</summary>
internal sealed record WorkloadRecord
{
    private const int FormerMax = 200;

    public required WorkloadSpec Wanted { get; init; }

    /// <summary>What users are sent to; null before the first success.</summary>
    public WorkloadSpec? Serving { get; init; }

    public required Rollout Rollout { get; init; }

    public IReadOnlyList<Instance> Instances { get; init; } = [];

    /// <summary>By group: the last tick that was run or passed over.</summary>
    public IReadOnlyDictionary<string, CronState> Crons { get; init; } = new Dictionary<string, CronState>();

    /// <summary>Newest first.</summary>
    public IReadOnlyList<JobRun> Runs { get; init; } = [];

    /// <summary>What logs must not show of revisions before: their last lines may still come. Newest first.</summary>
    public IReadOnlyList<string> Former { get; init; } = [];

    /// <summary>All that logs must not show.</summary>
    public IEnumerable<string> Redacted => Wanted.Redact.Concat(Serving?.Redact ?? []).Concat(Former).Distinct(StringComparer.Ordinal);

    /// <summary>The same, remembering what the record before it kept out of logs.</summary>
    public WorkloadRecord After(WorkloadRecord before)
    {
        if (ReferenceEquals(before.Wanted, Wanted) && ReferenceEquals(before.Serving, Serving))
        {
            return this;
        }

        var former = before.Redacted.Except(Wanted.Redact.Concat(Serving?.Redact ?? []), StringComparer.Ordinal).Take(FormerMax).ToList();
        return former.Count == 0 && Former.Count == 0 ? this : this with { Former = former };
    }

    /// <summary>The spec that instances of this revision are made of; null when neither wanted nor serving.</summary>
    public WorkloadSpec? SpecOf(string revision) =>
        Serving?.Revision == revision ? Serving : Wanted.Revision == revision ? Wanted : null;

    public Instance Find(string instance) => Instances.First(other => other.Id == instance);

    public WorkloadRecord With(string instance, Func<Instance, Instance> change) =>
        this with { Instances = [.. Instances.Select(other => other.Id == instance ? change(other) : other)] };

    /// <summary>On its way in with the rollout that goes on now.</summary>
    public bool IsNew(Instance instance) => instance.Revision == Wanted.Revision && Rollout.Stage is Stage.Start && !instance.IsLeaving;
}

internal enum Stage
{
    /// <summary>The release command runs.</summary>
    Release,

    /// <summary>New instances start; the old ones serve.</summary>
    Start,
    Done,
    Failed,
}

/// <summary>The way from what serves to what is wanted.</summary>
internal sealed record Rollout
{
    public required string Revision { get; init; }

    public required Stage Stage { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When the new instances were first asked for; the start timeout counts from here.</summary>
    public DateTimeOffset? InstancesFrom { get; init; }

    /// <summary>Run of the release command.</summary>
    public string? ReleaseRun { get; init; }

    public IReadOnlyList<RolloutStep> Steps { get; init; } = [];

    public RolloutFailure? Failure { get; init; }
}

internal enum InstanceState
{
    Starting,
    Ready,
    Unready,

    /// <summary>Gets no new request; those under way go on.</summary>
    Draining,

    /// <summary>Was asked to end.</summary>
    Stopping,

    /// <summary>Ended by itself; waits for its next start.</summary>
    Crashed,
}

/// <summary>One place of a group: its processes may be replaced after a crash, its ports stay.</summary>
internal sealed record Instance
{
    public required string Id { get; init; }

    public required string Group { get; init; }

    public required GroupKind Kind { get; init; }

    public required int Index { get; init; }

    public required string Revision { get; init; }

    public required InstanceState State { get; init; }

    public IReadOnlyDictionary<string, int> Ports { get; init; } = new Dictionary<string, int>();

    public IReadOnlyList<ContainerState> Containers { get; init; } = [];

    /// <summary>Of the present processes.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? ReadyAt { get; init; }

    public int Restarts { get; init; }

    /// <summary>Crashes in a row; sets the pause before the next start.</summary>
    public int Crashes { get; init; }

    public DateTimeOffset? RestartAt { get; init; }

    /// <summary>When patience with a stopping instance ends.</summary>
    public DateTimeOffset? KillAt { get; init; }

    public bool Killed { get; init; }

    public string? Message { get; init; }

    public bool IsUp => State is InstanceState.Ready or InstanceState.Unready;

    public bool IsLeaving => State is InstanceState.Draining or InstanceState.Stopping;
}

/// <param name="Run">Null before it was started.</param>
/// <param name="Exit">Set once it has ended.</param>
internal sealed record ContainerState(string Name, string? Run, bool Healthy, ContainerExit? Exit);

/// <param name="Words">For people.</param>
internal sealed record ContainerExit(int? Code, bool OutOfMemory, string Words)
{
    public static ContainerExit Of(RunExit exit) => new(exit.Code, exit.OutOfMemory, exit.Words);
}

/// <param name="LastTick">The last tick that was run or passed over; at first, when the group was seen.</param>
/// <param name="Run">The run of that tick, while it goes on.</param>
internal sealed record CronState(DateTimeOffset LastTick, string? Run);
