using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Writes into the log: a message, or what is in the workspace.</summary>
internal sealed class DebugLog : ITemplateAction
{
    private const int FilesMax = 1000;
    private const int ContentMax = 16 * 1024;

    public string Id => "debug:log";

    public string Description => "Writes a message into the log, and lists the files of the workspace when asked to.";

    public JsonObject InputSchema => Schema.Closed(
        [],
        ("message", Schema.Text("What to write.")),
        ("listWorkspace", Schema.Either("List the workspace; with-contents also what is in the files.", new JsonObject { ["type"] = "boolean" }, Schema.Choice("How.", "with-filenames", "with-contents"))));

    public bool SupportsDryRun => true;

    public IReadOnlyList<ActionExample> Examples => [new("Writes a message and the names of all files.", """
        steps:
          - action: debug:log
            id: log
            name: Show what was made
            input:
              message: Made ${{ parameters.name }}
              listWorkspace: true
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        if (run.Input.Text("message") is { Length: > 0 } message)
        {
            run.Log(message);
        }

        if (run.Input.Flag("listWorkspace") || run.Input.Text("listWorkspace") is "with-filenames" or "with-contents")
        {
            if (!FolderEntries.Of(run.Workspace.Root, TreeRendering.EntriesMax, long.MaxValue).TryGet(out var entries, out var tooMany))
            {
                return tooMany;
            }

            run.Log(await ListAsync([.. entries.Where(entry => entry.Kind != FolderEntryKind.Folder)], run, stop));
        }

        return ActionResult.Done;
    }

    private static async Task<string> ListAsync(List<FolderEntry> files, ActionRun run, CancellationToken stop)
    {
        var text = new StringBuilder("Workspace:");
        foreach (var file in files.Take(FilesMax))
        {
            text.Append("\n  - ").Append(file.Path);
            if (run.Input.Text("listWorkspace") == "with-contents")
            {
                text.Append(await ContentAsync(file, run, stop));
            }
        }

        return files.Count > FilesMax ? text.Append($"\n  and {files.Count - FilesMax} more").ToString() : text.ToString();
    }

    private static async Task<string> ContentAsync(FolderEntry file, ActionRun run, CancellationToken stop)
    {
        if (!run.Workspace.Resolve(file.Path).TryGet(out var path, out _) || !File.Exists(path) || new FileInfo(path).Length > ContentMax || await BinaryFile.IsAsync(path, stop))
        {
            return ": [skipped]";
        }

        return $":\n\n  {await File.ReadAllTextAsync(path, stop)}";
    }
}
