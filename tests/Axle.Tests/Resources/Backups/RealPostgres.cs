using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Axle.Contracts;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Backups.Postgres;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;
using Axle.Tests.Secrets;
using Npgsql;

namespace Axle.Tests.Resources.Backups;

/// <summary>A PostgreSQL server of the tests' own, as nobody's administrator; absent where PostgreSQL is not installed.</summary>
public sealed class RealPostgres : IAsyncLifetime
{
    private readonly SecretBench _bench = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("axle-pg-").FullName;
    private Process? _server;

    private static PostgresProgram? Program => PostgresProgram.Find();

    internal PgPlace Place { get; private set; } = null!;

    internal PostgresServers Servers { get; private set; } = null!;

    internal PgPrograms Programs { get; private set; } = null!;

    internal PgScratch Scratch { get; private set; } = null!;

    internal PostgresBackups Backups { get; private set; } = null!;

    /// <summary>Why the tests cannot run; null when they can.</summary>
    public string? Missing { get; private set; }

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, "files", name)).FullName;

    public async ValueTask InitializeAsync()
    {
        if (Program is not { } program)
        {
            Missing = "PostgreSQL is not installed on this machine";
            return;
        }

        // PostgreSQL refuses to run as root; Debian's package brings a user for it.
        var data = Path.Combine(_folder, "pg");
        Directory.CreateDirectory(data);
        string[] prefix = [];
        if (Environment.UserName == "root")
        {
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
            await RunAsync("/bin/chown", ["postgres:postgres", data]);
            prefix = ["/usr/sbin/runuser", "-u", "postgres", "--"];
        }

        string[] init = [.. prefix, program.Program("initdb"), "-D", data, "-U", ServerAdmin.User, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        await RunAsync(init[0], init[1..]);
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            Place = new PgPlace(EntityRef.Of(Kinds.ResourceClaim, "postgres.test"), ((IPEndPoint)listener.LocalEndpoint).Port, program);
        }

        string[] start = [.. prefix, program.Program("postgres"), "-D", data, "-c", $"port={Place.Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"];
        _server = Process.Start(new ProcessStartInfo(start[0], start[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _server.ErrorDataReceived += (_, _) => { };
        _server.BeginErrorReadLine();
        var admins = new ServerAdmin(_bench.Secrets);
        Assert.True((await admins.MakeAsync(Place.Server, TestContext.Current.CancellationToken)).Ok);
        Servers = new PostgresServers(admins);
        Programs = new PgPrograms(new ProgramRunner(TimeProvider.System), _bench.Entities, admins);
        Scratch = new PgScratch(Programs, Servers);
        Backups = new PostgresBackups(Programs, Scratch, null!, Servers);
        await UntilUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await Servers.DisposeAsync();
            await RunAsync("/bin/kill", ["-INT", (await File.ReadAllLinesAsync(Path.Combine(_folder, "pg", "postmaster.pid")))[0]]);
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        await _bench.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A database of its own owner, with something in it that the owner wrote.</summary>
    internal async Task<PgLogin> DatabaseAsync(string name, string sql)
    {
        var stop = TestContext.Current.CancellationToken;
        await Scratch.MakeAsync(Place, name, name, "C.UTF-8", stop);
        var login = await Scratch.LoginAsync(Place, name, name, name, stop);
        await using var connection = await PostgresServers.OpenAsync(Place.Port, name, login.User, login.Password, stop);
        await PgScratch.RunAsync(connection, $"SET ROLE {name}", stop);
        await PgScratch.RunAsync(connection, sql, stop);
        return login;
    }

    internal async Task<T> AskAsync<T>(string database, string question)
    {
        await using var connection = await Servers.OpenAsync(Place.Server, Place.Port, database, TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(question, connection);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task UntilUpAsync()
    {
        for (var began = Stopwatch.StartNew(); ;)
        {
            try
            {
                await using var connection = await Servers.OpenAsync(Place.Server, Place.Port, "postgres", TestContext.Current.CancellationToken);
                return;
            }
            catch (NpgsqlException) when (began.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        var end = await new ProgramRunner(TimeProvider.System).RunAsync(new ProgramCall(program, arguments), CancellationToken.None);
        Assert.True(end.Ok, end.Errors);
    }
}
