using Axle.Contracts;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Where a task keeps its files: <c>DATA/tasks/ID/workspace</c>, and its events beside it.</summary>
internal sealed class TaskFolders(PlatformOptions platform)
{
    private const string Root = "tasks";

    /// <summary>Everything that the platform keeps, for words about the disk.</summary>
    public string Data => platform.DataFolder;

    public string Workspace(string id) => platform.Folder(Root, id, "workspace");

    public bool HasWorkspace(string id) => Directory.Exists(Path.Combine(platform.DataFolder, Root, id, "workspace"));

    public string Events(string id) => Path.Combine(platform.Folder(Root, id), "events");

    /// <summary>A folder of its own for a dry run; whoever asks removes it.</summary>
    public string DryRun(string id) => platform.Folder(Root, $"dry-run-{id}");

    public void RemoveWorkspace(string id) => Remove(Path.Combine(platform.DataFolder, Root, id, "workspace"));

    public void Remove(EntityRef task) => Remove(Path.Combine(platform.DataFolder, Root, task.Name));

    /// <summary>What dry runs left when the platform was killed.</summary>
    public void SweepDryRuns()
    {
        foreach (var left in Directory.EnumerateDirectories(platform.Folder(Root), "dry-run-*"))
        {
            Remove(left);
        }
    }

    public static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        // A template may have brought folders that nobody may write to.
        if (!OperatingSystem.IsWindows())
        {
            foreach (var inner in Directory.EnumerateDirectories(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }))
            {
                System.IO.File.SetUnixFileMode(inner, System.IO.File.GetUnixFileMode(inner) | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        Directory.Delete(folder, recursive: true);
    }
}
