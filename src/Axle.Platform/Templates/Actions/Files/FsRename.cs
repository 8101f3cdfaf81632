using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Gives files and folders other names.</summary>
internal sealed class FsRename : ITemplateAction
{
    private const string Moving = "moving";

    public string Id => "fs:rename";

    public string Description => "Renames files and folders within the workspace.";

    public JsonObject InputSchema => Schema.Closed(["files"], ("files", Schema.List(
        "What to rename.",
        Schema.Closed(
            ["from", "to"],
            ("from", Schema.Text("The file or folder.")),
            ("to", Schema.Text("Its new place.")),
            ("overwrite", Schema.Flag("Replace what is there."))))));

    public bool SupportsDryRun => true;

    public IReadOnlyList<ActionExample> Examples => [new("Renames a folder.", """
        steps:
          - action: fs:rename
            id: rename
            name: Name the folder after the service
            input:
              files:
                - from: src/template
                  to: src/${{ parameters.name }}
        """)];

    public async Task<Result<ActionResult>> RunAsync(ActionRun run, CancellationToken stop)
    {
        // A run that was ended in between has moved the files before this one, and perhaps this one.
        var begun = (int)(run.State.Number(Moving) ?? -1);
        foreach (var (file, i) in run.Input.Objects("files").Select((file, i) => (file, i)).Where(one => one.i >= begun))
        {
            stop.ThrowIfCancellationRequested();
            var (from, to) = (file.Text("from")!, file.Text("to")!);
            if (!run.Workspace.ResolveItself(from).TryGet(out var source, out var refused) || !run.Workspace.ResolveItself(to).TryGet(out var target, out refused))
            {
                return refused;
            }

            if (i == begun && !Exists(source) && Exists(target))
            {
                continue;
            }

            await run.RememberAsync(Moving, i);
            if (Move(source, target, from, to, file.Flag("overwrite"), run) is { } failed)
            {
                return failed;
            }

            run.Log($"Renamed {from} to {to}");
        }

        return ActionResult.Done;
    }

    private static Error? Move(string source, string target, string from, string to, bool overwrite, ActionRun run)
    {
        if (!Exists(source))
        {
            return ActionErrors.Missing(from);
        }

        if (source == target)
        {
            return null;
        }

        if (source == run.Workspace.Root || target == run.Workspace.Root || target.StartsWith(source + "/", StringComparison.Ordinal))
        {
            return ActionErrors.Input($"'{from}' cannot be moved to '{to}', which lies in it.");
        }

        if (Exists(target) && !overwrite)
        {
            return ActionErrors.Exists(to);
        }

        var isFolder = IsFolder(source);
        if (IsFolder(target))
        {
            Directory.Delete(target, recursive: true);
        }
        else if (Exists(target))
        {
            File.Delete(target);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (isFolder)
        {
            Directory.Move(source, target);
        }
        else
        {
            File.Move(source, target);
        }

        return null;
    }

    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static bool IsFolder(string path) => Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null;
}
