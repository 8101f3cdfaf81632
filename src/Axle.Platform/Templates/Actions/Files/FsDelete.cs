using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Takes files and folders away, by name or pattern.</summary>
internal sealed class FsDelete : ITemplateAction
{
    public string Id => "fs:delete";

    public string Description => "Deletes files and folders from the workspace.";

    public JsonObject InputSchema => Schema.Closed(["files"], ("files", Schema.Texts("Files, folders and patterns to delete.")));

    public bool SupportsDryRun => true;

    public IReadOnlyList<ActionExample> Examples => [new("Deletes what the service does not need.", """
        steps:
          - action: fs:delete
            id: clean
            name: Take away what is not needed
            input:
              files:
                - docs
                - '**/*.example'
        """)];

    public Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop) => Task.FromResult(Run(run));

    private static Result<ActionResult> Run(ActionRun run)
    {
        foreach (var pattern in run.Input.Texts("files") ?? [])
        {
            if (!run.Workspace.ResolveItself(pattern).TryGet(out var path, out var refused))
            {
                return refused;
            }

            if (path == run.Workspace.Root)
            {
                Directory.EnumerateFileSystemEntries(path).ToList().ForEach(entry => Delete(entry, run));
            }
            else if (Path.Exists(path) || new FileInfo(path).LinkTarget is not null)
            {
                Delete(path, run);
            }
            else if (Glob.IsDynamic(pattern))
            {
                if (!FolderEntries.Of(run.Workspace.Root, TreeRendering.EntriesMax, long.MaxValue).TryGet(out var entries, out var tooMany))
                {
                    return tooMany;
                }

                var glob = new Glob(run.Workspace.Relative(path));
                entries.Where(entry => entry.Kind != FolderEntryKind.Folder && glob.Matches(entry.Path)).ToList().ForEach(entry => Delete(Path.Combine(run.Workspace.Root, entry.Path), run));
            }
        }

        return ActionResult.Done;
    }

    private static void Delete(string path, ActionRun run)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }

        run.Log($"Deleted {run.Workspace.Relative(path)}");
    }
}
