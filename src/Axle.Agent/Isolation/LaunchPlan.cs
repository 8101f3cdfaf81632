using System.Globalization;
using System.Text;

namespace Axle.Agent.Isolation;

/// <summary>
/// Builds the argument list that starts a process in its sandbox; runs nothing. The order is: join the control groups, show the
/// folders in a mount namespace (root only), drop every right, build the sandbox without rights (bubblewrap), take over the
/// variables, become the application. No text of a user passes through a shell: variables go through a quoted file, the rest is
/// positional.
/// </summary>
internal static class LaunchPlan
{
    public const string AppFolder = "/app";
    private const string Inside = "/run/axle";

    // Made of what programs need to resolve names, verify certificates and find libraries; nothing of the machine's own accounts.
    private static readonly string[] s_etc =
    [
        "alternatives", "ca-certificates", "ca-certificates.conf", "dotnet", "fonts", "host.conf", "hosts", "java-17-openjdk", "ld.so.cache", "ld.so.conf",
        "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf", "npmrc", "pip.conf", "pki", "protocols", "resolv.conf", "services", "ssl", "timezone",
    ];

    private static readonly string[] s_dropRights =
        ["--clear-groups", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];

    /// <param name="entries">Lists a folder of the machine: name, and whether it is a link's target.</param>
    public static IReadOnlyList<string> Build(Sandbox sandbox, MachineIsolation isolation, LaunchScripts scripts, Func<string, IEnumerable<FolderEntry>> entries)
    {
        var arguments = new List<string>();
        AddJoin(arguments, sandbox.Cgroups, scripts);

        // 1. Folders. As root they are shown under /mnt first, because the user that the process gets cannot pass a closed home folder.
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        string Shown(string path) => names.TryGetValue(path, out var shown) ? shown : path;
        if (sandbox.User is not null)
        {
            arguments.AddRange(["/usr/bin/unshare", "-m", "/bin/sh", scripts.Mounts]);
            Show(sandbox.Folder, "app");
            Show(sandbox.InsideFolder, "inside");
            foreach (var mount in sandbox.Mounts.Where(mount => !mount.IsFile))
            {
                Show(mount.Source, $"m{names.Count}");
            }

            arguments.Add("--");
            AddDropRights(arguments, sandbox.User.Value);
        }

        var app = Shown(sandbox.Folder);
        var inside = Shown(sandbox.InsideFolder);

        // 2. Without bubblewrap the process sees the machine, with its own rights.
        if (!isolation.Sandbox)
        {
            arguments.AddRange(["/bin/sh", $"{inside}/enter.sh", $"{inside}/variables", Path.Combine(app, sandbox.WorkingFolder), .. sandbox.Command]);
            return arguments;
        }

        // 3. The sandbox.
        arguments.AddRange(["/usr/bin/bwrap", "--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]);
        arguments.AddRange(sandbox.TellsProcess ? ["--info-fd", "9"] : []);
        arguments.AddRange(["--ro-bind", "/usr", "/usr"]);
        foreach (var name in (ReadOnlySpan<string>)["bin", "sbin", "lib", "lib32", "lib64", "libx32"])
        {
            arguments.AddRange(new DirectoryInfo($"/{name}").LinkTarget is null
                ? ["--ro-bind-try", $"/{name}", $"/{name}"]
                : ["--symlink", $"usr/{name}", $"/{name}"]);
        }

        arguments.AddRange(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/var", "--dir", "/var/tmp", "--tmpfs", "/run"]);
        foreach (var name in s_etc)
        {
            arguments.AddRange(["--ro-bind-try", $"/etc/{name}", $"/etc/{name}"]);
        }

        arguments.AddRange(["--ro-bind", $"{inside}/passwd", "/etc/passwd", "--ro-bind", $"{inside}/group", "/etc/group", "--ro-bind", inside, Inside]);
        AddApp(arguments, sandbox, app, entries);
        foreach (var mount in sandbox.Mounts)
        {
            var source = mount.IsFile ? $"{inside}/{mount.Source}" : Shown(mount.Source);
            arguments.AddRange([mount.ReadOnly ? "--ro-bind" : "--bind", source, mount.Target]);
        }

        if (NeedsMountPoints(sandbox).Any())
        {
            arguments.AddRange(["--remount-ro", AppFolder]);
        }

        arguments.AddRange(["--", "/bin/sh", $"{Inside}/enter.sh", $"{Inside}/variables", FolderInside(sandbox.WorkingFolder), .. sandbox.Command]);
        return arguments;

        void Show(string path, string name)
        {
            if (names.TryAdd(path, $"/mnt/{name}"))
            {
                arguments.AddRange([path, name]);
            }
        }
    }

    /// <summary>The argument list by which root runs one more command inside a running sandbox, whose first process is given.</summary>
    public static IReadOnlyList<string> Enter(int process, int user, IReadOnlyList<string> cgroups, string workingFolder, IReadOnlyList<string> command, LaunchScripts scripts)
    {
        var arguments = new List<string>();
        AddJoin(arguments, cgroups, scripts);
        arguments.AddRange([.. Namespaces(process), "--"]);
        AddDropRights(arguments, user);
        return [.. arguments, .. Entered(workingFolder, command)];
    }

    /// <summary>
    /// The same for the user whose sandbox it is: first into the user namespace that owns it, which gives the right to the others; then
    /// into the one of the application, to be the same user; then without any right.
    /// </summary>
    /// <param name="owner">A path to the owning user namespace.</param>
    public static IReadOnlyList<string> EnterOwn(int process, string owner, IReadOnlyList<string> cgroups, string workingFolder, IReadOnlyList<string> command, LaunchScripts scripts)
    {
        var arguments = new List<string>();
        AddJoin(arguments, cgroups, scripts);
        return
        [
            .. arguments, .. Namespaces(process), $"--user={owner}", "--preserve-credentials", "--",
            "/usr/bin/nsenter", "-t", "1", "-U", "--preserve-credentials", "--",
            "/usr/bin/setpriv", "--no-new-privs", "--inh-caps=-all", "--",
            .. Entered(workingFolder, command),
        ];
    }

    private static IReadOnlyList<string> Namespaces(int process) => ["/usr/bin/nsenter", "-t", process.ToString(CultureInfo.InvariantCulture), "-m", "-p", "-i", "-u"];

    private static IReadOnlyList<string> Entered(string workingFolder, IReadOnlyList<string> command) =>
        ["/bin/sh", $"{Inside}/enter.sh", $"{Inside}/variables", FolderInside(workingFolder), .. command];

    /// <summary>A file of shell assignments. Values are quoted so that the shell takes every character as it is.</summary>
    public static string Variables(IReadOnlyDictionary<string, string> variables)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in variables.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!IsVariableName(name))
            {
                throw new FormatException($"'{name}' cannot be the name of a variable: use letters, digits and _, not beginning with a digit.");
            }

            if (value.Contains('\0', StringComparison.Ordinal))
            {
                throw new FormatException($"The value of {name} holds a NUL character, which no process can be given.");
            }

            text.Append("export ").Append(name).Append("='").Append(value.Replace("'", @"'\''", StringComparison.Ordinal)).Append("'\n");
        }

        return text.ToString();
    }

