using System.Globalization;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Platform.Source;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Makes a repository on a git host elsewhere with the workspace as its first commit; or where the platform's settings send
/// the action. The commit's date is written down first, so that a run after a crash pushes the very same commit.
/// </summary>
internal sealed class PublishElsewhere(string kind, Publishing publishing) : ITemplateAction
{
    private const string Making = "making";
    private const string At = "at";
    private static readonly string[] s_understood = ["repoUrl", "description", "repoVisibility", "defaultBranch", "gitCommitMessage", "sourcePath", "token"];

    public string Id => $"publish:{kind}";

    public string Description => $"Makes a repository on a {kind} host and pushes the workspace to it.";

    public JsonObject InputSchema => Schema.Object(
        ["repoUrl"],
        ("repoUrl", Schema.Text("Where: host?owner=…&repo=NAME, as the repository picker gives it.")),
        ("description", Schema.Text("What it is for.")),
        ("repoVisibility", Schema.Choice("Who sees it.", "private", "public", "internal")),
        ("defaultBranch", Schema.Text("Its first branch; main when not given.")),
        ("gitCommitMessage", Schema.Text("Message of the first commit.")),
        ("sourcePath", Schema.Text("Folder of the workspace to push; the whole when not given.")),
        ("token", Schema.Text("A token of the person; the platform's own otherwise.")));

    public JsonObject OutputSchema => PublishOutput.Schema;

    public Error? Refuse(JsonObject input) => publishing.MappingOf(Id) is { } mapping ? publishing.RefuseElsewhere(mapping, input) : publishing.Refuse(Id, kind, input);

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        // 1. Sent elsewhere?
        if (publishing.MappingOf(Id) is { } mapping)
        {
            run.Log($"{Id} goes to {mapping} on this platform.");
            return await publishing.ElsewhereAsync(mapping, run, stop);
        }

        if (run.Caller.Refuse(Verb.Create) is { } mayNot)
        {
            return mayNot;
        }

        foreach (var ignored in run.Input.Where(member => !s_understood.Contains(member.Key) && member.Value is not null).Select(member => member.Key))
        {
            run.Log($"The input {ignored} means nothing here and is left out.");
        }

        // 2. Where, and with what rights?
        if (!WishOf(run.Input).TryGet(out var wish, out var wrong) || !run.Workspace.Resolve(run.Input.Text("sourcePath")).TryGet(out var folder, out wrong)
            || !(await publishing.Folders.ReadAsync(folder, stop)).TryGet(out var files, out wrong))
        {
            return wrong;
        }

        // 3. The repository; a later run knows that it is this task's.
        var address = run.Input.Text("repoUrl")!;
        var ours = run.State.Text(Making) == address;
        if (!ours)
        {
            await run.RememberAsync(At, publishing.Now.ToString("O", CultureInfo.InvariantCulture));
            await run.RememberAsync(Making, address);
        }

        var at = ours && DateTimeOffset.TryParse(run.State.Text(At), CultureInfo.InvariantCulture, out var then) ? then : publishing.Now;
        if (!(await publishing.Api.CreateAsync(wish, ours, stop)).TryGet(out var repository, out var notMade))
        {
            await run.RememberAsync(Making, ours ? address : null);
            return notMade;
        }

        // 4. The commit.
        var remote = new Uri(repository.CloneUrl);
        var message = run.Input.Text("gitCommitMessage") is { Length: > 0 } said ? said : "initial commit";
        var commit = new RemoteCommit(wish.Branch, files, message, run.Caller.Actor, MayBePrivate: publishing.Hosts.MayBePrivate(remote)) { At = at };
        if (!(await publishing.Remotes.PushAsync(remote, commit, wish.Host.SignIn(wish.Token), stop)).TryGet(out var id, out var notPushed))
        {
            return notPushed;
        }

        run.Log($"Made {repository.CloneUrl} with {files.Count} files");
        return PublishOutput.Of(repository.CloneUrl, repository.ContentsUrl, id);
    }

    private Result<RepositoryWish> WishOf(JsonObject input)
    {
        if (!publishing.Place(Id, kind, input).TryGet(out var place, out var wrong))
        {
            return wrong;
        }

        return place.Address["repo"] is { } name
            ? new RepositoryWish(place.Host, place.Address, name, input.Text("description") ?? "", input.Text("repoVisibility") ?? "private", input.Text("defaultBranch") ?? "main", place.Token)
            : ActionErrors.Input("The repoUrl names no repository (repo=…).");
    }
}
