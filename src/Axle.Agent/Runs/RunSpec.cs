using Axle.Agent.Isolation;
using Axle.Engines;

namespace Axle.Agent.Runs;

/// <summary>One process tree to start: a container of an instance, or a job.</summary>
internal sealed record RunSpec
{
    /// <summary>Unique for ever.</summary>
    public required string Id { get; init; }

    /// <summary>The log that its output goes to: a workload's id, or <c>job:id</c>.</summary>
    public required string Log { get; init; }

    /// <summary>Instance or job, in the log.</summary>
    public required string Source { get; init; }

    public required string Folder { get; init; }

    public bool WritableFolder { get; init; }

    public string WorkingFolder { get; init; } = "";

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    public IReadOnlyList<FileSpec> Files { get; init; } = [];

    public IReadOnlyList<SandboxMount> Mounts { get; init; } = [];

    public required AppliedLimits Limits { get; init; }

    public int? User { get; init; }

    /// <summary>By which it is asked to end.</summary>
    public string StopSignal { get; init; } = StopSignals.Default;
}

/// <summary>What is kept of a run on disk, so that the agent's successor can take it over.</summary>
internal sealed record RunRecord(string Id, string Log, string Source, IReadOnlyList<string> Cgroups, int? User, string Folder, string WorkingFolder, long? MemoryLimit, bool Sandboxed)
{
    /// <summary>As <see cref="RunMemory"/> gave it; null of one that an older agent started, which has everything in its run folder.</summary>
    public string? Memory { get; init; }

    /// <summary>Null is the default.</summary>
    public string? StopSignal { get; init; }
}

/// <summary>How a run ended.</summary>
/// <param name="Code">As a shell counts: 128 and more is a signal. Null when nobody could see it (the machine went down).</param>
internal sealed record RunExit(int? Code, bool OutOfMemory, long? MemoryLimit)
{
    /// <summary>For people.</summary>
    public string Words => this switch
    {
        { OutOfMemory: true } => $"killed: out of memory (limit {Size(MemoryLimit)})",
        { Code: null } => "ended while nobody watched (the machine restarted, or its supervisor was killed)",
        { Code: 126 } => "could not be started (exit code 126)",
        { Code: 127 } => "command not found (exit code 127)",
        { Code: 137 } => "killed (SIGKILL)",
        { Code: 143 } => "ended by SIGTERM",
        { Code: 139 } => "crashed: segmentation fault (SIGSEGV)",
        { Code: 134 } => "aborted (SIGABRT)",
        { Code: > 128 and < 160 and var code } => $"ended by signal {code - 128}",
        _ => $"exited with code {Code}",
    };

    public static string Size(long? bytes) => bytes switch
    {
        null => "of the machine",
        >= 1L << 30 => $"{bytes.Value / (double)(1L << 30):0.##} GiB",
        _ => $"{bytes.Value / (double)(1 << 20):0.##} MiB",
    };
}
