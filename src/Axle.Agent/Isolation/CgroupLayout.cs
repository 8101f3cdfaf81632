namespace Axle.Agent.Isolation;

/// <summary>Finds where on this machine control groups can be made, by making one.</summary>
internal static class CgroupLayout
{
    private const string Root = "/sys/fs/cgroup";

    /// <param name="name">Folder of this agent's groups; differs between data folders.</param>
    public static Cgroups? Find(string name, List<string> missing)
    {
        var own = File.Exists("/proc/self/cgroup") ? Own(File.ReadAllLines("/proc/self/cgroup")) : [];
        if (File.Exists($"{Root}/cgroup.controllers"))
        {
            return FindV2(own.GetValueOrDefault("", "/"), name, missing);
        }

        string? V1(string controller) =>
            own.TryGetValue(controller, out var path) && TryMake(Path.Combine($"{Root}/{controller}{path.TrimEnd('/')}", name)) is { } folder ? folder : null;

        var killer = own.TryGetValue("", out var unified) ? TryMake(Path.Combine($"{Root}/unified{unified.TrimEnd('/')}", name)) : null;
        var found = new Cgroups(false, V1("memory"), V1("cpu"), V1("pids"), killer);
        if (!found.HasLimits)
        {
            missing.Add("limits of memory and processes: no writable control groups under /sys/fs/cgroup; run the agent as root");
        }

        return found is { HasLimits: false, Killer: null } ? null : found;
    }

    /// <summary>Controller to path, from /proc/self/cgroup; the unified hierarchy has an empty name.</summary>
    internal static Dictionary<string, string> Own(IEnumerable<string> lines)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var parts = line.Split(':', 3);
            foreach (var controller in parts[1].Split(','))
            {
                own[controller] = parts[2];
            }
        }

        return own;
    }

    private static Cgroups? FindV2(string own, string name, List<string> missing)
    {
        // Root makes its groups at the top; everybody else needs a delegated one (Delegate=yes in a systemd unit).
        var parent = Machine.Native.IsRoot ? Root : $"{Root}{own.TrimEnd('/')}";
        try
        {
            if (parent != Root)
            {
                // Controllers can be passed on only from a group without processes: the agent moves into a leaf.
                Directory.CreateDirectory($"{parent}/agent");
                File.WriteAllText($"{parent}/agent/cgroup.procs", "0");
            }

            File.WriteAllText($"{parent}/cgroup.subtree_control", "+memory +cpu +pids");
            var folder = Path.Combine(parent, name);
            Directory.CreateDirectory(folder);
            File.WriteAllText($"{folder}/cgroup.subtree_control", "+memory +cpu +pids");
            return new Cgroups(true, folder, folder, folder, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            missing.Add($"limits of memory, CPU and processes: {parent} cannot be used ({e.Message}); run the agent as root, or give its unit Delegate=yes");
            return null;
        }
    }

    private static string? TryMake(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
