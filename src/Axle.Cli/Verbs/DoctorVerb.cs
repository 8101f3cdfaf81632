using System.CommandLine;
using Axle.Cli.Machine;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>One thing that was checked.</summary>
/// <param name="State"><c>ok</c>, <c>warning</c> (works with less) or <c>missing</c> (must be mended).</param>
internal sealed record DoctorCheck(string Name, string State, string Message, string? Fix);

/// <summary>Checks whether this machine can run Axle, and says what to install.</summary>
internal static class DoctorVerb
{
    private const string Ok = "ok";
    private const string Warning = "warning";
    private const string Missing = "missing";
    private const string Secrets = "secrets";
    private const int ClockYearMin = 2026;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    public static IEnumerable<Command> All(AxleCli cli)
    {
        var data = Arguments.Data();
        return
        [
            new Verb("doctor", "Check this machine, and say what to install", "axle doctor", "axle doctor --output json") { data }.Runs(cli, async (session, parsed, stop) =>
            {
                var checks = await ChecksAsync(session, new DataFolder(parsed.GetValue(data) ?? DataFolder.Default(session.Host)), stop);
                session.Show(checks, CliJson.Default.ListDoctorCheck, terminal =>
                {
                    foreach (var check in checks)
                    {
                        var (sign, tone) = check.State switch { Ok => ("✓", Tone.Good), Warning => ("!", Tone.Busy), _ => ("✗", Tone.Bad) };
                        terminal.Line(new Cell($"  {sign} ", tone), $"{check.Name,-11} {check.Message}");
                        if (check.Fix is not null)
                        {
                            terminal.Line(new Cell("                → ", Tone.Dim), check.Fix);
                        }
                    }
                });
                return checks.Any(check => check.State == Missing) ? ExitCodes.Failed : ExitCodes.Ok;
            }),
        ];
    }

    private static async Task<List<DoctorCheck>> ChecksAsync(Session session, DataFolder data, CancellationToken stop) =>
    [
        await ProgramAsync("git", Missing, "repositories", "apt-get install git", stop),
        await ProgramAsync("bwrap", Warning, "private file systems for apps and builds", "apt-get install bubblewrap", stop),
        await ProgramAsync("setpriv", Warning, "a user of its own for each app", "apt-get install util-linux", stop),
        await ProgramAsync("node", Warning, "Node services", "apt-get install nodejs npm", stop),
        await ProgramAsync("dotnet", Warning, ".NET services", "https://dot.net/download (SDK 10)", stop),
        await ProgramAsync("python3", Warning, "Python services", "apt-get install python3", stop),
        .. ResourcePrograms(),
        ControlGroups(),
        Root(),
        Port("server", data.ReadPorts().Port, "--port"),
        Port("agent", data.ReadPorts().IngressPort, "--ingress-port"),
        Disk(data),
        Time(session),
        await SecretsAsync(session, data, stop),
    ];

    /// <summary>Asked of the platform when one answers, since only it knows whether its key fits; else what the data folder shows.</summary>
    private static async Task<DoctorCheck> SecretsAsync(Session session, DataFolder data, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        try
        {
            var platform = await session.Client.GetAsync("api/platform", AxleJson.Default.PlatformView, patience.Token);
            return platform.SecretsSealed is { } why
                ? new DoctorCheck(Secrets, Missing, $"sealed: {why}", "docs/secrets.md, \"The master key\"")
                : new DoctorCheck(Secrets, Ok, $"open, says the platform at {platform.Portal}", null);
        }
        catch (Exception e) when (e is RefusedException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            var key = Path.Combine(data.Path, "keys", "master.key");
            return !File.Exists(Path.Combine(data.Path, "secrets.db")) ? new DoctorCheck(Secrets, Ok, "none yet", null)
                : File.Exists(key) || !string.IsNullOrEmpty(session.Host.Variable("AXLE_MASTER_KEY")) ? new DoctorCheck(Secrets, Ok, "there is a master key; whether it fits shows at the start", null)
                : new DoctorCheck(Secrets, Missing, $"sealed: {key} is missing", "put it back from its backup, or set AXLE_MASTER_KEY");
        }
    }

    private static async Task<DoctorCheck> ProgramAsync(string program, string without, string use, string fix, CancellationToken stop)
    {
        var outcome = await Programs.RunAsync(program, ["--version"], stop);
        return outcome.ExitCode == 0
            ? new DoctorCheck(program, Ok, (outcome.Output.Length > 0 ? outcome.Output : outcome.Error).Split('\n')[0], null)
            : new DoctorCheck(program, without, $"not there; needed for {use}", fix);
    }

