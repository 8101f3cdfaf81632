using System.Text.Json;

namespace Axle.Contracts;

/// <summary>Where releases run. The spec of an <c>Environment</c>.</summary>
public sealed record EnvironmentSpec
{
    /// <summary><c>process</c> or <c>kubernetes</c>.</summary>
    public string Engine { get; init; } = "process";

    /// <summary>Place in the promotion order, from 1; a release must have run one place earlier.</summary>
    public int Order { get; init; } = 1;

    /// <summary>Each new release of a component goes here by itself.</summary>
    public bool AutoDeploy { get; init; }

    /// <summary>Shown as production: actions ask first, rights are stricter.</summary>
    public bool Production { get; init; }
}

/// <summary>The spec of a <c>Build</c>: one commit of one component. Named <c>component-commit12</c>, so that a commit is built once.</summary>
public sealed record BuildSpec
{
    public required EntityRef Component { get; init; }

    /// <summary>Name of the repository.</summary>
    public required string Repository { get; init; }

    /// <summary>Full commit id.</summary>
    public required string Commit { get; init; }

    public string? Branch { get; init; }

    /// <summary>First line of the commit message.</summary>
    public string? Message { get; init; }

    public string? Author { get; init; }

    /// <summary>Set to stop the build.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Counts tries from 1; a higher number than the status's starts the build over.</summary>
    public int Attempt { get; init; } = 1;
}

/// <summary>What became of a build.</summary>
public sealed record BuildStatus
{
    /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Cancelled</c>.</summary>
    public string Phase { get; init; } = BuildPhases.Pending;

    /// <summary>The try that this status is about.</summary>
    public int Attempt { get; init; }

    /// <summary>What was detected: <c>dotnet</c>, <c>node</c>, <c>python</c>, <c>static</c>, <c>procfile</c>, <c>shell</c>, <c>dockerfile</c>.</summary>
    public string? Builder { get; init; }

    /// <summary><c>sha256:…</c> of the artifact.</summary>
    public string? Artifact { get; init; }

    /// <summary>The artifact was there already; nothing was run.</summary>
    public bool Cached { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public Error? Error { get; init; }

    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>How the artifact is run; the release takes it over.</summary>
    public RunPlan? Plan { get; init; }
}

public static class BuildPhases
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";
    public const string Cancelled = "Cancelled";
}

/// <summary>How an artifact is run: what the build found out, before any environment is known.</summary>
public sealed record RunPlan
{
    /// <summary>The validated score.yaml as JSON (given, or proposed by detection).</summary>
    public required JsonElement Workload { get; init; }

    /// <summary>Processes by name (<c>web</c>, <c>worker</c>, <c>release</c>, cron jobs), as a Procfile or detection gave them.</summary>
    public IReadOnlyList<PlannedProcess> Processes { get; init; } = [];
}

/// <summary>One kind of process of a component.</summary>
/// <param name="Name">As in a Procfile.</param>
/// <param name="Kind"><c>web</c>, <c>worker</c>, <c>release</c>, <c>cron</c> or <c>static</c>.</param>
/// <param name="Command">Program and arguments, never a shell string; a Procfile line becomes <c>/bin/sh -c</c>. Empty for static files.</param>
/// <param name="Schedule">Five-field cron, UTC, for <c>cron</c>.</param>
/// <param name="Root">For <c>static</c>: the folder inside the artifact.</param>
public sealed record PlannedProcess(string Name, string Kind, IReadOnlyList<string> Command, string? Schedule = null, string? Root = null)
{
    /// <summary>Variables that the runtime needs (for instance <c>NODE_ENV</c>); the workload's own win.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>No instance runs until somebody scales it: a Procfile's further processes beside <c>web</c>.</summary>
    public bool Waits { get; init; }
}

/// <summary>The spec of a <c>Release</c>; immutable. Named <c>component-vN</c>.</summary>
public sealed record ReleaseSpec
{
    public required EntityRef Component { get; init; }

    /// <summary>Counts a component's releases from 1; people say <c>v7</c>.</summary>
    public required int Number { get; init; }

    public required EntityRef Build { get; init; }

    public required string Commit { get; init; }

    public string? Message { get; init; }

    public string? Author { get; init; }

    /// <summary><c>sha256:…</c>.</summary>
    public required string Artifact { get; init; }

    public required RunPlan Plan { get; init; }
}

