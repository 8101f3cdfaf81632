using Axle.Agent.Machine;

namespace Axle.Agent.Isolation;

/// <summary>Finds out by trying, once per start, how far processes can be kept apart on this machine.</summary>
internal static class IsolationProbe
{
    /// <summary>The user that the trial runs as; workloads get the numbers above.</summary>
    public const int TrialUser = 200_000;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    public static async Task<MachineIsolation> FindAsync(AgentFolders folders, RunMemory memory, LaunchScripts scripts, CancellationToken stop)
    {
        var missing = new List<string>();
        var cgroups = OperatingSystem.IsLinux() ? CgroupLayout.Find(folders.Mark, missing)?.Remembering(folders.Cgroups) : null;
        var found = new MachineIsolation(false, false, cgroups, missing);

        // 1. A user of its own needs root, and the tools that drop its rights.
        if (!Native.IsRoot)
        {
            missing.Add("separate users: the agent does not run as root");
        }
        else if (Absent("/usr/bin/setpriv", "/usr/bin/unshare") is { } tool)
        {
            missing.Add($"separate users: {tool} is not installed: apt-get install util-linux");
        }
        else if (await TryAsync(found with { Users = true }, folders, memory, scripts, stop) is { } why)
        {
            missing.Add($"separate users: {why}");
        }
        else
        {
            found = found with { Users = true };
        }

        // 2. The sandbox.
        if (Absent("/usr/bin/bwrap") is not null)
        {
            missing.Add("sandbox: bubblewrap is not installed: apt-get install bubblewrap");
        }
        else if (await TryAsync(found with { Sandbox = true }, folders, memory, scripts, stop) is { } why)
        {
            missing.Add($"sandbox: bubblewrap does not work here ({why}); the machine may forbid unprivileged user namespaces "
                + "(sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)");
        }
        else
        {
            found = found with { Sandbox = true };
        }

        return found;
    }

    private static string? Absent(params ReadOnlySpan<string> programs)
    {
        foreach (var program in programs)
        {
            if (!File.Exists(program))
            {
                return program;
            }
        }

        return null;
    }

    /// <summary>Null when a trial process ran, otherwise why not.</summary>
    private static async Task<string?> TryAsync(MachineIsolation isolation, AgentFolders folders, RunMemory memory, LaunchScripts scripts, CancellationToken stop)
    {
        const string Name = "trial";
        var trial = Path.Combine(folders.Runs, Name);
        try
        {
            var app = Path.Combine(trial, "app");
            Directory.CreateDirectory(app);
            int? user = isolation.Users ? TrialUser : null;
            var inside = InsideFolder.Of(memory.For(Name, []));
            InsideFolder.Prepare(inside, user, new Dictionary<string, string> { ["PATH"] = InsideFolder.DefaultPath }, [], scripts);
            var sandbox = new Sandbox { Folder = app, InsideFolder = inside, Command = ["/bin/sh", "-c", "exit 42"], User = user };
            var (code, text) = await Commands.RunAsync(LaunchPlan.Build(sandbox, isolation, scripts, FolderEntry.In), s_timeout, stop);
            return code == 42 ? null : text.Trim() is { Length: > 0 } words ? words : $"a trial ended with {code}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException)
        {
            return e.Message;
        }
        finally
        {
            memory.Remove(Name, null);
            if (Directory.Exists(trial))
            {
                Directory.Delete(trial, recursive: true);
            }
        }
    }
}
