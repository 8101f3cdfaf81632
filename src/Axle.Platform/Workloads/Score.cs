using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>
/// A workload as <c>score.yaml</c> describes it (<c>score.dev/v1b1</c>), checked: whoever holds one needs no further
/// validation. Made by <see cref="ScoreFile"/> or <see cref="FromJson"/> only. Dictionaries keep the file's order.
/// </summary>
public sealed record Score
{
    /// <summary>The only version there is.</summary>
    public const string ApiVersion = "score.dev/v1b1";

    internal Score()
    {
    }

    public required ScoreMetadata Metadata { get; init; }

    /// <summary><c>service.ports</c>.</summary>
    public required IReadOnlyDictionary<string, ScorePort> Ports { get; init; }

    public required IReadOnlyDictionary<string, ScoreContainer> Containers { get; init; }

    public required IReadOnlyDictionary<string, ScoreResource> Resources { get; init; }

    /// <summary>The same as JSON, in the upgraded form (no deprecated arrays); what a release keeps.</summary>
    public JsonElement ToJson() => ScoreWriter.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote, or any workload in JSON, by the same rules as a file.</summary>
    public static Result<Score> FromJson(JsonElement json) => ScoreFile.FromJson(json);

    /// <summary>Names the resource across workloads: two workloads that name the same one share it.</summary>
    public string UidOf(string resource) => Resources[resource].Uid(Metadata.Name, resource);
}

/// <param name="All">Everything under <c>metadata</c>, further keys included; what <c>${metadata.…}</c> looks into.</param>
public sealed record ScoreMetadata(string Name, IReadOnlyDictionary<string, string> Annotations, JsonElement All);

/// <param name="Port">What others connect to.</param>
/// <param name="TargetPort">What the container listens on; already defaulted.</param>
/// <param name="Protocol"><c>TCP</c> or <c>UDP</c>.</param>
public sealed record ScorePort(int Port, int TargetPort, string Protocol);

/// <summary>One container of a workload.</summary>
public sealed record ScoreContainer
{
    /// <summary>An image, or <c>.</c> for the one that the platform builds.</summary>
    public required string Image { get; init; }

    /// <summary>Replaces the image's entry point; null leaves it.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Replaces the image's arguments; null leaves them.</summary>
    public IReadOnlyList<string>? Args { get; init; }

    /// <summary>Placeholders are expanded.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>By target path.</summary>
    public required IReadOnlyDictionary<string, ScoreContainerFile> Files { get; init; }

    /// <summary>By target path.</summary>
    public required IReadOnlyDictionary<string, ScoreVolume> Volumes { get; init; }

    /// <summary>Containers that start only after this one is <c>started</c>, <c>healthy</c> or <c>complete</c>.</summary>
    public required IReadOnlyDictionary<string, string> Before { get; init; }

    public ScoreQuantities? Limits { get; init; }

    public ScoreQuantities? Requests { get; init; }

    public ScoreProbe? LivenessProbe { get; init; }

    public ScoreProbe? ReadinessProbe { get; init; }
}

/// <summary>A file put into a container. Exactly one of source, content and binary content is set.</summary>
/// <param name="Source">Path of a file beside the <c>score.yaml</c>.</param>
/// <param name="Content">Text; placeholders are expanded unless <paramref name="NoExpand"/>.</param>
/// <param name="BinaryContent">Base64; never expanded.</param>
/// <param name="Mode">Four octal digits, or null.</param>
public sealed record ScoreContainerFile(string? Source, string? Content, string? BinaryContent, string? Mode, bool NoExpand);

/// <param name="Source">What is mounted, usually <c>${resources.name}</c>; placeholders are expanded.</param>
/// <param name="Path">A folder inside the volume.</param>
public sealed record ScoreVolume(string Source, string? Path, bool ReadOnly);

/// <summary>As written; <see cref="Quantity"/> gives numbers.</summary>
public sealed record ScoreQuantities(string? Cpu, string? Memory);

/// <summary>At least one of the two; <see cref="Exec"/> is preferred where both are given.</summary>
public sealed record ScoreProbe(ScoreHttpProbe? HttpGet, IReadOnlyList<string>? Exec);

public sealed record ScoreHttpProbe(int Port, string Path, string? Host, string? Scheme, IReadOnlyList<KeyValuePair<string, string>> Headers);

/// <summary>Something that the workload needs.</summary>
public sealed record ScoreResource
{
    public const string DefaultClass = "default";

    public required string Type { get; init; }

    /// <summary>Null is <see cref="DefaultClass"/>.</summary>
    public string? Class { get; init; }

    public string? Id { get; init; }

    /// <summary>An object, or undefined.</summary>
    public JsonElement Metadata { get; init; }

    /// <summary>An object, or undefined; placeholders in its strings are expanded.</summary>
    public JsonElement Params { get; init; }

    /// <summary>Where it is declared; unknown for a workload that was read from JSON.</summary>
    public Place? Place { get; init; }

    /// <summary>Whether a text can be an id.</summary>
    public static bool IsId(string? id) => id is not null && ScoreForms.Id().IsMatch(id);

    /// <summary><c>type.class#id</c>, or <c>type.class#workload.name</c> for one that is the workload's own.</summary>
    public string Uid(string workload, string name) => $"{Type}.{Class ?? DefaultClass}#{Id ?? $"{workload}.{name}"}";
}
