using System.Globalization;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Nats;

/// <summary>
/// A NATS server for each claim, with JetStream in its volume. Users are lines of its settings, with digests of their
/// passwords; the server reads them again while it runs, and only whoever is no user any more is cut off.
/// </summary>
internal sealed class NatsDriver(ServerWorkloads servers, ServerAdmin admins) : ILoginDriver
{
    private const string Program = "/usr/sbin/nats-server";
    private const string Script = "nats.sh";

    /// <summary>Beside streams in memory: connections and their buffers.</summary>
    private const long MemoryBeside = 256L << 20;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public string Uri => "axle://nats";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        if (!NatsParams.Read(claim.Spec).TryGet(out var asked, out var error))
        {
            return error;
        }

        if (!File.Exists(Program))
        {
            return new ProgramNeeded("nats", "NATS", "nats-server");
        }

        if (claim.State<ServerState>() is not { } state)
        {
            return new Provisioned { Waiting = "the server is being prepared", State = Provisioned.StateOf(new ServerState(servers.Port(null), "")) };
        }

        if (!(await admins.MakeAsync(claim.Ref, stop)).TryGet(out var password, out error)
            || !(await servers.EnsureAsync(claim.Ref, Workload(claim, asked, servers.Port(state.Port), password), stop)).TryGet(out var waiting, out error))
        {
            return error;
        }

        if (waiting.Length > 0 || await NatsVisit.TryAsync(state.Port, ServerAdmin.User, password, stop) is not null)
        {
            return new Provisioned { Waiting = waiting.Length > 0 ? waiting : "the server is starting", State = Provisioned.StateOf(state) };
        }

