using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Source;

namespace Axle.Platform.Builds;

/// <summary>The face of builds: writes wishes, reads logs and artifacts; <see cref="BuildReconciler"/> does the work.</summary>
internal sealed class BuildsFace(IEntityStore entities, IRepositories repositories, BuildPlanner planner, BuildLogs logs, ArtifactStore artifacts) : IBuilds
{
    private const int NameMax = 63;
    private const int CommitDigits = 12;

    /// <summary>The build's name: component and commit. A component whose name leaves no room is shortened, with a hash of the rest.</summary>
    public static EntityRef Ref(EntityRef component, string commit)
    {
        var room = NameMax - CommitDigits - 1;
        var name = component.Name.Length <= room
            ? component.Name
            : $"{component.Name[..(room - 9)].TrimEnd('-', '_', '.')}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(component.Name)))[..8]}";
        return BuildKind.Instance.Ref($"{name}-{commit[..Math.Min(commit.Length, CommitDigits)]}", component.Namespace);
    }

    public async Task<Result<Entity>> RequestAsync(Entity component, string commit, string? branch, string actor, bool retry, CancellationToken stop)
    {
        // 1. Which commit?
        var repository = component.Metadata.Annotations.GetValueOrDefault(Annotations.Repository) ?? component.Metadata.Name;
        if (!repositories.Exists(repository))
        {
            return new RepositoryUnknown(repository);
        }

        if (await repositories.ResolveAsync(repository, commit.Length == 0 ? null : commit, stop) is not { } found)
        {
            return new CommitUnknown(repository, commit.Length == 0 ? null : commit);
        }

        // 2. Built, or being built, already?
        var which = Ref(component.Ref, found.Commit);
        if (entities.Find(BuildKind.Instance, which) is { } build)
        {
            var again = Again(build, retry);
            return again is null ? build.Raw : await entities.PutAsync(build.Raw with { Spec = BuildKind.Instance.Make(which, again).Spec }, actor, build.Metadata.Revision, $"attempt {again.Attempt}", stop);
        }

        // 3. Write down the wish. Whoever asks at the same time finds it.
        var spec = new BuildSpec
        {
            Component = component.Ref,
            Repository = repository,
            Commit = found.Commit,
            Branch = branch,
            Message = found.Message,
            Author = found.Author,
        };
        var put = await entities.PutAsync(BuildKind.Instance.Make(which, spec), actor, expected: 0, stop: stop);
        return !put.Ok && put.Error!.Status is 409 or 412 && entities.Find(which) is { } other ? other : put;
    }

    public string? ArtifactFolder(string digest) => artifacts.Folder(digest);

    public async IAsyncEnumerable<LogLine> LogAsync(EntityRef build, bool follow, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var line in logs.Open(build).ReadAsync(follow, () => Ended(build), stop))
        {
            yield return line;
        }
    }

    public async Task<Result<Detection>> DetectAsync(string repository, string commit, CancellationToken stop) =>
        (await planner.PlanAsync(repository, commit.Length == 0 ? null : commit, repository, null, stop)).TryGet(out var found, out var error)
            ? new Detection(found.Plan.Builder, found.Plan.Sentence, found.Plan.ProposedScore) { Remarks = [.. found.Plan.Notes, .. found.Plan.Waiting(repository) is { } waiting ? [waiting] : Array.Empty<string>()] }
            : error;

    /// <summary>The spec of another attempt, or null when the build goes on or need not be repeated.</summary>
    private BuildSpec? Again(Entity<BuildSpec, BuildStatus> build, bool retry)
    {
        var next = build.Spec with { Attempt = build.Spec.Attempt + 1, Cancelled = false };
        var (spec, status) = (build.Spec, build.Status);
        return status.Attempt != spec.Attempt ? spec.Cancelled && retry ? next : null
            : status.Phase is BuildPhases.Failed or BuildPhases.Cancelled ? retry ? next : null
            : status.Phase is BuildPhases.Succeeded && status.Artifact is { } digest && artifacts.Folder(digest) is null ? next
            : spec.Cancelled && retry ? next
            : null;
    }

    private bool Ended(EntityRef build) =>
        entities.Find(BuildKind.Instance, build) is not { } found
        || (found.Status.Attempt == found.Spec.Attempt && found.Status.Phase is BuildPhases.Succeeded or BuildPhases.Failed or BuildPhases.Cancelled);
}