/// <summary>The spec of a <c>Deployment</c>: a component in an environment. Named <c>component.environment</c>.</summary>
public sealed record DeploymentSpec
{
    public required EntityRef Component { get; init; }

    public required EntityRef Environment { get; init; }

    public required EntityRef Release { get; init; }

    /// <summary>Wanted instances by process; one that is not named runs once, or not at all while its release says that it <see cref="PlannedProcess.Waits"/>.</summary>
    public IReadOnlyDictionary<string, int> Instances { get; init; } = new Dictionary<string, int>();

    /// <summary>Nothing runs while set; the URL answers 503.</summary>
    public bool Stopped { get; init; }

    /// <summary>Changed to replace all instances without another reason.</summary>
    public DateTimeOffset? RestartedAt { get; init; }

    /// <summary>Set by a rollback or cancel: releases up to this number are not deployed here by themselves.</summary>
    public int HeldUpToNumber { get; init; }

    /// <summary>Who asked for the present release, and how: <c>push</c>, <c>deploy</c>, <c>promote</c>, <c>rollback</c>, <c>cancel</c>.</summary>
    public string? RequestedBy { get; init; }

    public string Trigger { get; init; } = "deploy";
}

/// <summary>What a deployment is doing.</summary>
public sealed record DeploymentStatus
{
    /// <summary>See <see cref="DeploymentPhases"/>.</summary>
    public string Phase { get; init; } = DeploymentPhases.Pending;

    /// <summary>The generation of the spec that this status answers.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>The release that serves now; null before the first success.</summary>
    public EntityRef? Serving { get; init; }

    /// <summary>The release that is being, or was last, rolled out.</summary>
    public EntityRef? Target { get; init; }

    public string? Url { get; init; }

    public IReadOnlyList<InstanceStatus> Instances { get; init; } = [];

    /// <summary>Steps of the present or last rollout, oldest first.</summary>
    public IReadOnlyList<RolloutStep> Steps { get; init; } = [];

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Why the last rollout failed.</summary>
    public RolloutFailure? Failure { get; init; }

    /// <summary>The version of each resource's credential that everything running was started with, by the name of its claim.</summary>
    public IReadOnlyDictionary<string, int> Credentials { get; init; } = new Dictionary<string, int>();

    public IReadOnlyList<Condition> Conditions { get; init; } = [];
}

public static class DeploymentPhases
{
    public const string Pending = "Pending";
    public const string RollingOut = "RollingOut";
    public const string Healthy = "Healthy";

    /// <summary>The rollout succeeded, but instances crash now.</summary>
    public const string Degraded = "Degraded";

    /// <summary>The last rollout failed; what served before still serves.</summary>
    public const string Failed = "Failed";
    public const string Stopped = "Stopped";
}

/// <summary>One instance as the engine sees it.</summary>
/// <param name="State"><c>Starting</c>, <c>Ready</c>, <c>Unready</c>, <c>Draining</c>, <c>Crashed</c> or <c>Stopped</c>.</param>
public sealed record InstanceStatus(
    string Id,
    string Process,
    string Revision,
    string State,
    int Restarts,
    DateTimeOffset StartedAt,
    int? Port = null,
    string? Message = null,
    long? MemoryBytes = null);

/// <summary>One step of a rollout: <c>release</c>, <c>start</c>, <c>health</c>, <c>switch</c>, <c>drain</c>, <c>stop</c>.</summary>
/// <param name="State"><c>Running</c>, <c>Done</c> or <c>Failed</c>.</param>
public sealed record RolloutStep(string Name, string State, string? Message, DateTimeOffset At, double? Seconds = null);

/// <summary>Why a rollout failed: the check, its last answer, the last lines.</summary>
/// <param name="Reason">One word: <c>Exited</c>, <c>Unhealthy</c>, <c>NotListening</c>, <c>ReleaseCommandFailed</c>, <c>OutOfMemory</c>, <c>Cancelled</c>, <c>CannotStart</c>.</param>
/// <param name="LogTail">At most 50 lines.</param>
public sealed record RolloutFailure(string Reason, string Message, string? Check, string? LastAnswer, int? ExitCode, IReadOnlyList<string> LogTail);

/// <summary>One line that an application or a build wrote.</summary>
/// <param name="Stream"><c>out</c>, <c>err</c> or <c>axle</c> for the platform's own remarks.</param>
/// <param name="Source">Instance or job id.</param>
public sealed record LogLine(DateTimeOffset At, string Source, string Stream, string Text);
