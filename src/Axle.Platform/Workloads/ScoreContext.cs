using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Platform.Workloads;

/// <summary>What a workload's surroundings give when it is resolved for one environment.</summary>
public sealed record ScoreContext
{
    /// <summary>Reads a file that the workload names by <c>source</c>; see <see cref="ArtifactFiles"/>.</summary>
    public Func<string, Result<ReadOnlyMemory<byte>>> ReadFile { get; init; } =
        path => new Error("workloads.no_files", $"There are no files to read '{path}' from.", null, 422);

    /// <summary>What resources of type <c>environment</c> answer with.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Where another workload's port can be reached, by the port's name or number; null when there is none. For resources of type <c>service-port</c>.</summary>
    public Func<string, string, ServiceAddress?> ServicePort { get; init; } = (_, _) => null;

    /// <summary>The workload's own host name, for resources of type <c>dns</c>.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>The workload's own address as a browser reaches it.</summary>
    public string? Url { get; init; }

    /// <summary>Who provides the other types; the first that knows a resource answers.</summary>
    public IReadOnlyList<IResourceOutputs> Provisioners { get; init; } = [];

    /// <summary>
    /// What a container's image starts (container name, image), for containers without a command of their own. Empty
    /// leaves the command empty, for the caller to fill in.
    /// </summary>
    public Func<string, string, IReadOnlyList<string>> ImageCommand { get; init; } = (_, _) => [];
}

/// <summary>Where something listens.</summary>
public sealed record ServiceAddress(string Hostname, int Port);

/// <summary>Someone who provides resources of some types.</summary>
public interface IResourceOutputs
{
    /// <summary>The types, for people who asked for another one.</summary>
    IReadOnlyList<string> Types { get; }

    /// <summary>The outputs of a resource; null when its type and class are not this one's to provide; an error when they are but there is nothing yet.</summary>
    Result<ResourceOutputs>? Find(ResourceNeed need);
}

/// <param name="Uid"><c>type.class#id</c>: the same for every workload that shares it.</param>
/// <param name="Name">What the workload calls it.</param>
/// <param name="Params">An object without placeholders.</param>
public sealed record ResourceNeed(string Uid, string Type, string Class, string Name, string Workload, JsonElement Params);

/// <param name="Values">An object; <c>${resources.name.key}</c> looks into it.</param>
public sealed record ResourceOutputs(JsonElement Values)
{
    /// <summary>The engine's volume that it is; null for anything else.</summary>
    public string? Volume { get; init; }

    public static ResourceOutputs Of<T>(IEnumerable<KeyValuePair<string, T>> values) => new(JsonSerializer.SerializeToElement(values.ToDictionary()));
}

/// <summary>A workload without placeholders.</summary>
/// <param name="Containers">In the file's order. A command may be empty: see <see cref="ScoreContext.ImageCommand"/>.</param>
/// <param name="Ports">Named, with the port that the container listens on.</param>
public sealed record ResolvedWorkload(IReadOnlyList<ContainerSpec> Containers, IReadOnlyList<PortSpec> Ports);
