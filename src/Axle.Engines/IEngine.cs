using Axle.Contracts;

namespace Axle.Engines;

/// <summary>
/// Makes a resolved workload run. Level-based: it is told the whole wish and works toward it on its own, also while the
/// control plane is away. The process engine's agent does so on one machine; a cluster does on Kubernetes.
/// </summary>
public interface IEngine
{
    /// <summary><c>process</c> or <c>kubernetes</c>.</summary>
    string Name { get; }

    /// <summary>Sets the wish. Durable when it returns. The same revision again changes only instances, stopped and what logs must not show.</summary>
    Task ApplyAsync(WorkloadSpec workload, CancellationToken stop);

    /// <summary>What is seen, or null when the engine does not know the workload.</summary>
    Task<WorkloadStatus?> ObserveAsync(string id, CancellationToken stop);

    Task<IReadOnlyList<WorkloadStatus>> ObserveAllAsync(CancellationToken stop);

    /// <summary>Gives up a running rollout; what served before goes on serving. Nothing happens when none runs.</summary>
    Task CancelRolloutAsync(string id, CancellationToken stop);

    /// <summary>Stops and forgets a workload, its logs too, and the volumes that are its alone.</summary>
    Task RemoveAsync(string id, CancellationToken stop);

    /// <summary>Starts a job unless one with this id is known. It goes on while the control plane is away.</summary>
    Task StartJobAsync(JobSpec job, CancellationToken stop);

    Task<JobStatus?> ObserveJobAsync(string id, CancellationToken stop);

    /// <summary>Kills the job's whole tree.</summary>
    Task CancelJobAsync(string id, CancellationToken stop);

    /// <summary>Forgets a finished job and its log.</summary>
    Task RemoveJobAsync(string id, CancellationToken stop);

    /// <summary>Log lines of a workload or job, oldest first; with follow, new ones until it is cancelled (a job's log ends with the job).</summary>
    IAsyncEnumerable<LogLine> LogsAsync(LogQuery query, CancellationToken stop);

    /// <summary>Runs a command inside a running instance; reads stdin to its end. The exit code is the last item.</summary>
    IAsyncEnumerable<ExecOutput> ExecAsync(ExecSpec exec, Stream? input, CancellationToken stop);

    /// <summary>Ids of workloads and jobs (<c>job:id</c>) whose status changed. Starts over with all ids after a lost connection.</summary>
    IAsyncEnumerable<string> WatchAsync(CancellationToken stop);

    Task<EngineInfo> InfoAsync(CancellationToken stop);
}

/// <summary>The engine cannot be reached now; try again later.</summary>
public sealed class EngineUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The engine answered and refused; trying again will not help.</summary>
public sealed class EngineRefusedException(string message) : Exception(message);

/// <param name="Isolation"><c>full</c>, <c>limits only</c> or <c>none</c>; what is really applied.</param>
/// <param name="Missing">What would raise the level, in words: <c>bubblewrap is not installed: apt-get install bubblewrap</c>.</param>
public sealed record EngineInfo(string Name, string Version, string Isolation, IReadOnlyList<string> Missing, string IngressAddress, int IngressPort, int ProcessId);

/// <summary>A workload ready to run: no placeholder left.</summary>
public sealed record WorkloadSpec
{
    /// <summary>The deployment's name, <c>component.environment</c>; letters, digits, <c>-_.</c>.</summary>
    public required string Id { get; init; }

    /// <summary>A new value replaces the instances by a rolling switch.</summary>
    public required string Revision { get; init; }

    /// <summary>Shown to people for this revision, for instance <c>v7</c>.</summary>
    public required string Release { get; init; }

    /// <summary>Folder with the artifact's files; read-only, world-readable, stays while any revision uses it.</summary>
    public required string ArtifactFolder { get; init; }

    /// <summary>Host names that the ingress routes to the web group.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    public required IReadOnlyList<GroupSpec> Groups { get; init; }

    /// <summary>No instance runs; the ingress answers 503 and says so.</summary>
    public bool Stopped { get; init; }

