using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Templates.Actions;

/// <summary>Copies a folder into the workspace as it is; files that exist there are replaced, as Backstage does.</summary>
internal static class TreeCopying
{
    public static Error? Run(string from, string? targetPath, ActionRun run, CancellationToken stop)
    {
        if (!run.Workspace.Resolve(targetPath).TryGet(out var target, out var refused))
        {
            return refused;
        }

        if (!FolderEntries.Of(from, TreeRendering.EntriesMax, TreeRendering.BytesMax).TryGet(out var entries, out var tooLarge))
        {
            return tooLarge;
        }

        var folder = run.Workspace.Relative(target);
        Directory.CreateDirectory(target);
        foreach (var entry in entries)
        {
            stop.ThrowIfCancellationRequested();

            // Each path anew: what was copied a moment ago may be a link.
            if (!run.Workspace.Resolve(folder.Length == 0 ? entry.Path : $"{folder}/{entry.Path}").TryGet(out var output, out refused))
            {
                return refused;
            }

            var source = Path.Combine(from, entry.Path);
            switch (entry.Kind)
            {
                case FolderEntryKind.Folder:
                    Directory.CreateDirectory(output);
                    break;
                case FolderEntryKind.File:
                    File.Copy(source, output, overwrite: true);
                    break;
                default:
                    Link(source, output, run);
                    break;
            }
        }

        return null;
    }

    /// <summary>A link that leads out of the workspace is left out: later steps, and git, would follow it.</summary>
    public static void Link(string source, string output, ActionRun run)
    {
        var link = run.Workspace.Relative(output);
        var target = new FileInfo(source).LinkTarget!;
        if (!SafePath.JoinLink(run.Workspace.Root, link, target).Ok)
        {
            run.Log($"The symbolic link {link} is left out: it leads to {SafePath.Shown(target)}, outside of the task's files.");
            return;
        }

        if (File.Exists(output))
        {
            File.Delete(output);
        }

        if (!Path.Exists(output))
        {
            File.CreateSymbolicLink(output, target);
        }
    }
}
