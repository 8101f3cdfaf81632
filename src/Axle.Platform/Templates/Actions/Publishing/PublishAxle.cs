using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Platform.Source;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Makes a repository on this platform with the workspace as its first commit. Which repository it makes is written down
/// before it is made, so that a run after a crash takes over its own and never somebody else's.
/// </summary>
internal sealed class PublishAxle(IRepositories repositories, ISourceFolders folders, ITemplateHistory history, TemplateMemory memory, PlatformOptions platform) : ITemplateAction
{
    private const string Making = "making";
    private const string Commit = "commit";

    public string Id => "publish:axle";

    public string Description => "Makes a git repository on this platform and commits the workspace to it.";

    public JsonObject InputSchema => Schema.Object(
        [],
        ("repository", Schema.Text("Its name: lower-case letters, digits and dashes.")),
        ("repoUrl", Schema.Text("The same as the repository picker says it: host?owner=…&repo=NAME.")),
        ("description", Schema.Text("What it is for.")),
        ("sourcePath", Schema.Text("Folder of the workspace to commit; the whole when not given.")),
        ("gitCommitMessage", Schema.Text("Message of the first commit.")));

    public JsonObject OutputSchema => PublishOutput.Schema;

    public IReadOnlyList<ActionExample> Examples => [new("Publishes the workspace.", """
        steps:
          - action: publish:axle
            id: publish
            name: Make the repository
            input:
              repository: ${{ parameters.name }}
        """)];

    public Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop) =>
        NameOf(run.Input) is { } name
            ? RunAsync(run, name, stop)
            : Task.FromResult<Result<ActionResult>>(ActionErrors.Input("The step says neither repository nor a repoUrl with repo=NAME."));

    private async Task<Result<ActionResult>> RunAsync(ActionRun run, string name, CancellationToken stop)
    {
        // 1. May this be?
        if (run.Caller.Refuse(Verb.Create) is { } mayNot)
        {
            return mayNot;
        }

        if (!run.Workspace.Resolve(run.Input.Text("sourcePath")).TryGet(out var folder, out var outside))
        {
            return outside;
        }

        var ours = run.State.Text(Making) == name;
        if (repositories.Exists(name) && !ours)
        {
            return TemplateErrors.RepositoryExists(name);
        }

        // 2. The repository; from here on a later run knows that it is this task's.
        if (!ours)
        {
            await run.RememberAsync(Making, name);
        }

        if (!repositories.Exists(name) && (await repositories.CreateAsync(name, stop)).Error is { } notMade)
        {
            await run.RememberAsync(Making, null);
            return notMade;
        }

        // 3. Its first commit, unless an earlier run got that far. Until a component is registered nobody else commits to it.
        if (await repositories.ResolveAsync(name, null, stop) is { } there)
        {
            return await AnswerAsync(name, there.Commit, run, stop);
        }

        if (!(await folders.ReadAsync(folder, stop)).TryGet(out var files, out var unreadable))
        {
            return unreadable;
        }

        var message = run.Input.Text("gitCommitMessage") is { Length: > 0 } said ? said : $"Create {name} from the template {run.Origin.Template.Name}";
        if (!(await repositories.CommitAsync(name, files, message, run.Caller.Actor, stop)).TryGet(out var commit, out var notCommitted))
        {
            return notCommitted;
        }

        run.Log($"Made {repositories.Find(name)!.CloneUrl} with {files.Count} files");
        return await AnswerAsync(name, commit, run, stop);
    }

    private async Task<ActionResult> AnswerAsync(string name, string commit, ActionRun run, CancellationToken stop)
    {
        if (run.State.Text(Commit) != commit)
        {
            await run.RememberAsync(Commit, commit);
        }

        // What the template made is remembered, so that a later version of it can be merged.
        if (await history.FindAsync(name, stop) is null && memory.Of(run) is { } how)
        {
            await history.RememberAsync(name, commit, how.ToText(), stop);
        }

        var repository = repositories.Find(name)!;
        return PublishOutput.Of(repository.CloneUrl, OwnRepository.TreeUrl(platform.PublicUrl, name, repository.DefaultBranch), commit);
    }

    /// <summary>What a step of this action made, by what it remembers; null when that is nothing.</summary>
    /// <param name="action">The step's; another one that publishes may have been mapped to this.</param>
    public static RepositoryMade? Made(string action, JsonObject? state) =>
        action.StartsWith("publish:", StringComparison.Ordinal) && state?.Text(Making) is { } name ? new RepositoryMade(name, state.Text(Commit)) : null;

    /// <summary>The last of <c>repository</c>, and of the picker's <c>repo</c>.</summary>
    private static string? NameOf(JsonObject input)
    {
        if (input.Text("repository") is { Length: > 0 } name)
        {
            return name;
        }

        return RepoUrl.Parse(input.Text("repoUrl"))?.Parts.GetValueOrDefault("repo") is { Length: > 0 } repo ? repo : null;
    }
}

/// <param name="Commit">Its first and only one; null when it did not get one.</param>
internal sealed record RepositoryMade(string Name, string? Commit);
