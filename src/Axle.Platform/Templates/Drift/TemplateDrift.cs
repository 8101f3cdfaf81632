using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Source;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Templates.Drift;

/// <summary>
/// Which components are behind the template that they were made from, and what it takes to catch up. A template is run again,
/// dry, with the answers of back then; what it makes now is compared with what it made then, so a template whose new version
/// changes nothing for a component leaves that component alone.
/// </summary>
internal sealed class TemplateDrift(IEntityStore entities, TemplateShelf shelf, DryRun dryRun, ITemplateHistory history, ISourceFolders folders, PlatformOptions platform)
{
    public static async Task<IResult> ListEndpoint(Caller caller, TemplateDrift self, CancellationToken stop) => TypedResults.Ok(await self.ListAsync(caller, stop));

    public static async Task<IResult> UpdateEndpoint(TemplateUpdateRequest request, Caller caller, TemplateDrift self, CancellationToken stop) =>
        (await self.UpdateAsync(request, caller, stop)).ToHttp(TypedResults.Ok);

    /// <summary>How many components were made from a template on this platform.</summary>
    public int Count => Made().Count();

    /// <summary>Every component that was made from a template on this platform, or so many of them, in the order of their names.</summary>
    public async Task<List<TemplateDriftView>> ListAsync(Caller caller, CancellationToken stop, int skip = 0, int most = int.MaxValue)
    {
        var views = new List<TemplateDriftView>();
        foreach (var component in Made().OrderBy(component => component.Ref).Skip(skip).Take(most))
        {
            if (!(await LookAsync(component, caller, stop)).TryGet(out var now, out var unknown))
            {
                views.Add(new TemplateDriftView(component.Ref, TemplateOf(component), Behind: false, [], unknown.Message));
                continue;
            }

            if (now is { Base: { } since })
            {
                var changed = await history.CompareAsync(now.Repository, since, now.Files, stop);
                views.Add(new TemplateDriftView(component.Ref, now.Template, changed.Count > 0, changed, null));
            }
        }

        return views;
    }

    /// <summary>Proposes the update of one, several or all; each gets its own answer.</summary>
    public async Task<Result<List<TemplateUpdateView>>> UpdateAsync(TemplateUpdateRequest request, Caller caller, CancellationToken stop)
    {
        // 1. Which?
        var chosen = new List<Entity>();
        foreach (var name in request.Components ?? [])
        {
            if (!EntityRef.TryParse(name, Kinds.Component, EntityRef.DefaultNamespace, out var which) || entities.Find(which) is not { Metadata.DeletedAt: null } component)
            {
                return TemplateErrors.ComponentUnknown(name);
            }

            chosen.Add(component);
        }

        if (request.All)
        {
            chosen.AddRange(Made().Where(component => caller.Refuse(Verb.Push, component) is null));
        }
        else if (chosen.Count == 0)
        {
            return TemplateErrors.NothingToUpdate();
        }

        // 2. Each for itself.
        var views = new List<TemplateUpdateView>();
        foreach (var component in chosen.DistinctBy(component => component.Ref))
        {
            var done = await OneAsync(component, caller, stop);
            views.Add(done.TryGet(out var view, out var refused) ? view : new TemplateUpdateView(component.Ref, null, null, [], refused.Message, Refused: true));
        }

        return views;
    }

    private async Task<Result<TemplateUpdateView>> OneAsync(Entity component, Caller caller, CancellationToken stop)
    {
        if (caller.Refuse(Verb.Push, component) is { } mayNot)
        {
            return mayNot;
        }

        if (!(await LookAsync(component, caller, stop)).TryGet(out var now, out var unknown))
        {
            return unknown;
        }

        var merge = await history.MergeAsync(now.Repository, now.Base, now.Files, $"Update from the template {now.Template.Name}", caller.Actor, stop);
        return new TemplateUpdateView(
            component.Ref,
            merge.Branch,
            merge.Commit,
            merge.Conflicts,
            merge.Branch is null ? "It has all that the template makes." : merge.Conflicts.Count > 0 ? $"{merge.Branch} has {merge.Conflicts.Count} files with conflicts to decide." : $"{merge.Branch} can be merged.",
            Refused: false);
    }

    private sealed record Now(string Repository, EntityRef Template, TemplateBase Base, IReadOnlyList<SourceFile> Files);

    /// <summary>What the template makes now, with the answers of back then.</summary>
    private async Task<Result<Now>> LookAsync(Entity component, Caller caller, CancellationToken stop)
    {
        // 1. From what was it made, and how?
        if (component.Metadata.Annotations.GetValueOrDefault(Annotations.Repository) is not { } repository
            || await history.FindAsync(repository, stop) is not { } since || MadeFrom.Parse(since.How) is not { } made
            || !EntityRef.TryParse(made.Template, null, out var which))
        {
            return TemplateErrors.NotRemembered(component.Ref);
        }

        if (!shelf.Find(which).TryGet(out var template, out var gone))
        {
            return gone;
        }

        // 2. Once more, dry.
        var ran = await dryRun.RunAsync(template.Definition, template.Origin, (JsonObject)made.Answers.DeepClone(), [], null, caller, stop);
        if (!ran.TryGet(out var answer, out var refused))
        {
            return refused;
        }

        if (answer.Status.Failure is { } failure)
        {
            return failure.ToError();
        }

        return (await FilesAsync(answer.Files, made.SourcePath, stop)).TryGet(out var files, out var unreadable) ? new Now(repository, which, since, files) : unreadable;
    }

    /// <summary>The files as publishing takes them, without what is ignored.</summary>
    private async Task<Result<IReadOnlyList<SourceFile>>> FilesAsync(IReadOnlyList<DryRunFile> made, string? sourcePath, CancellationToken stop)
    {
        var folder = Directory.CreateDirectory(Path.Combine(platform.Folder("run", "drift"), Guid.NewGuid().ToString("N")));
        try
        {
            var workspace = new Workspace(folder.FullName);
            foreach (var file in made)
            {
                if (!workspace.Resolve(file.Path).TryGet(out var path, out var outside))
                {
                    return outside;
                }

                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, Convert.FromBase64String(file.Base64Content), stop);
                if (file.Executable)
                {
                    File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
                }
            }

            return workspace.Resolve(sourcePath).TryGet(out var root, out var wrong) && Directory.Exists(root) ? await folders.ReadAsync(root, stop) : wrong ?? ActionErrors.Missing(sourcePath ?? "");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private IEnumerable<Entity> Made() => entities.Query(new EntityQuery { Kinds = [Kinds.Component], All = true }).Items
        .Where(component => component.Metadata.DeletedAt is null && component.Metadata.Annotations.ContainsKey(Annotations.SourceTemplate) && component.Metadata.Annotations.ContainsKey(Annotations.Repository));

    private static EntityRef TemplateOf(Entity component) =>
        EntityRef.TryParse(component.Metadata.Annotations[Annotations.SourceTemplate], Kinds.Template, EntityRef.DefaultNamespace, out var template) ? template : EntityRef.Of(Kinds.Template, "unknown");
}
