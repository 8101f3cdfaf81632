using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Source;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates;

/// <summary>
/// Makes a component from a template: repository, catalogue entry, first commit. Either all of it is there afterwards or
/// nothing; what a crash leaves is recognised and taken over by the next try.
/// </summary>
internal sealed partial class CreateComponent(TemplateLibrary templates, IEntityStore entities, IRepositories repositories, PlatformOptions platform)
{
    private const int GroupsShownMax = 20;

    // One at a time: a create takes a fraction of a second, and two of one name must not mix.
    private static readonly SemaphoreSlim s_turn = new(1);

    public static async Task<IResult> Endpoint(CreateRequest request, Caller caller, CreateComponent self, CancellationToken stop) =>
        (await self.RunAsync(request, caller, stop)).ToHttp(answer => TypedResults.Created($"/api/components/{answer.Component.Name}", answer));

    public async Task<Result<CreateAnswer>> RunAsync(CreateRequest request, Caller caller, CancellationToken stop)
    {
        // 1. May this be, by name and owner?
        if (request.Name is null || !NameFormat().IsMatch(request.Name))
        {
            return TemplateErrors.Name(request.Name ?? "");
        }

        if (!templates.Find(request.Template ?? "").TryGet(out var template, out var unknown))
        {
            return unknown;
        }

        if (!Owner(request.Owner ?? "", caller).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        // 2. Everything is rendered and checked before anything is made.
        if (!Answers.Read(template, request with { Owner = owner.ToString() }).TryGet(out var answers, out var wrong))
        {
            return wrong;
        }

        var cloneUrl = $"{platform.PublicUrl}/git/{request.Name}.git";
        if (!RenderedComponent.Of(template, answers, request.Name, owner, cloneUrl).TryGet(out var rendered, out var broken))
        {
            return broken;
        }

        await s_turn.WaitAsync(stop);
        try
        {
            return await MakeAsync(rendered, template.Name, caller, stop);
        }
        finally
        {
            s_turn.Release();
        }
    }

    private Result<EntityRef> Owner(string text, Caller caller)
    {
        if (!EntityRef.TryParse(text, Kinds.Group, EntityRef.DefaultNamespace, out var owner) || owner.Kind is not ("group" or "user") || entities.Find(owner) is null)
        {
            var groups = entities.Query(new EntityQuery { Kinds = [Kinds.Group], Limit = GroupsShownMax }).Items;
            return TemplateErrors.OwnerUnknown(text, [.. groups.Select(g => g.Metadata.Name)]);
        }

        return caller.Role == Role.Admin || owner == caller.User || caller.Groups.Contains(owner) ? owner : TemplateErrors.NotInGroup(caller.User.Short, owner.Short);
    }

    private async Task<Result<CreateAnswer>> MakeAsync(RenderedComponent rendered, string template, Caller caller, CancellationToken stop)
    {
        // 3. Is the name free? A component of ours whose repository has no commit is what a crash left of an earlier try.
        var which = rendered.Entity.Ref;
        var name = which.Name;
        var existing = entities.Find(which);
        var repository = repositories.Find(name);
        var begun = repository is not null && await repositories.ResolveAsync(name, null, stop) is not null;
        if (existing is not null && (begun || caller.Refuse(Verb.Write, existing) is not null || existing.Metadata.Annotations.GetValueOrDefault(Annotations.Repository) != name || !existing.Metadata.Annotations.ContainsKey(Annotations.SourceTemplate)))
        {
            return TemplateErrors.Exists(which);
        }

        if (begun)
        {
            return TemplateErrors.RepositoryExists(name);
        }

        // 4. Repository, then component, then the first commit: its push event must find the component.
        if (repository is null)
        {
            if (!(await repositories.CreateAsync(name, stop)).TryGet(out repository, out var notMade))
            {
                return notMade;
            }
        }

        // From here on whoever hangs up does not stop it: half is worse than either.
        var (put, made) = (false, false);
        try
        {
            if (!(await entities.PutAsync(rendered.Entity, caller.Actor, existing?.Metadata.Revision ?? 0, $"Created from the template {template}", CancellationToken.None)).TryGet(out _, out var notPut))
            {
                return notPut;
            }

            put = true;
            var committed = await repositories.CommitAsync(name, rendered.Files, $"Create {name} from the template {template}", caller.Actor, CancellationToken.None);
            if (!committed.TryGet(out var commit, out var notCommitted))
            {
                return notCommitted;
            }

            made = true;
            return new CreateAnswer(which, repository.CloneUrl, commit, rendered.Names);
        }
        finally
        {
            if (!made)
            {
                await UndoAsync(which, put, caller);
            }
        }
    }

    private async Task UndoAsync(EntityRef which, bool put, Caller caller)
    {
        if (put)
        {
            await entities.DeleteAsync(which, caller.Actor, force: true, stop: CancellationToken.None);
            if (entities.Find(which) is not null)
            {
                // The kind waits for a clean-up, and there is nothing yet to clean up.
                await entities.RemoveAsync(which, caller.Actor, CancellationToken.None);
            }
        }

        await repositories.DeleteAsync(which.Name, CancellationToken.None);
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameFormat();
}
