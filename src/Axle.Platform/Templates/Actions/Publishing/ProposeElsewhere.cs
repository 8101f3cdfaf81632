using System.Globalization;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Ownership;
using Axle.Platform.Source;

namespace Axle.Platform.Templates.Actions;

/// <summary>Pushes the workspace to a new branch of a repository elsewhere, and proposes to merge it.</summary>
internal sealed class ProposeElsewhere(string kind, string id, Publishing publishing) : ITemplateAction
{
    private const string Made = "made";
    private const string At = "at";
    private const string On = "on";

    /// <summary>What Backstage's action says in a dry run.</summary>
    private const int ExampleNumber = 43;

    /// <summary>What Backstage's actions take besides; it means nothing here.</summary>
    private static (string, JsonObject)[] OfGitHub =>
    [
        ("draft", Ignored(Schema.Flag)), ("filesToDelete", Ignored(Schema.Texts)), ("reviewers", Ignored(Schema.Texts)), ("assignees", Ignored(Schema.Texts)), ("teamReviewers", Ignored(Schema.Texts)),
        ("update", Ignored(Schema.Flag)), ("forceFork", Ignored(Schema.Flag)), ("gitAuthorName", Ignored(Schema.Text)), ("gitAuthorEmail", Ignored(Schema.Text)),
        ("forceEmptyGitAuthor", Ignored(Schema.Flag)), ("createWhenEmpty", Ignored(Schema.Flag)),
    ];

    /// <inheritdoc cref="OfGitHub"/>
    private static (string, JsonObject)[] OfGitLab =>
    [
        ("projectid", Ignored(Schema.Text)), ("commitAction", Ignored(Schema.Text)), ("removeSourceBranch", Ignored(Schema.Flag)), ("assignee", Ignored(Schema.Text)), ("reviewers", Ignored(Schema.Texts)),
        ("assignReviewersFromApprovalRules", Ignored(Schema.Flag)), ("autoMerge", Ignored(Schema.Flag)), ("labels", Ignored(Schema.Any)),
    ];

    private static JsonObject Ignored(Func<string, JsonObject> schema) => schema("Taken, and left out here.");

    public string Id => id;

    public string Description => $"Pushes the workspace to a new branch of a repository on a {kind} host and proposes to merge it.";

    private bool IsGitHub => kind == "github";

    /// <summary>What is declared last is taken and means nothing here.</summary>
    public JsonObject InputSchema => Schema.Closed(
        IsGitHub ? ["repoUrl", "branchName", "title", "description"] : ["repoUrl", "branchName", "title"],
        [("repoUrl", Schema.Text("The repository: host?owner=…&repo=NAME.")),
        ("branchName", Schema.Text("The new branch.")),
        ("targetBranchName", Schema.Text("The branch to merge into; the default branch when not given.")),
        ("title", Schema.Text("Title of the proposal.")),
        ("description", Schema.Text("Its text.")),
        ("sourcePath", Schema.Text("Folder of the workspace to push; the whole when not given.")),
        ("targetPath", Schema.Text("Folder of the repository to put the files into.")),
        ("commitMessage", Schema.Text("Message of the commit; the title when not given.")),
        ("token", Schema.Text("A token of the person; the platform's own otherwise.")),
        .. IsGitHub ? OfGitHub : OfGitLab]);

    public JsonObject OutputSchema => IsGitHub
        ? Schema.Object(["targetBranchName", "remoteUrl", "pullRequestNumber"],
            ("targetBranchName", Schema.Text("The branch to merge into.")),
            ("remoteUrl", Schema.Text("Page of the proposal.")),
            ("pullRequestNumber", Schema.Number("Its number.")))
        : Schema.Object(["targetBranchName", "projectid", "projectPath", "mergeRequestUrl"],
            ("targetBranchName", Schema.Text("The branch to merge into.")),
            ("projectid", Schema.Text("The project, as owner/name.")),
            ("projectPath", Schema.Text("The project, as owner/name.")),
            ("mergeRequestUrl", Schema.Text("Page of the proposal.")));

    /// <summary>As in Backstage: that of GitHub is, that of GitLab is left out.</summary>
    public bool SupportsDryRun => IsGitHub;