    /// <summary>How long new instances may take to become ready.</summary>
    public double StartTimeoutSeconds { get; init; } = 60;

    /// <summary>How long requests in flight may take after the switch.</summary>
    public double DrainTimeoutSeconds { get; init; } = 30;

    /// <summary>Between <see cref="StopSignal"/> and SIGKILL.</summary>
    public double StopTimeoutSeconds { get; init; } = 10;

    /// <summary>By which instances are asked to end. SIGTERM goes to all their processes, any other to the main process only: PostgreSQL takes SIGINT.</summary>
    public string StopSignal { get; init; } = "SIGTERM";

    /// <summary>Values that no log line and no answer of a check may show. Not part of what a revision is: the same revision with others only updates them.</summary>
    public IReadOnlyList<string> Redact { get; init; } = [];
}

/// <summary>Containers that are scaled together, sharing ports and fate, like a pod.</summary>
public sealed record GroupSpec
{
    /// <summary><c>web</c>, <c>worker</c>, …</summary>
    public required string Name { get; init; }

    public required GroupKind Kind { get; init; }

    public int Instances { get; init; } = 1;

    /// <summary>Five-field cron in UTC, for <see cref="GroupKind.Cron"/>. A run that is still going makes the next one wait its turn (forbid).</summary>
    public string? Schedule { get; init; }

    /// <summary>For <see cref="GroupKind.Static"/>: folder inside the artifact that the ingress serves by itself.</summary>
    public string? StaticRoot { get; init; }

    /// <summary>
    /// Ports by name. Each instance gets a free port of the machine for each; containers learn them as
    /// <c>PORT</c> (the first one) and <c>PORT_NAME</c>. The ingress sends traffic to the first.
    /// </summary>
    public IReadOnlyList<PortSpec> Ports { get; init; } = [];

    public IReadOnlyList<ContainerSpec> Containers { get; init; } = [];
}

/// <summary>What a group is for. Web is switched by the ingress; Worker only runs; Release runs once per revision before anything starts; Cron by schedule; Static has no process.</summary>
public enum GroupKind
{
    Web,
    Worker,
    Release,
    Cron,
    Static,
}

/// <param name="Port">What the workload declares as its target port; replaced by the assigned one wherever the engine shares the machine's ports.</param>
public sealed record PortSpec(string Name, int Port, string Protocol = "TCP");

public sealed record ContainerSpec
{
    public required string Name { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Inside the artifact; empty is its root.</summary>
    public string WorkingFolder { get; init; } = "";

    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Files placed for the container; absolute targets, or relative to the working folder.</summary>
    public IReadOnlyList<FileSpec> Files { get; init; } = [];

    public IReadOnlyList<VolumeSpec> Volumes { get; init; } = [];

    public LimitSpec Limits { get; init; } = new();

    public ProbeSpec? Readiness { get; init; }

    public ProbeSpec? Liveness { get; init; }

    /// <summary>Containers of the same group that wait for this one: name and <c>started</c>, <c>healthy</c> or <c>complete</c>.</summary>
    public IReadOnlyDictionary<string, string> Before { get; init; } = new Dictionary<string, string>();
}

/// <param name="Content">Base64.</param>
/// <param name="Mode">Octal, as in <c>0644</c>.</param>
public sealed record FileSpec(string Target, string Content, string Mode = "0644");

/// <summary>A folder that outlives instances and revisions of its workload, by <paramref name="Source"/> name.</summary>
public sealed record VolumeSpec(string Target, string Source, string? Path = null, bool ReadOnly = false)
{
    /// <summary>
    /// The volume of the engine that it is, which outlives the workload too (<see cref="IVolumes"/>); files that the workload had under this
    /// source before become its content. Null is a folder of this workload alone, and gone with it.
    /// </summary>
    public string? Volume { get; init; }
}

/// <summary>Null is the engine's default.</summary>
public sealed record LimitSpec(long? MemoryBytes = null, int? CpuMillis = null, int? Pids = null);

/// <summary>A check: an HTTP request (to the declared port; the engine translates it) answered with 200–399, or a command that exits with 0. One of the two is set.</summary>
public sealed record ProbeSpec(HttpProbe? Http = null, IReadOnlyList<string>? Exec = null)
{
    /// <summary>Between two checks of what is ready already; what is starting is asked far more often.</summary>
    public double PeriodSeconds { get; init; } = 5;

