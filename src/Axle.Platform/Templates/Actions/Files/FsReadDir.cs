using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Lists folders of the workspace.</summary>
internal sealed class FsReadDir : ITemplateAction
{
    private static JsonObject Entries => Schema.List("What was found.", Schema.Object(
        ["name", "path", "fullPath"],
        ("name", Schema.Text("Its name.")),
        ("path", Schema.Text("Its path in the workspace.")),
        ("fullPath", Schema.Text("The same, as an absolute path, which other actions take too."))));

    public string Id => "fs:readdir";

    public string Description => "Lists files and folders of the workspace.";

    public JsonObject InputSchema => Schema.Closed(["paths"], ("paths", Schema.Texts("Folders to list.")), ("recursive", Schema.Flag("Also what is in folders below.")));

    public JsonObject OutputSchema => Schema.Object(["files", "folders"], ("files", Entries), ("folders", Entries));

    public bool SupportsDryRun => true;

    public Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop) => Task.FromResult(Run(run));

    private static Result<ActionResult> Run(ActionRun run)
    {
        var (files, folders) = (new JsonArray(), new JsonArray());
        foreach (var path in run.Input.Texts("paths") ?? [])
        {
            if (!run.Workspace.Resolve(path).TryGet(out var folder, out var refused))
            {
                return refused;
            }

            if (!Directory.Exists(folder))
            {
                return ActionErrors.Missing(path);
            }

            if (!FolderEntries.Of(folder, TreeRendering.EntriesMax, long.MaxValue).TryGet(out var entries, out var tooMany))
            {
                return tooMany;
            }

            foreach (var entry in entries.Where(entry => run.Input.Flag("recursive") || !entry.Path.TrimEnd('/').Contains('/', StringComparison.Ordinal)))
            {
                var full = Path.Combine(folder, entry.Path.TrimEnd('/'));
                var found = new JsonObject { ["name"] = Path.GetFileName(full), ["path"] = run.Workspace.Relative(full), ["fullPath"] = full };
                (entry.Kind == FolderEntryKind.Folder ? folders : files).Add((JsonNode)found);
            }
        }

        return new ActionResult(new JsonObject { ["files"] = files, ["folders"] = folders });
    }
}
