using System.Text;
using Axle.Agent.Machine;
using Axle.Agent.State;
using Axle.Engines;

namespace Axle.Agent.Isolation;

/// <summary>
/// Where runs keep what must not lie on a disk: variables, placed files, the beginning of a line. A folder in the machine's memory
/// (<c>/dev/shm</c>, else the runtime folder), one for each data folder and user, closed to everybody else; where there is none, the
/// run's own folder.
/// </summary>
internal sealed class RunMemory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private readonly AgentFolders _folders;
    private readonly string? _root;
    private readonly bool _executes;

    private RunMemory(AgentFolders folders, string? root, bool executes) => (_folders, _root, _executes) = (folders, root, executes);

    /// <param name="runtime">The user's runtime folder (<c>XDG_RUNTIME_DIR</c>).</param>
    public static RunMemory Open(AgentFolders folders, string? runtime) =>
        Open(folders, ["/dev/shm", runtime, Native.IsRoot ? "/run" : null], File.ReadAllLines("/proc/self/mounts"));

    /// <param name="places">Folders that may be in memory, best first.</param>
    /// <param name="mounts">As <c>/proc/self/mounts</c>.</param>
    internal static RunMemory Open(AgentFolders folders, IEnumerable<string?> places, IReadOnlyList<string> mounts)
    {
        foreach (var place in places.Where(Directory.Exists))
        {
            if (Mount.Of(place!, mounts) is not { InMemory: true } mount)
            {
                continue;
            }

            var root = Path.Combine(place!, $"{folders.Mark}-{Native.User}");
            if (IsOurs(root))
            {
                AtomicFile.Write(folders.Memory, Encoding.UTF8.GetBytes(root));
                return new RunMemory(folders, root, mount.Executes);
            }
        }

        File.Delete(folders.Memory);
        return new RunMemory(folders, null, true);
    }

    /// <summary>The folder of a run; it is there when this returns.</summary>
    /// <param name="files">A program among them cannot lie in a memory that executes nothing.</param>
    public string For(string run, IReadOnlyList<FileSpec> files)
    {
        if (_root is null || (!_executes && files.Any(file => (InsideFolder.ModeOf(file.Mode) & Executable) != 0)))
        {
            return Path.Combine(_folders.Runs, run);
        }

        // Its root too: the last run that went may have taken it along.
        Directory.CreateDirectory(_root, OwnerOnly);
        var folder = Path.Combine(_root, run);
        Directory.CreateDirectory(folder, OwnerOnly);
        return folder;
    }

    /// <summary>Forgets what is kept of a run.</summary>
    /// <param name="recorded">Where an agent before has put it.</param>
    public void Remove(string run, string? recorded)
    {
        Remove(_root is null ? null : Path.Combine(_root, run));
        Remove(Path.GetFileName(recorded) == run ? recorded : null);
    }

    /// <summary>Forgets what is left of runs that are not there any more.</summary>
    public void RemoveAllBut(IReadOnlySet<string> runs)
    {
        if (Directory.Exists(_root))
        {
            foreach (var folder in Directory.EnumerateDirectories(_root).Where(folder => !runs.Contains(Path.GetFileName(folder))).ToList())
            {
                Remove(folder);
            }
        }
    }

    /// <summary>Leaves nothing behind when nothing runs.</summary>
    public void RemoveEmpty()
    {
        if (Directory.Exists(_root) && !Directory.EnumerateFileSystemEntries(_root).Any())
        {
            Directory.Delete(_root);
        }
    }

    private static void Remove(string? folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Anybody may make folders in <c>/dev/shm</c>: one that was there before us is used only if it is our own.</summary>
    private static bool IsOurs(string root)
    {
        try
        {
            Directory.CreateDirectory(root, OwnerOnly);
            if (new DirectoryInfo(root).LinkTarget is not null || Native.OwnerOf(root) != Native.User)
            {
                return false;
            }

            File.SetUnixFileMode(root, OwnerOnly);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
