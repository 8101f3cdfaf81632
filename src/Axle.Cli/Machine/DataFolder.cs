using System.Globalization;
using System.Text.Json;
using Axle.Cli.Configuration;

namespace Axle.Cli.Machine;

/// <summary>The one folder that a platform of this machine lives in.</summary>
internal sealed class DataFolder(string path)
{
    /// <summary>The layout that this version writes.</summary>
    public const int Layout = 1;

    private const long FreeBytesMin = 500L * 1024 * 1024;
    private const UnixFileMode OwnerAndVisitors = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public bool Exists => Directory.Exists(Path);

    private string VersionFile => System.IO.Path.Combine(Path, "version");

    private string PortsFile => System.IO.Path.Combine(Path, "ports.json");

    public static string Default(CliHost host) =>
        host.Variable("AXLE_DATA") is { Length: > 0 } given ? System.IO.Path.GetFullPath(given)
        : System.IO.Path.Combine(
            host.Variable("XDG_DATA_HOME") is { Length: > 0 } home ? home : System.IO.Path.Combine(host.Variable("HOME") is { Length: > 0 } user ? user : "/var/lib", ".local", "share"),
            "axle");

    public string Run(string file) => System.IO.Path.Combine(Path, "run", file);

    public string Log(string process) => System.IO.Path.Combine(Path, "logs", process + ".log");

    /// <summary>Makes the folder ready for this version, or says why that cannot be.</summary>
    public void Prepare()
    {
        try
        {
            // 1. Never a folder that has something else in it; settings may be there before the first start.
            if (Exists && !File.Exists(VersionFile) && Directory.EnumerateFileSystemEntries(Path).Any(entry => System.IO.Path.GetFileName(entry) != "axle.json") && !LooksLikeOurs())
            {
                throw RefusedException.Because("data_foreign", $"{Path} has files in it that are not Axle's", "choose another folder: axle up --data DIR");
            }

            // Programs of the platform run under other users, who must be able to pass through.
            Directory.CreateDirectory(Path, OwnerAndVisitors);

            // 2. A layout that we know.
            if (File.Exists(VersionFile))
            {
                CheckLayout();
            }
            else
            {
                SafeFile.Write(VersionFile, System.Text.Encoding.UTF8.GetBytes($"{Layout}\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            Directory.CreateDirectory(System.IO.Path.Combine(Path, "run"));
            Directory.CreateDirectory(System.IO.Path.Combine(Path, "logs"));
        }
        catch (UnauthorizedAccessException)
        {
            throw RefusedException.Because("data_permission", $"{Path} may not be written by {Environment.UserName}", "choose another folder: axle up --data DIR");
        }
        catch (IOException e)
        {
            throw RefusedException.Because("data_unusable", $"{Path} cannot be used: {e.Message}", "choose another folder: axle up --data DIR");
        }

        // 3. Room to work.
        if (FreeBytes() is { } free && free < FreeBytesMin)
        {
            throw RefusedException.Because("disk_full", $"only {free / (1024 * 1024)} MiB are free where {Path} is; Axle needs {FreeBytesMin / (1024 * 1024)} MiB", "make room, or axle up --data DIR on another disk");
        }
    }

    public long? FreeBytes()
    {
        try
        {
            var existing = Path;
            while (!Directory.Exists(existing))
            {
                existing = System.IO.Path.GetDirectoryName(existing)!;
            }

            return new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public Ports ReadPorts()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PortsFile), CliJson.Default.Ports) ?? Ports.Default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return Ports.Default;
        }
    }

    public void WritePorts(Ports ports) =>
        SafeFile.Write(PortsFile, JsonSerializer.SerializeToUtf8Bytes(ports, CliJson.Default.Ports), UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>Removes everything. Only ever a folder that carries our mark.</summary>
    public void Purge()
    {
        if (!File.Exists(VersionFile))
        {
            throw RefusedException.Because("data_foreign", $"{Path} is not a data folder of Axle (it has no file 'version'); nothing was removed", "axle down --purge --data DIR");
        }

        RemoveMemory();

        // Unreadable by others from here on, and no longer taken for a platform even if the removal is interrupted half way:
        // the mark goes last.
        foreach (var entry in new DirectoryInfo(Path).EnumerateFileSystemInfos().Where(entry => entry.FullName != VersionFile))
        {
            if (entry is DirectoryInfo folder && folder.LinkTarget is null)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }

        File.Delete(VersionFile);
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException) when (!Directory.EnumerateFileSystemEntries(Path).Any())
        {
            // A disk of its own is mounted here: it is empty, and stays where it is.
        }
    }

    /// <summary>What runs keep in the machine's memory lies elsewhere; the agent has written down where. Usually it is gone with the apps.</summary>
    private void RemoveMemory()
    {
        var written = System.IO.Path.Combine(Path, "agent", "memory");
        if (File.Exists(written) && File.ReadAllText(written) is var memory
            && System.IO.Path.GetFileName(memory).StartsWith("axle-", StringComparison.Ordinal) && new DirectoryInfo(memory) is { Exists: true, LinkTarget: null } folder)
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Written by a server that was started by hand, before there was a mark.</summary>
    private bool LooksLikeOurs() => File.Exists(System.IO.Path.Combine(Path, "admin.token")) || File.Exists(Run("server.json")) || File.Exists(Run("agent.json"));

    private void CheckLayout()
    {
        var text = File.ReadAllText(VersionFile).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var layout))
        {
            throw RefusedException.Because("data_version", $"{VersionFile} says '{text}', which is no version of a data folder", "choose another folder: axle up --data DIR");
        }

        if (layout > Layout)
        {
            throw RefusedException.Because("data_newer", $"{Path} was written by a newer Axle (layout {layout}; this one knows up to {Layout})", "use the newer axle, or another folder: axle up --data DIR");
        }

        if (layout < Layout)
        {
            throw RefusedException.Because("data_older", $"{Path} has layout {layout}, which no Axle that was released has written", "choose another folder: axle up --data DIR");
        }
    }
}