    public double TimeoutSeconds { get; init; } = 5;

    /// <summary>Failures in a row that count, once it was ready.</summary>
    public int Failures { get; init; } = 3;
}

public sealed record HttpProbe(int Port, string Path, string Scheme = "HTTP", string? Host = null, IReadOnlyList<KeyValuePair<string, string>>? Headers = null);

/// <summary>What the engine sees of a workload.</summary>
public sealed record WorkloadStatus
{
    public required string Id { get; init; }

    /// <summary>The revision that was asked for last.</summary>
    public required string WantedRevision { get; init; }

    /// <summary>The revision that serves; null before the first success.</summary>
    public string? ServingRevision { get; init; }

    /// <summary>Release name of the serving revision.</summary>
    public string? ServingRelease { get; init; }

    /// <summary><c>RollingOut</c>, <c>Healthy</c>, <c>Degraded</c>, <c>Failed</c> or <c>Stopped</c>.</summary>
    public required string Phase { get; init; }

    public IReadOnlyList<RolloutStep> Steps { get; init; } = [];

    public RolloutFailure? Failure { get; init; }

    public IReadOnlyList<InstanceStatus> Instances { get; init; } = [];

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Last runs of cron groups and the release command, newest first, at most 20.</summary>
    public IReadOnlyList<JobRun> Runs { get; init; } = [];
}

public sealed record JobRun(string Group, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, int? ExitCode, string? Message = null);

/// <summary>A command that runs once: a build, a release command, <c>axle run</c>.</summary>
public sealed record JobSpec
{
    /// <summary>Unique; letters, digits, <c>-_.</c>.</summary>
    public required string Id { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Folder the job works in; inside the sandbox it is the current folder.</summary>
    public required string Folder { get; init; }

    /// <summary>May change <see cref="Folder"/>.</summary>
    public bool WritableFolder { get; init; }

    /// <summary>Further folders that the job may write (caches), by the path it sees.</summary>
    public IReadOnlyDictionary<string, string> WritableFolders { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    public LimitSpec Limits { get; init; } = new();

    public double TimeoutSeconds { get; init; } = 900;

    /// <summary>Values that no line of its log may show.</summary>
    public IReadOnlyList<string> Redact { get; init; } = [];

    /// <summary>
    /// The workload as one of whose containers it runs: with its user, files and volumes. Variables, limits and working folder are
    /// the container's then, the command is the job's.
    /// </summary>
    public JobContainer? As { get; init; }

    /// <summary>Jobs of one owner share a user of the machine, apart from all others; usually the component's name.</summary>
    public required string Owner { get; init; }
}

/// <summary>A container of a workload that a job takes the place of.</summary>
public sealed record JobContainer(string WorkloadId, ContainerSpec Container);

/// <param name="Phase"><c>Running</c>, <c>Succeeded</c>, <c>Failed</c>, <c>Cancelled</c> or <c>TimedOut</c>.</param>
/// <param name="Message">For instance <c>killed: out of memory (limit 1 GiB)</c>.</param>
public sealed record JobStatus(string Id, string Phase, int? ExitCode, string? Message, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt);

/// <param name="Id">Workload id, or <c>job:id</c>.</param>
/// <param name="Tail">Lines from the end to begin with; null is everything kept.</param>
public sealed record LogQuery(string Id, string? Instance = null, string? Group = null, int? Tail = null, bool Follow = false, DateTimeOffset? Since = null);

/// <param name="Instance">Null picks a ready one.</param>
public sealed record ExecSpec(string WorkloadId, string? Instance, string? Container, IReadOnlyList<string> Command);

/// <param name="Stream"><c>out</c> or <c>err</c>; null in the last item, which has the exit code.</param>
/// <param name="Data">Base64.</param>
public sealed record ExecOutput(string? Stream, string? Data, int? ExitCode = null);
