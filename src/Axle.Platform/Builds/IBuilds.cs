using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Builds;

/// <summary>What others may ask of builds.</summary>
public interface IBuilds
{
    /// <summary>Asks for a commit of a component to be built; the same commit again is the same build (a failed or cancelled one is tried again when <paramref name="retry"/>).</summary>
    Task<Result<Entity>> RequestAsync(Entity component, string commit, string? branch, string actor, bool retry, CancellationToken stop);

    /// <summary>Folder of an artifact (<c>sha256:…</c>), or null when it is not here.</summary>
    string? ArtifactFolder(string digest);

    /// <summary>The build's log; with follow until it ends.</summary>
    IAsyncEnumerable<LogLine> LogAsync(EntityRef build, bool follow, CancellationToken stop);

    /// <summary>What would be built from a repository's tree, without building: for import's proposal.</summary>
    Task<Result<Detection>> DetectAsync(string repository, string commit, CancellationToken stop);
}

/// <param name="Builder"><c>dotnet</c>, <c>node</c>, …</param>
/// <param name="Sentence">"ASP.NET Core app Shop.Web (net10.0), started with dotnet Shop.Web.dll".</param>
/// <param name="ProposedScore">A score.yaml that says the same.</param>
public sealed record Detection(string Builder, string Sentence, string ProposedScore)
{
    /// <summary>What people should know besides: what is left out, what does not run at first.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>The kind <c>Build</c>.</summary>
public static class BuildKind
{
    public static readonly EntityKind<BuildSpec, BuildStatus> Instance = new(Contracts.Kinds.AxleApi, Contracts.Kinds.Build)
    {
        Internal = true,
        Edges = spec => [new Relation("buildOf", spec.Component)],
    };
}
