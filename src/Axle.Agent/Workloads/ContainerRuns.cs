using System.Globalization;
using Axle.Agent.Isolation;
using Axle.Agent.Machine;
using Axle.Agent.Runs;
using Axle.Agent.State;
using Axle.Agent.Volumes;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <summary>Turns a container of a spec into a run: its variables, files, volumes and limits.</summary>
internal sealed class ContainerRuns(AgentFolders folders, MachineIsolation isolation, Users users, LastingVolumes lasting)
{
    private const int PidsDefault = 512;
    private static readonly long s_machineMemory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <exception cref="FormatException">The spec asks for something that cannot be given.</exception>
    public RunSpec Of(string runId, WorkloadSpec spec, GroupSpec group, ContainerSpec container, string source, IReadOnlyDictionary<string, int> ports)
    {
        var user = users.For($"workload:{spec.Id}");
        if (!isolation.Sandbox && (container.Files.Count > 0 || container.Volumes.Count > 0))
        {
            throw new FormatException($"The container {container.Name} asks for files or volumes; placing them needs the sandbox, which this machine does not offer ({string.Join("; ", isolation.Missing)}).");
        }

        var working = InsidePath(container.WorkingFolder, "working folder");
        var mounts = new List<SandboxMount>();
        foreach (var volume in container.Volumes)
        {
            mounts.Add(new SandboxMount(VolumeFolder(spec.Id, volume, user), Target(volume.Target, working), volume.ReadOnly));
        }

        for (var index = 0; index < container.Files.Count; index++)
        {
            mounts.Add(new SandboxMount(InsideFolder.FileOf(index), Target(container.Files[index].Target, working), ReadOnly: true, IsFile: true));
        }

        return new RunSpec
        {
            Id = runId,
            Log = spec.Id,
            Source = source,
            Folder = spec.ArtifactFolder,
            WorkingFolder = working,
            Command = container.Command,
            Variables = Variables(group, container.Variables, ports),
            Files = container.Files,
            Mounts = mounts,
            Limits = Limits(container.Limits, s_machineMemory / 2, PidsDefault),
            User = user,
            StopSignal = spec.StopSignal,
        };
    }

    public static AppliedLimits Limits(LimitSpec asked, long memoryDefault, int pidsDefault) =>
        new(asked.MemoryBytes ?? memoryDefault, asked.CpuMillis, asked.Pids ?? pidsDefault);

    /// <summary>Without a word from the spec, memory is limited so that one process cannot take the machine down.</summary>
    public static long MachineMemory => s_machineMemory;

    /// <summary>What every process is given; the spec's own values win, except for the ports, which are assigned.</summary>
    public static IReadOnlyDictionary<string, string> Variables(GroupSpec group, IReadOnlyDictionary<string, string> own, IReadOnlyDictionary<string, int> ports)
    {
        var variables = Common();
        if (group.Kind == GroupKind.Web && PortsOf(group) is [var first, ..] && ports.TryGetValue(first.Name, out var main))
        {
            variables["ASPNETCORE_URLS"] = $"http://127.0.0.1:{main}";
        }

        foreach (var (name, value) in own)
        {
            variables[name] = value;
        }

        var index = 0;
        foreach (var port in PortsOf(group))
        {
            if (ports.TryGetValue(port.Name, out var number))
            {
                var text = number.ToString(CultureInfo.InvariantCulture);
                variables[$"PORT_{VariableName(port.Name)}"] = text;
                if (index++ == 0)
                {
                    variables["PORT"] = text;
                }
            }
        }

        return variables;
    }

    /// <summary>The variable by which processes learn this port; null for a port that was not assigned.</summary>
    public static string? PortVariable(GroupSpec group, IReadOnlyDictionary<string, int> assigned, int number)
    {
        var ports = PortsOf(group).ToList();
        var index = ports.FindIndex(port => assigned.TryGetValue(port.Name, out var known) && known == number);
        return index switch { < 0 => null, 0 => "PORT", _ => $"PORT_{VariableName(ports[index].Name)}" };
    }

    public static Dictionary<string, string> Common() => new(StringComparer.Ordinal)
    {
        ["PATH"] = InsideFolder.DefaultPath,
        ["HOME"] = "/tmp",
        ["TMPDIR"] = "/tmp",
        ["LANG"] = "C.UTF-8",
    };

    /// <summary>A web group always has a port, whether it names one or not.</summary>
    public static IReadOnlyList<PortSpec> PortsOf(GroupSpec group) =>
        group is { Kind: GroupKind.Web, Ports.Count: 0 } ? [new PortSpec("web", 8080)] : group.Ports;

    private static string VariableName(string name) =>
        string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToUpperInvariant(letter) : '_'));

    /// <summary>A path inside the artifact, without a way out of it.</summary>
    private static string InsidePath(string path, string what)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        return path.StartsWith('/') || parts.Contains("..", StringComparer.Ordinal)
            ? throw new FormatException($"The {what} '{path}' leads out of the artifact.")
            : string.Join('/', parts);
    }

    private static string Target(string target, string working)
    {
        var path = target.StartsWith('/') ? target[1..] : working.Length == 0 ? $"app/{target}" : $"app/{working}/{target}";
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").ToList();
        if (parts.Count == 0 || parts.Contains("..", StringComparer.Ordinal) || parts[0] is "usr" or "proc" or "dev" or "bin" or "sbin" or "lib" or "lib64")
        {
            throw new FormatException($"Nothing can be placed at '{target}'.");
        }

        return "/" + string.Join('/', parts);
    }

    private string VolumeFolder(string workload, VolumeSpec volume, int? user)
    {
        if (!Names.AreValid(volume.Source))
        {
            throw new FormatException($"'{volume.Source}' cannot be the name of a volume: use letters, digits, - _ and .");
        }

        var folder = Path.Combine(folders.Volumes, workload);
        var parts = InsidePath(volume.Path ?? "", "volume's path").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (volume.Volume is { } name)
        {
            folder = lasting.Place(name, Path.Combine(folder, volume.Source), user);
        }
        else
        {
            parts = [volume.Source, .. parts];
        }

        foreach (var part in parts)
        {
            folder = Path.Combine(folder, part);
            if (new DirectoryInfo(folder) is { Exists: true, LinkTarget: not null })
            {
                throw new FormatException($"The volume {volume.Source} has a link at {part}; volumes are not placed behind links.");
            }

            if (!Directory.Exists(folder))
            {
                Directory.CreateDirectory(folder);
                if (user is { } owner)
                {
                    Native.Chown(folder, owner);
                }
            }
        }

        return folder;
    }
}
