using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Axle.Engines;

namespace Axle.Tests.Agent;

/// <summary>A real PostgreSQL as a worker with a volume, as the control plane runs databases.</summary>
[Trait("Speed", "Slow")]
public sealed class DatabaseWorkloadTests(RealAgent agent) : IClassFixture<RealAgent>
{
    private const string Programs = "/usr/lib/postgresql/15/bin";
    private const string Id = "orders-db.staging";

    private const string Script = """
        #!/bin/sh
        set -eu
        data=/var/lib/postgresql/data
        if [ ! -s "$data/PG_VERSION" ]; then
            # Made aside and moved: a start that is killed half way leaves nothing that looks like a database.
            rm -rf "$data.new"
            initdb --pgdata="$data.new" --username=axle --pwfile=/run/secrets/password --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-instructions >/dev/null
            mv "$data.new" "$data"
        fi
        exec postgres -D "$data" -c port="$DB_PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp -c logging_collector=off
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PostgreSQL_starts_fast_survives_crashes_stops_fast_and_never_runs_twice_on_its_volume()
    {
        Assert.SkipUnless(File.Exists($"{Programs}/postgres"), "PostgreSQL 15 is not installed here.");
        Assert.SkipUnless(File.Exists("/usr/bin/bwrap"), "Volumes need the sandbox.");
        var port = FreePort();
        var output = TestContext.Current.TestOutputHelper!;

        // 1. The first start makes the database.
        var watch = Stopwatch.StartNew();
        await agent.Engine.ApplyAsync(Spec("r1", port), Stop);
        var first = await agent.UntilPhaseAsync(Id, "r1", "Healthy", "Failed");
        Assert.True(first.Phase == "Healthy", $"{first.Failure} {string.Join('\n', first.Failure?.LogTail ?? [])}");
        output.WriteLine($"cold start: {watch.ElapsedMilliseconds} ms");
        Assert.Equal("CREATE TABLE\nINSERT 0 1 0", await SqlAsync("create table t (word text); insert into t values ('größe')"));
        Assert.Equal("posix|C.UTF-8|größe 0", await SqlAsync("select current_setting('dynamic_shared_memory_type'), datcollate, word from pg_database, t where datname = 'postgres'"));

        // Parallel workers exchange rows through /dev/shm.
        var plan = await SqlAsync("create table big as select generate_series(1, 200000) n; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; explain (analyze, costs off, timing off) select count(*) from big where n % 2 = 0");
        Assert.Matches("Workers Launched: [1-9]", plan);

        // 2. Killed agent: the same server goes on.
        var postmaster = Postmaster();
        await agent.RestartAsync();
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync(Id, Stop))!.Instances is [{ State: "Ready", Restarts: 0 }], "the database to be adopted");
        Assert.Equal(postmaster, Postmaster());

        // 3. Killed server: it comes back with its data.
        using (var process = Process.GetProcessById(postmaster))
        {
            process.Kill();
        }

        watch.Restart();
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync(Id, Stop))!.Instances is [{ State: "Ready", Restarts: 1 }], "the database to come back");
        output.WriteLine($"back after kill -9, with recovery and the pause of 1 s: {watch.ElapsedMilliseconds} ms");
        Assert.Equal("größe 0", await SqlAsync("select word from t"));

        // 4. Stopped with a client that stays connected, which would hold up a smart shutdown for ever.
        using var client = await ConnectedAsync(port);
        watch.Restart();
        await agent.Engine.ApplyAsync(Spec("r1", port) with { Stopped = true }, Stop);
        await agent.UntilPhaseAsync(Id, "r1", "Stopped");
        output.WriteLine($"stopped: {watch.ElapsedMilliseconds} ms");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        var log = (await agent.LogAsync(Id)).Select(line => line.Text).ToList();
        Assert.Contains(log, line => line.EndsWith("received fast shutdown request", StringComparison.Ordinal));
        Assert.EndsWith("database system is shut down", log[^1], StringComparison.Ordinal);

        // 5. Warm.
        watch.Restart();
        await agent.Engine.ApplyAsync(Spec("r1", port), Stop);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync(Id, Stop))!.Instances is [{ State: "Ready" }], "the warm start");
        output.WriteLine($"warm start: {watch.ElapsedMilliseconds} ms");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        // 6. Asked to end before it has begun, it does not wait for a signal that it never gets.
        await agent.Engine.ApplyAsync(Spec("r1", port) with { Stopped = true }, Stop);
        await agent.UntilPhaseAsync(Id, "r1", "Stopped");
        for (var round = 0; round < 10; round++)
        {
            await agent.Engine.ApplyAsync(Spec("r1", port), Stop);
            await Task.Delay(round * 4, Stop);
            watch.Restart();
            await agent.Engine.ApplyAsync(Spec("r1", port) with { Stopped = true }, Stop);
            await agent.UntilPhaseAsync(Id, "r1", "Stopped");
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }

        await agent.Engine.ApplyAsync(Spec("r1", port), Stop);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync(Id, Stop))!.Instances is [{ State: "Ready" }], "the start");

        // 7. Stopped and a new revision at once, then a new revision without stopping, then one that cannot start: never two on one volume.
        var most = 0;
        using var looking = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var look = Task.Run(async () =>
        {
            while (!looking.IsCancellationRequested)
            {
                most = Math.Max(most, Postmasters().Select(server => server.Sandbox).Distinct().Count());
                await Task.Delay(2);
            }
        }, Stop);
        await agent.Engine.ApplyAsync(Spec("r1", port) with { Stopped = true }, Stop);
        await agent.Engine.ApplyAsync(Spec("r2", port), Stop);
        await agent.UntilPhaseAsync(Id, "r2", "Healthy");
        watch.Restart();
        await agent.Engine.ApplyAsync(Spec("r3", port), Stop);
        await agent.UntilPhaseAsync(Id, "r3", "Healthy");
        output.WriteLine($"replaced by a new revision: {watch.ElapsedMilliseconds} ms");
        var broken = Spec("r4", port);
        await agent.Engine.ApplyAsync(broken with { StartTimeoutSeconds = 2, Groups = [broken.Groups[0].Change(container => container with { Readiness = new ProbeSpec(Exec: ["false"]) })] }, Stop);
        await agent.UntilPhaseAsync(Id, "r4", "Failed");
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync(Id, Stop))!.Instances is [{ Revision: "r3", State: "Ready" }], "the old revision to come back");
        Assert.Equal("größe 0", await SqlAsync("select word from t"));
        await looking.CancelAsync();
        await look;
        Assert.Equal(1, most);
    }

    private WorkloadSpec Spec(string revision, int port)
    {
        var group = Apps.Group("db", GroupKind.Worker, "/bin/sh", "/run/secrets/start").Change(container => container with
        {
            Variables = new Dictionary<string, string>
            {
                ["PATH"] = $"{Programs}:/usr/bin:/bin",
                ["DB_PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["PGPASSWORD"] = "a-password-of-its-own",
            },
            Files = [Placed("/run/secrets/start", Script, "0500"), Placed("/run/secrets/password", "a-password-of-its-own\n", "0400")],
            Volumes = [new VolumeSpec("/var/lib/postgresql", "data")],
            Limits = new LimitSpec(MemoryBytes: 256 << 20, Pids: 256),
            Readiness = new ProbeSpec(Exec: ["pg_isready", "-q", "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture)]),
        });
        return Apps.Workload(Id, revision, agent.Artifact(("x", "")), group) with
        {
            Hosts = [],
            StartTimeoutSeconds = 30,
            StopTimeoutSeconds = 60,
            StopSignal = "SIGINT",
            Redact = ["a-password-of-its-own"],
        };
    }

    private static FileSpec Placed(string target, string text, string mode) => new(target, Convert.ToBase64String(Encoding.UTF8.GetBytes(text)), mode);

    private async Task<string> SqlAsync(string sql)
    {
        var text = new StringBuilder();
        await foreach (var item in agent.Engine.ExecAsync(new ExecSpec(Id, null, null, ["/bin/sh", "-c", "psql -h 127.0.0.1 -p $DB_PORT -U axle -d postgres -At", "psql"]), new MemoryStream(Encoding.UTF8.GetBytes(sql + ";")), Stop))
        {
            text.Append(item.Data is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : $"{item.ExitCode}");
        }

        return string.Join('\n', text.ToString().TrimEnd().Split('\n')[..^1]) + " " + text.ToString().Split('\n')[^1];
    }

    private static async Task<TcpClient> ConnectedAsync(int port)
    {
        // A client that has begun to sign in is a session of the server.
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Stop);
        await client.GetStream().WriteAsync(new byte[] { 0, 0, 0, 8, 4, 210, 22, 47 }, Stop);
        return client;
    }

    private static int Postmaster() => Postmasters()[0].Id;

    /// <summary>Eldest first. Processes that a server forks look like it for a moment, but are in the same sandbox.</summary>
    private static List<(int Id, string? Sandbox)> Postmasters()
    {
        var found = new List<(int Id, string? Sandbox)>();
        foreach (var process in Process.GetProcessesByName("postgres"))
        {
            using (process)
            {
                try
                {
                    if (File.ReadAllText($"/proc/{process.Id}/cmdline").StartsWith("postgres\0-D\0/var/lib/postgresql/data\0", StringComparison.Ordinal))
                    {
                        found.Add((process.Id, new FileInfo($"/proc/{process.Id}/ns/pid").LinkTarget));
                    }
                }
                catch (IOException)
                {
                    // Ended meanwhile.
                }
            }
        }

        return [.. found.OrderBy(server => server.Id)];
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