    public static bool IsVariableName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    private static void AddJoin(List<string> arguments, IReadOnlyList<string> cgroups, LaunchScripts scripts)
    {
        if (cgroups.Count > 0)
        {
            arguments.AddRange(["/bin/sh", scripts.Join, cgroups.Count.ToString(CultureInfo.InvariantCulture), .. cgroups]);
        }
    }

    private static void AddDropRights(List<string> arguments, int user)
    {
        var number = user.ToString(CultureInfo.InvariantCulture);
        arguments.AddRange(["/usr/bin/setpriv", "--reuid", number, "--regid", number, .. s_dropRights]);
    }

    private static string FolderInside(string workingFolder) => workingFolder.Length == 0 ? AppFolder : $"{AppFolder}/{workingFolder}";

    private static IEnumerable<SandboxMount> NeedsMountPoints(Sandbox sandbox) => sandbox.WritableFolder
        ? []
        : sandbox.Mounts.Where(mount => mount.Target.StartsWith($"{AppFolder}/", StringComparison.Ordinal) && !Path.Exists(sandbox.Folder + mount.Target[AppFolder.Length..]));

    private static void AddApp(List<string> arguments, Sandbox sandbox, string app, Func<string, IEnumerable<FolderEntry>> entries)
    {
        var targets = NeedsMountPoints(sandbox).Select(mount => mount.Target[(AppFolder.Length + 1)..]).ToList();
        if (targets.Count == 0)
        {
            arguments.AddRange([sandbox.WritableFolder ? "--bind" : "--ro-bind", app, AppFolder]);
            return;
        }

        // A read-only folder takes no new mount points. So the folders on the way to them become memory, their content is put back
        // entry by entry, and the whole is made read-only at the end.
        arguments.AddRange(["--tmpfs", AppFolder]);
        AddEntries("");

        void AddEntries(string folder)
        {
            foreach (var entry in entries(Path.Combine(sandbox.Folder, folder)).OrderBy(entry => entry.Name, StringComparer.Ordinal))
            {
                var path = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";
                var onTheWay = targets.Any(target => target.StartsWith($"{path}/", StringComparison.Ordinal));
                if (entry.LinkTarget is { } link)
                {
                    if (onTheWay)
                    {
                        throw new FormatException($"{AppFolder}/{path} is a link; files and volumes cannot be placed behind it.");
                    }

                    arguments.AddRange(["--symlink", link, $"{AppFolder}/{path}"]);
                }
                else if (onTheWay)
                {
                    arguments.AddRange(["--dir", $"{AppFolder}/{path}"]);
                    AddEntries(path);
                }
                else
                {
                    arguments.AddRange(["--ro-bind", $"{app}/{path}", $"{AppFolder}/{path}"]);
                }
            }
        }
    }
}

/// <param name="LinkTarget">Null unless it is a symbolic link.</param>
internal sealed record FolderEntry(string Name, string? LinkTarget)
{
    public static IEnumerable<FolderEntry> In(string folder) =>
        new DirectoryInfo(folder).EnumerateFileSystemInfos().Select(entry => new FolderEntry(entry.Name, entry.LinkTarget));
}
