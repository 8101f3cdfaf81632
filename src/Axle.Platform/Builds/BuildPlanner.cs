using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Source;

namespace Axle.Platform.Builds;

/// <summary>Decides what a commit is built into, by looking at its tree in the repository; nothing is exported or run for that.</summary>
internal sealed class BuildPlanner(IRepositories repositories, MachineProbe machine, IEntityStore entities)
{
    /// <param name="Key">Names the input in the index of artifacts.</param>
    public sealed record Planned(BuildPlan Plan, CommitFound Commit, string Key);

    public async Task<Result<Planned>> PlanAsync(BuildSpec build, CancellationToken stop)
    {
        var project = entities.Find(build.Component)?.Metadata.Annotations.GetValueOrDefault(DotnetDetector.Annotation);
        if (!(await PlanAsync(build.Repository, build.Commit, build.Component.Name, project, stop)).TryGet(out var found, out var error))
        {
            return error;
        }

        return new Planned(found.Plan, found.Commit, ArtifactIndex.Key(build.Component, found.Commit.Tree, found.Plan, await machine.MachineAsync(stop)));
    }

    public async Task<Result<(BuildPlan Plan, CommitFound Commit)>> PlanAsync(string repository, string? revision, string component, string? project, CancellationToken stop)
    {
        if (!repositories.Exists(repository))
        {
            return new RepositoryUnknown(repository);
        }

        if (await repositories.ResolveAsync(repository, revision, stop) is not { } commit)
        {
            return new CommitUnknown(repository, revision);
        }

        var tree = new SourceTree(
            await repositories.ListAsync(repository, commit.Commit, stop),
            (path, s) => repositories.ReadAsync(repository, commit.Commit, path, s));
        return (await Detector.DetectAsync(tree, await machine.MachineAsync(stop), component, project, stop)).TryGet(out var plan, out var error)
            ? (plan, commit)
            : error;
    }
}
