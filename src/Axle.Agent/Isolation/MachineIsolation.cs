namespace Axle.Agent.Isolation;

/// <summary>What this machine lets the agent apply to a process, found out by trying (<see cref="IsolationProbe"/>).</summary>
/// <param name="Users">Each workload runs as a user of its own, apart from the agent's.</param>
/// <param name="Sandbox">Processes see only their own files and processes (bubblewrap).</param>
/// <param name="Cgroups">Limits and killing of whole trees; null without.</param>
/// <param name="Missing">What would raise the level, in words.</param>
internal sealed record MachineIsolation(bool Users, bool Sandbox, Cgroups? Cgroups, IReadOnlyList<string> Missing)
{
    public static MachineIsolation None { get; } = new(false, false, null, []);

    /// <summary>Never more than what is applied to every process.</summary>
    public string Level => (Users, Sandbox, Cgroups) switch
    {
        (true, true, { HasLimits: true }) => "full",
        (_, _, { HasLimits: true }) => "limits only",
        _ => "none",
    };
}
