using System.Text;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Source;

/// <summary>
/// Takes over a repository that exists. A call without Accept only looks: it proposes what is missing and leaves nothing
/// behind. The call with Accept commits that and registers the component, after which the push listeners build it as they
/// do every head. It can be repeated: what is done already is not done again.
/// </summary>
/// <remarks>
/// An http(s) source is mirrored: pushes belong upstream, and webhooks or polling bring them here. A folder of this
/// machine is copied once; pushes come here from then on.
/// </remarks>
internal sealed class Import(Repositories repositories, Upstreams upstreams, SourceComponents components, IEntityStore entities, PushBell bell, IBuilds builds)
{
    private const string Score = "score.yaml";
    private readonly KeyedLock _locks = new();

    public static async Task<IResult> Endpoint(ImportRequest request, Caller caller, Import self, CancellationToken stop) =>
        (await self.RunAsync(request, caller, stop)).ToHttp(answer => TypedResults.Json(answer, AxleJson.Default.ImportAnswer, statusCode: answer.Accepted ? 201 : 200));

    public async Task<Result<ImportAnswer>> RunAsync(ImportRequest request, Caller caller, CancellationToken stop)
    {
        // 1. May they have this name, for this owner, from there?
        if (Refuse(request, caller, out var owner) is { } refused)
        {
            return refused;
        }

        if (!RemoteAddress.Parse(request.Source).TryGet(out var from, out var wrong))
        {
            return wrong;
        }

        if (from.Folder && caller.Role != Role.Admin)
        {
            return Errors.LocalForAdministrators();
        }

        // 2. Copy it, or look what is new there.
        using var alone = await _locks.HoldAsync(request.Name, stop);
        if (!(await CopyAsync(request.Name, from, stop)).TryGet(out var folder, out var notCopied))
        {
            return notCopied;
        }

        try
        {
            return await TakeAsync(request, folder, from, owner, caller, stop);
        }
        finally
        {
            // 3. A copy that no component came of does not stay: it would keep the name from whoever comes next.
            if (folder.Read(Remembered.Proposed) is not null)
            {
                await repositories.DeleteAsync(folder.Name, CancellationToken.None);
            }
        }
    }

    private async Task<Result<ImportAnswer>> TakeAsync(ImportRequest request, RepositoryFolder folder, RemoteAddress from, EntityRef owner, Caller caller, CancellationToken stop)
    {
        // 1. What is missing, and what would be built?
        if (await repositories.HeadAsync(folder, stop) is not { } head)
        {
            return Errors.Empty(from.Text);
        }

        if (!(await LookAsync(folder, head, owner, stop)).TryGet(out var look, out var notPossible))
        {
            return notPossible;
        }

        var component = look.Component;
        if (!request.Accept)
        {
            return new ImportAnswer(component.Ref, repositories.CloneUrl(folder.Name), head, look.Found, Accepted: false, look.Proposed);
        }

        // 2. First the files, then the component: a head without component is not built yet, so nothing is built in between.
        if (await CommitAsync(folder, look.Proposed, caller, stop) is { } notCommitted)
        {
            return notCommitted;
        }

        if (entities.Find(component.Ref) is null)
        {
            // A component of this name that was deleted had been told of this head; to the new one it is news.
            folder.Forget(Remembered.Told);
            if ((await entities.PutAsync(new DescribedAt(folder.Name, CatalogInfo.FileName, await repositories.HeadAsync(folder, stop) ?? "").On(component), caller.Actor, 0, $"Imported from {from.Text}", stop)).Error is { } notRegistered)
            {
                return notRegistered;
            }
        }

        folder.Forget(Remembered.Proposed);
        bell.Ring(folder.Name);
        return new ImportAnswer(component.Ref, repositories.CloneUrl(folder.Name), await repositories.HeadAsync(folder, stop), look.Found, Accepted: true, look.Proposed);
    }