    /// <summary>Programs behind types of resources; each is needed only where somebody asks for its type.</summary>
    private static readonly (string Type, string Name, string Path, string Package)[] s_resources =
    [
        ("postgres", "PostgreSQL", "/usr/lib/postgresql/*/bin/postgres", "postgresql"),
        ("pooling", "PgBouncer", "/usr/sbin/pgbouncer", "pgbouncer"),
        ("redis", "Redis", "/usr/bin/redis-server", "redis-server"),
        ("mariadb", "MariaDB", "/usr/sbin/mariadbd", "mariadb-server"),
        ("amqp", "RabbitMQ", "/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server"),
        ("nats", "NATS", "/usr/sbin/nats-server", "nats-server"),
        ("s3", "OpenStack Swift", "/usr/lib/python3/dist-packages/swift/proxy/server.py", "python3-swift"),
    ];

    private static IEnumerable<DoctorCheck> ResourcePrograms() => s_resources.Select(one => IsThere(one.Path)
        ? new DoctorCheck(one.Type, Ok, $"{one.Name} is there", null)
        : new DoctorCheck(one.Type, Warning, $"{one.Name} is not there; needed for resources of this kind only", $"apt-get install {one.Package}"));

    /// <param name="path">May have one folder that is any.</param>
    private static bool IsThere(string path)
    {
        var parts = path.Split("/*/");
        return parts.Length == 1 ? File.Exists(path) : Directory.Exists(parts[0]) && Directory.EnumerateDirectories(parts[0]).Any(folder => File.Exists(Path.Combine(folder, parts[1])));
    }

    private static DoctorCheck ControlGroups()
    {
        if (File.Exists("/sys/fs/cgroup/cgroup.controllers"))
        {
            var controllers = File.ReadAllText("/sys/fs/cgroup/cgroup.controllers");
            return new DoctorCheck("cgroups", Ok, $"version 2 ({controllers.Trim()})", null);
        }

        return Directory.Exists("/sys/fs/cgroup/memory")
            ? new DoctorCheck("cgroups", Ok, "version 1", null)
            : new DoctorCheck("cgroups", Warning, "not there; limits for memory and CPU cannot be enforced", "start with a kernel or container that has /sys/fs/cgroup");
    }

    private static DoctorCheck Root() => Environment.IsPrivilegedProcess
        ? new DoctorCheck("root", Ok, "yes: each app can have its own user", null)
        : new DoctorCheck("root", Warning, "no: apps run as you, with less isolation", "sudo axle up, for full isolation");

    private static DoctorCheck Port(string process, int port, string option) =>
        Readiness.IsFree(port) ? new DoctorCheck($"port {port}", Ok, "free", null)
        : PortHolder.Of(port) is { } holder && (holder.Contains("axle", StringComparison.Ordinal)) ? new DoctorCheck($"port {port}", Ok, $"used by Axle's own {process}: {holder}", null)
        : new DoctorCheck($"port {port}", Missing, $"taken{(PortHolder.Of(port) is { } other ? $" by {other}" : "")}", $"axle up {option} {port + 1}");

    private static DoctorCheck Disk(DataFolder data) => data.FreeBytes() switch
    {
        null => new DoctorCheck("disk", Warning, $"cannot tell how much is free for {data.Path}", null),
        < 500L << 20 => new DoctorCheck("disk", Missing, $"only {data.FreeBytes() >> 20} MiB free for {data.Path}", "make room, or axle up --data DIR on another disk"),
        < 3L << 30 => new DoctorCheck("disk", Warning, $"{data.FreeBytes() >> 20} MiB free for {data.Path}: enough to begin with", null),
        var free => new DoctorCheck("disk", Ok, $"{free >> 30} GiB free for {data.Path}", null),
    };

    private static DoctorCheck Time(Session session) => session.Now.Year >= ClockYearMin
        ? new DoctorCheck("time", Ok, $"{session.Now:yyyy-MM-dd HH:mm:ss} UTC", null)
        : new DoctorCheck("time", Missing, $"the clock says {session.Now:yyyy-MM-dd}; tokens and TLS will not work", "apt-get install systemd-timesyncd, or set the clock");
}
