using System.Globalization;
using System.Text;
using Axle.Agent.State;

namespace Axle.Agent.Isolation;

/// <summary>
/// Control groups, one set of folders per process tree: v2 where the machine has its controllers there, v1 beside v2 otherwise
/// (limits in v1, killing in v2).
/// </summary>
/// <param name="Memory">Folder below which groups are made; null when not available. In v2 all four are the same.</param>
internal sealed record Cgroups(bool IsV2, string? Memory, string? Cpu, string? Pids, string? Killer)
{
    private const string Root = "/sys/fs/cgroup/";

    public bool HasLimits => Memory is not null && Pids is not null;

    /// <summary>
    /// Folders of agents that kept the same data before. They lie elsewhere when this one was started from another session or service,
    /// and runs that were taken over are still in them.
    /// </summary>
    public IReadOnlyList<string> Earlier { get; private init; } = [];

    /// <summary>Reads where agents before made their groups, and writes down where this one does.</summary>
    public Cgroups Remembering(string file)
    {
        var known = File.Exists(file) ? File.ReadAllLines(file) : [];
        var found = this with { Earlier = [.. known.Except(Own, StringComparer.Ordinal).Where(folder => folder.StartsWith(Root, StringComparison.Ordinal) && Directory.Exists(folder))] };
        AtomicFile.Write(file, Encoding.UTF8.GetBytes(string.Concat(found.Shared.Select(folder => $"{folder}\n"))));
        return found;
    }

    /// <summary>Makes the folders for one run and sets its limits. Returns the folders to join.</summary>
    public IReadOnlyList<string> Create(string name, AppliedLimits limits)
    {
        var joined = new List<string>();
        if (Memory is not null)
        {
            var folder = Make(Memory, name);
            if (limits.MemoryBytes is { } bytes)
            {
                if (IsV2)
                {
                    Write(folder, "memory.max", bytes);
                    TryWrite(folder, "memory.swap.max", "0");
                    TryWrite(folder, "memory.oom.group", "1");
                }
                else
                {
                    Write(folder, "memory.limit_in_bytes", bytes);
                    TryWrite(folder, "memory.memsw.limit_in_bytes", bytes.ToString(CultureInfo.InvariantCulture));
                }
            }
        }

        if (Cpu is not null)
        {
            var folder = Make(Cpu, name);
            if (limits.CpuMillis is { } millis)
            {
                if (IsV2)
                {
                    TryWrite(folder, "cpu.max", $"{millis * 100} 100000");
                }
                else
                {
                    TryWrite(folder, "cpu.cfs_period_us", "100000");
                    TryWrite(folder, "cpu.cfs_quota_us", (millis * 100).ToString(CultureInfo.InvariantCulture));
                }
            }
        }

        if (Pids is not null)
        {
            Write(Make(Pids, name), "pids.max", limits.Pids);
        }

        if (Killer is not null)
        {
            Make(Killer, name);
        }

        return joined;

        string Make(string root, string group)
        {
            var folder = Path.Combine(root, group);
            if (!joined.Contains(folder, StringComparer.Ordinal))
            {
                Directory.CreateDirectory(folder);
                joined.Add(folder);
            }

            return folder;
        }
    }

    /// <summary>The folders of a run that is known by its name only.</summary>
    public IReadOnlyList<string> Of(string name) => [.. Shared.Select(root => Path.Combine(root, name))];

    /// <summary>Processes in a run's groups.</summary>
    public static IReadOnlyList<int> Processes(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            try
            {
                return [.. File.ReadLines(Path.Combine(folder, "cgroup.procs")).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Where(id => id > 0)];
            }
            catch (IOException)
            {
                // Removed already; another one may remain.
            }
        }

        return [];
    }

    /// <summary>Kills every process of a run at once, also those that detached themselves. False where the kernel cannot.</summary>
    public static bool Kill(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            if (File.Exists(Path.Combine(folder, "cgroup.kill")))
            {
                TryWrite(folder, "cgroup.kill", "1");
                return true;
            }
        }

        return false;
    }

    /// <summary>How often the kernel killed something of the run for lack of memory.</summary>
    public static int OutOfMemoryKills(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            foreach (var file in (ReadOnlySpan<string>)["memory.events", "memory.oom_control"])
            {
                try
                {
                    foreach (var line in File.ReadLines(Path.Combine(folder, file)))
                    {
                        if (line.StartsWith("oom_kill ", StringComparison.Ordinal))
                        {
                            return int.Parse(line.AsSpan(9), CultureInfo.InvariantCulture);
                        }
                    }
                }
                catch (IOException)
                {
                    // Not the group with the memory.
                }
            }
        }

        return 0;
    }

    /// <summary>Memory that the run holds and the kernel cannot take back, or null.</summary>
    public static long? MemoryBytes(IReadOnlyList<string> folders)
    {
        foreach (var folder in folders)
        {
            try
            {
                foreach (var line in File.ReadLines(Path.Combine(folder, "memory.stat")))
                {
                    if (line.StartsWith("total_rss ", StringComparison.Ordinal) || line.StartsWith("anon ", StringComparison.Ordinal))
                    {
                        return long.Parse(line.AsSpan(line.IndexOf(' ', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
                    }
                }
            }
            catch (IOException)
            {
                // Not the group with the memory.
            }
        }

        return null;
    }

    /// <summary>Removes a run's groups. False while one still holds a process: killed ones take a moment to leave.</summary>
    public static bool Remove(IEnumerable<string> folders)
    {
        var removed = true;
        foreach (var folder in folders)
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (DirectoryNotFoundException)
            {
                // Gone already.
            }
            catch (IOException)
            {
                removed = false;
            }
        }

        return removed;
    }

    /// <summary>Removes what earlier agents left; groups that hold a process are refused by the kernel.</summary>
    public void RemoveEmpty()
    {
        Remove(Shared.Where(Directory.Exists).SelectMany(Directory.GetDirectories));
        Remove(Earlier);
    }

    /// <summary>Removes the folders that all runs share, when none runs any more.</summary>
    public void RemoveShared() => Remove(Shared);

    private IEnumerable<string> Own => new[] { Memory, Cpu, Pids, Killer }.OfType<string>().Distinct(StringComparer.Ordinal);

    private IEnumerable<string> Shared => Own.Concat(Earlier);

    private static void Write(string folder, string file, long value) =>
        File.WriteAllText(Path.Combine(folder, file), value.ToString(CultureInfo.InvariantCulture));

    private static void TryWrite(string folder, string file, string value)
    {
        try
        {
            File.WriteAllText(Path.Combine(folder, file), value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A refinement that this kernel does not offer.
        }
    }
}

/// <summary>Limits with the defaults filled in.</summary>
internal sealed record AppliedLimits(long? MemoryBytes, int? CpuMillis, int Pids);