    public Error? Refuse(JsonObject input) => publishing.Refuse(Id, kind, input);

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        // 1. Done by an earlier run?
        if (run.State[Made] is JsonObject done)
        {
            return new ActionResult((JsonObject)done.DeepClone());
        }

        if (run.Caller.Refuse(Verb.Create) is { } mayNot)
        {
            return mayNot;
        }

        if (run.IsDryRun)
        {
            return Tried(run);
        }

        foreach (var ignored in (IsGitHub ? OfGitHub : OfGitLab).Select(member => member.Item1).Where(name => run.Input[name] is not null))
        {
            run.Log($"The input {ignored} means nothing here and is left out.");
        }

        // 2. Where, what?
        if (!publishing.Place(Id, kind, run.Input).TryGet(out var place, out var wrong)
            || !run.Workspace.Resolve(run.Input.Text("sourcePath")).TryGet(out var folder, out wrong)
            || !(await publishing.Folders.ReadAsync(folder, stop)).TryGet(out var files, out wrong)
            || !(await publishing.Api.LookAsync(place.Host, place.Address, place.Token, stop)).TryGet(out var repository, out wrong))
        {
            return wrong;
        }

        if (RepositoryPath.Join("", run.Input.Text("targetPath") ?? "") is not { } below)
        {
            return ActionErrors.PathRefused(run.Input.Text("targetPath")!, "it leads outside of the repository");
        }

        // 3. The branch, as the same commit however often it is pushed.
        var remote = new Uri(repository.CloneUrl);
        var (target, signIn, mayBePrivate) = (run.Input.Text("targetBranchName") ?? repository.Branch, place.Host.SignIn(place.Token), publishing.Hosts.MayBePrivate(remote));
        if (run.State.Text(On) is not { } parent)
        {
            if (!(await publishing.Remotes.HeadAsync(new RemotePlace(remote, target, signIn, mayBePrivate), stop)).TryGet(out parent, out var noBranch))
            {
                return noBranch;
            }

            await run.RememberAsync(At, publishing.Now.ToString("O", CultureInfo.InvariantCulture));
            await run.RememberAsync(On, parent);
        }

        var at = DateTimeOffset.TryParse(run.State.Text(At), CultureInfo.InvariantCulture, out var then) ? then : publishing.Now;
        var (branch, title) = (run.Input.Text("branchName")!, run.Input.Text("title")!);
        var moved = files.Select(file => below.Length == 0 ? file : file with { Path = $"{below}/{file.Path}" }).ToList();
        var commit = new RemoteCommit(branch, moved, run.Input.Text("commitMessage") ?? title, run.Caller.Actor, parent, mayBePrivate) { At = at };
        if ((await publishing.Remotes.PushAsync(remote, commit, signIn, stop)).Error is { } notPushed)
        {
            return notPushed;
        }

        // 4. The proposal.
        if (!(await publishing.Api.ProposeAsync(place.Host, place.Address, new ProposalText(title, run.Input.Text("description") ?? "", branch, target), place.Token, stop)).TryGet(out var made, out var notMade))
        {
            return notMade;
        }

        var output = new JsonObject { ["remoteUrl"] = made.Url, ["mergeRequestUrl"] = made.Url, ["pullRequestNumber"] = made.Number, ["targetBranchName"] = target };
        if (!IsGitHub)
        {
            var project = $"{place.Address["owner"]}/{place.Address["repo"]}";
            (output["projectid"], output["projectPath"]) = (project, project);
        }

        await run.RememberAsync(Made, output.DeepClone());
        return new ActionResult(output);
    }

    /// <summary>What Backstage says without having asked the host: no token is needed to see what a template would do.</summary>
    private Result<ActionResult> Tried(ActionRun run)
    {
        if (!publishing.HostOf(Id, kind, run.Input).TryGet(out var place, out var wrong) || !run.Workspace.Resolve(run.Input.Text("sourcePath")).TryGet(out _, out wrong))
        {
            return wrong;
        }

        return place.Address["owner"] is null || place.Address["repo"] is null
            ? ActionErrors.Input("The repoUrl names no owner (owner=…) or no repository (repo=…).")
            : new ActionResult(new JsonObject { ["targetBranchName"] = run.Input.Text("branchName"), ["remoteUrl"] = run.Input.Text("repoUrl"), ["pullRequestNumber"] = ExampleNumber });
    }
}
