namespace Axle.Agent.Isolation;

/// <summary>What one process may see, change and use. <see cref="LaunchPlan"/> turns it into an argument list.</summary>
internal sealed record Sandbox
{
    /// <summary>Seen as <c>/run/axle</c>: variables, made-up accounts, files to place.</summary>
    public required string InsideFolder { get; init; }

    /// <summary>Seen as <c>/app</c>.</summary>
    public required string Folder { get; init; }

    public bool WritableFolder { get; init; }

    /// <summary>Inside <see cref="Folder"/>; empty is its root.</summary>
    public string WorkingFolder { get; init; } = "";

    public IReadOnlyList<SandboxMount> Mounts { get; init; } = [];

    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The sandbox writes its first process to descriptor 9, which the shim opens.</summary>
    public bool TellsProcess { get; init; }

    /// <summary>The machine's user; null keeps the agent's.</summary>
    public int? User { get; init; }

    /// <summary>Folders of control groups to join.</summary>
    public IReadOnlyList<string> Cgroups { get; init; } = [];
}

/// <param name="Source">A folder of the machine; for a file, its name in <see cref="Sandbox.InsideFolder"/>.</param>
/// <param name="Target">Absolute, inside the sandbox.</param>
internal sealed record SandboxMount(string Source, string Target, bool ReadOnly, bool IsFile = false);