    private Error? Refuse(ImportRequest request, Caller caller, out EntityRef owner)
    {
        owner = default;
        if (caller.Refuse(Verb.Create) is { } mayNot)
        {
            return mayNot;
        }

        if (!RepositoryNames.IsName(request.Name))
        {
            return Errors.NameRefused(request.Name ?? "");
        }

        if (!EntityRef.TryParse(request.Owner, "group", EntityRef.DefaultNamespace, out owner) || owner.Kind is not ("group" or "user") || entities.Find(owner) is null)
        {
            return Errors.OwnerUnknown(request.Owner ?? "");
        }

        if (caller.Role != Role.Admin && owner != caller.User && !caller.Groups.Contains(owner))
        {
            return Errors.NotInGroup(caller.User.Short, owner.Short);
        }

        // A component of this name must be this import's own, made by an earlier call.
        var component = EntityRef.Of(Kinds.Component, request.Name);
        return entities.Find(component) is { } taken && SourceComponents.RepositoryOf(taken) != request.Name ? Errors.ComponentTaken(component) : null;
    }

    private async Task<Result<RepositoryFolder>> CopyAsync(string name, RemoteAddress from, CancellationToken stop)
    {
        var registered = components.OwnerOf(name) is not null;
        if (repositories.Folder(name) is { } left && left.Read(Remembered.Proposed) is not null)
        {
            // An import that a crash cut short: all of it was done, or none of it counts.
            if (registered)
            {
                left.Forget(Remembered.Proposed);
            }
            else
            {
                await repositories.DeleteAsync(name, stop);
            }
        }

        if (repositories.Folder(name) is { } present)
        {
            var source = present.Read(Remembered.Source);
            if (source == from.Text)
            {
                // A folder is copied once: after that, pushes come here, and must not be undone, whether or not its component is still there.
                return !from.Folder && await upstreams.FetchAsync(present, from, stop) is { } notFetched ? notFetched : present;
            }

            return Errors.Exists(name);
        }

        if (!(await upstreams.DefaultBranchAsync(from, stop)).TryGet(out var branch, out var notThere))
        {
            return notThere;
        }

        var made = await repositories.CreateAsync(
            name,
            async (folder, token) =>
            {
                await File.WriteAllTextAsync(Path.Combine(folder.Path, "HEAD"), $"ref: refs/heads/{branch}\n", token);
                folder.Write(Remembered.Source, from.Text);
                folder.Write(Remembered.Proposed, from.Text);
                if (!from.Folder)
                {
                    folder.Write(Remembered.Upstream, from.Text);
                }

                return await upstreams.FetchAsync(folder, from, token);
            },
            stop);
        return made.TryGet(out _, out var notMade) ? repositories.Folder(name)! : notMade;
    }

    private async Task<Result<Look>> LookAsync(RepositoryFolder folder, string head, EntityRef owner, CancellationToken stop)
    {
        var proposed = new Dictionary<string, string>();
        var text = await repositories.ReadAsync(folder.Name, head, CatalogInfo.FileName, stop);
        if (text is null)
        {
            proposed[CatalogInfo.FileName] = text = CatalogInfo.Propose(folder.Name, owner);
        }

        if (!CatalogInfo.Read(text, folder.Name, owner, folder.Upstream).TryGet(out var component, out var wrong))
        {
            return wrong;
        }

        // A score.yaml that is there is not proposed again, but what it asks for may be impossible here: better said now than by a build.
        var described = await repositories.ReadAsync(folder.Name, head, Score, stop) is not null;
        if (!(await builds.DetectAsync(folder.Name, head, stop)).TryGet(out var detection, out var unknown))
        {
            return unknown;
        }

        if (!described)
        {
            proposed[Score] = detection.ProposedScore;
        }

        var found = described ? $"score.yaml is there and says how it runs: {detection.Sentence}" : detection.Sentence;
        return new Look(component, proposed, string.Join(' ', [found, .. detection.Remarks]));
    }

    private async Task<Error?> CommitAsync(RepositoryFolder folder, Dictionary<string, string> proposed, Caller caller, CancellationToken stop)
    {
        if (proposed.Count == 0)
        {
            return null;
        }

        if (folder.Upstream is not null)
        {
            await upstreams.AcceptAsync(folder, proposed, stop);
            return null;
        }

        var files = proposed.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => new SourceFile(f.Key, Encoding.UTF8.GetBytes(f.Value))).ToList();
        return (await repositories.CommitAsync(folder.Name, files, $"Add {string.Join(" and ", files.Select(f => f.Path))}", caller.Actor, stop)).Error;
    }

    /// <param name="Component">As it would be registered.</param>
    private sealed record Look(Entity Component, Dictionary<string, string> Proposed, string Found);
}
