using Axle.Engines;

namespace Axle.Platform.Resources.Servers;

/// <summary>What a driver says of the server that it wants to run; <see cref="ServerWorkloads"/> adds what all of them have.</summary>
/// <param name="Name">Of the server, and of the script that starts it: <c>name.sh</c>.</param>
/// <param name="MemoryBytes">It may have, at most.</param>
/// <param name="Check">A command that ends with 0 once the server listens.</param>
internal sealed record ServerProgram(string Name, long MemoryBytes, IReadOnlyList<string> Check)
{
    /// <summary>Shown to people, for instance <c>v15</c>.</summary>
    public string Release { get; init; } = "v1";

    /// <summary>Of its script.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Never a password: others on the machine may see them.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>For its eyes only; in memory.</summary>
    public IReadOnlyList<FileSpec> Files { get; init; } = [];

    /// <summary>What its log must not show.</summary>
    public IReadOnlyList<string> Redact { get; init; } = [];

    public double StartSeconds { get; init; } = 60;

    public double StopSeconds { get; init; } = 10;

    public string StopSignal { get; init; } = "SIGTERM";

    public string Script => $"{Name}.sh";

    /// <summary>What the engine is told, but for the revision. Pure.</summary>
    /// <param name="id">See <see cref="ServerWorkloads.Id"/>.</param>
    /// <param name="scripts">The folder that holds its script.</param>
    public WorkloadSpec Workload(string id, string scripts) => new()
    {
        Id = id,
        Revision = "",
        Release = Release,
        ArtifactFolder = scripts,
        StartTimeoutSeconds = StartSeconds,
        StopTimeoutSeconds = StopSeconds,
        StopSignal = StopSignal,
        Redact = Redact,
        Groups =
        [
            new GroupSpec
            {
                Name = "server",
                Kind = GroupKind.Worker,
                Containers =
                [
                    new ContainerSpec
                    {
                        Name = Name,
                        Command = ["/bin/sh", Script, .. Arguments],
                        Variables = Variables,
                        Files = Files,
                        Volumes = [new VolumeSpec("/data", "data")],
                        Limits = new LimitSpec(MemoryBytes),
                        Readiness = new ProbeSpec(Exec: Check),
                    },
                ],
            },
        ],
    };
}
