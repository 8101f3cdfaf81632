namespace Axle.Agent.Workloads;

/// <summary>What to do next for a workload.</summary>
internal abstract record Step
{
    /// <summary>Nothing until something happens, or until then.</summary>
    public sealed record Wait(DateTimeOffset? Until) : Step;

    /// <summary>Run the release command of the wanted revision.</summary>
    public sealed record RunRelease : Step;

    /// <summary>The release command has succeeded, or there is none.</summary>
    public sealed record BeginStart : Step;

    public sealed record AddInstance(string Revision, string Group, int Index) : Step;

    /// <summary>Start a container whose turn has come.</summary>
    public sealed record StartContainer(string Instance, string Container) : Step;

    /// <summary>The instance answers.</summary>
    public sealed record MarkReady(string Instance) : Step;

    /// <summary>It ended by itself, or must be ended and begun again.</summary>
    public sealed record MarkCrashed(string Instance, string Why) : Step;

    /// <summary>Start a crashed instance again.</summary>
    public sealed record Restart(string Instance) : Step;

    /// <summary>All new instances are ready: send users there.</summary>
    public sealed record Promote : Step;

    /// <param name="Instance">The one that failed; null when it was not an instance's fault.</param>
    public sealed record Fail(FailureCause Cause, string? Instance) : Step;

    /// <summary>Take it out of the traffic and wait for its requests.</summary>
    public sealed record Drain(string Instance) : Step;

    /// <summary>Ask it to end.</summary>
    public sealed record Stop(string Instance) : Step;

    /// <summary>It did not end when asked.</summary>
    public sealed record Kill(string Instance) : Step;

    /// <summary>It has ended.</summary>
    public sealed record Forget(string Instance) : Step;
}

internal enum FailureCause
{
    ReleaseCommand,
    Exited,
    NotReady,
}