        return new Provisioned { State = Provisioned.StateOf(state), Outputs = Provisioned.OutputsOf(("host", NatsVisit.Host), ("port", state.Port)) };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop)
    {
        if (!NatsParams.Read(claim.Spec).TryGet(out var asked, out var error))
        {
            return Task.FromResult<Result<Foreseen>>(error);
        }

        var now = NatsParams.Read(claim.Spec with { Params = claim.Status.Params }) is { Ok: true, Value: var read } ? read : NatsParams.Default;
        List<string> lines =
        [
            .. now.StreamBytes == asked.StreamBytes ? [] : new[] { $"maxStorage changes from {now.StreamBytes >> 20} to {asked.StreamBytes >> 20} MiB" },
            .. now.MemoryBytes == asked.MemoryBytes ? [] : new[] { $"maxMemory changes from {now.MemoryBytes >> 20} to {asked.MemoryBytes >> 20} MiB, and streams in memory are emptied" },
            .. now.PayloadBytes == asked.PayloadBytes ? [] : new[] { $"maxPayload changes from {now.PayloadBytes >> 10} to {asked.PayloadBytes >> 10} KiB" },
        ];
        return Task.FromResult<Result<Foreseen>>(lines.Count == 0 ? Foreseen.Unchanged : new Foreseen(ForeseenActions.Change, [.. lines, "the server restarts, which takes about a second"]));
    }

    public Task SuspendAsync(Claim claim, CancellationToken stop) => servers.StopAsync(claim.Ref, stop);

    public Task DestroyAsync(Claim claim, CancellationToken stop) => servers.RemoveAsync(claim.Ref, stop);

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        try
        {
            var server = await AskAsync(claim, "VARZ", "{}", stop);
            var streams = await AskAsync(claim, "JSZ", "{}", stop);
            var size = streams.TryGetProperty("storage", out var disk) ? disk.GetInt64() + streams.GetProperty("memory").GetInt64() : 0;
            return new ResourceFacts(server.GetProperty("version").GetString(), size, await ConnectionsAsync(claim, null, stop), "dedicated");
        }
        catch (Exception e) when (e is IOException or KeyNotFoundException)
        {
            return null;
        }
    }

    public Login NewLogin(Claim claim, int version) => new(version % 2 == 1 ? "app_a" : "app_b", Scram.NewPassword());

    public async Task ApplyAsync(Claim claim, Login login, CancellationToken stop)
    {
        await SetAsync(claim, login.Username, $"{{ user: {login.Username}, password: \"{NatsPassword.Hash(login.Password)}\" }}\n", stop);
        await UntilAsync(async () => await TestAsync(claim, login, stop) is null, stop);
    }

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) => NatsVisit.TryAsync(Port(claim), login.Username, login.Password, stop);

    public Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop) => ConnectionsAsync(claim, username, stop);

    public async Task RevokeAsync(Claim claim, string username, CancellationToken stop)
    {
        await SetAsync(claim, username, "", stop);
        await UntilAsync(async () => await ConnectionsAsync(claim, username, stop) == 0, stop);
    }

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => new Dictionary<string, string>
    {
        ["username"] = login.Username,
        ["password"] = login.Password.Reveal(),
        ["uri"] = $"nats://{login.Username}:{login.Password.Reveal()}@{PostgresDriver.Text(status, "host")}:{PostgresDriver.Text(status, "port")}",
    };

    /// <summary>Null is of all users of the application's account.</summary>
    private async Task<int> ConnectionsAsync(Claim claim, string? username, CancellationToken stop)
    {
        // Filtered by the server, which counts all that match and lists one.
        var question = JsonSerializer.Serialize(username is null
            ? new Dictionary<string, object> { ["acc"] = "APP", ["auth"] = true, ["limit"] = 1 }
            : new Dictionary<string, object> { ["acc"] = "APP", ["auth"] = true, ["limit"] = 1, ["user"] = username });
        return (await AskAsync(claim, "CONNZ", question, stop)).GetProperty("total").GetInt32();
    }

    private async Task<JsonElement> AskAsync(Claim claim, string what, string question, CancellationToken stop) =>
        (await NatsVisit.AskAsync(Port(claim), ServerAdmin.User, admins.PasswordOf(claim.Ref), $"$SYS.REQ.SERVER.PING.{what}", question, stop)).GetProperty("data");

    private Task<string> SetAsync(Claim claim, string username, string line, CancellationToken stop) => servers.RunInsideAsync(claim.Ref, ["/bin/sh", Script, "user", username], line, stop);

    /// <summary>The server reads its settings a moment after it was told to. Whoever calls looks again, should this be in vain.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; waited < s_patience && !await condition(); waited += s_look)
        {
            await Task.Delay(s_look, stop);
        }
    }

    private static int Port(Claim claim) => claim.State<ServerState>()?.Port ?? throw new InvalidOperationException($"{claim.Ref.Name} has no server yet.");

    private WorkloadSpec Workload(Claim claim, NatsParams asked, int port, SecretValue password)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        var streams = asked.StreamBytes > 0;
        return new WorkloadSpec
        {
            Id = ServerWorkloads.Id(claim.Ref),
            Revision = "",
            Release = "v1",
            ArtifactFolder = servers.Scripts(Script),
            Groups =
            [
                new GroupSpec
                {
                    Name = "server",
                    Kind = GroupKind.Worker,
                    Containers =
                    [
                        new ContainerSpec
                        {
                            Name = "nats",
                            Command = ["/bin/sh", Script, "serve"],
                            Variables = new Dictionary<string, string>
                            {
                                ["PORT"] = number,
                                ["ADMIN_HASH"] = NatsPassword.Hash(password, admins.SaltOf(claim.Ref)),
                                ["PAYLOAD"] = asked.PayloadBytes.ToString(CultureInfo.InvariantCulture),
                                ["STREAMS"] = streams ? string.Create(CultureInfo.InvariantCulture, $"jetstream {{ store_dir: \"/data/jetstream\", max_memory_store: {asked.MemoryBytes}, max_file_store: {asked.StreamBytes} }}") : "",
                                ["APP_STREAMS"] = streams ? string.Create(CultureInfo.InvariantCulture, $"jetstream {{ max_memory: {asked.MemoryBytes}, max_file: {asked.StreamBytes} }}") : "",
                            },
                            Volumes = [new VolumeSpec("/data", "data")],
                            Limits = new LimitSpec((asked.MemoryBytes * 2) + MemoryBeside),
                            Readiness = new ProbeSpec(Exec: ServerWorkloads.Listens(port)),
                        },
                    ],
                },
            ],
        };
    }
}
