using System.Globalization;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Nats;

/// <summary>
/// A NATS server for each claim, with JetStream in its volume. Users are lines of its settings, with digests of their
/// passwords; the server reads them again while it runs, and only whoever is no user any more is cut off.
/// </summary>
internal sealed class NatsDriver(ServerWorkloads servers, ServerAdmin admins) : ServerDriver<ServerState>(servers, admins), ILoginDriver
{
    private const string Path = "/usr/sbin/nats-server";
    private const string Name = "nats";

    /// <summary>Beside streams in memory: connections and their buffers.</summary>
    private const long MemoryBeside = 256L << 20;

    /// <summary>Connections of one user that are counted; the answer is one message, and whether there are any is what matters.</summary>
    private const int CountedMax = 256;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public override string Uri => "axle://nats";

    public override Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Foreseen.OfAsync<NatsParams>(claim, NatsParams.Read, (now, asked) => Foreseen.Changes(
        [
            .. now.StreamBytes == asked.StreamBytes ? [] : new[] { $"maxStorage changes from {now.StreamBytes >> 20} to {asked.StreamBytes >> 20} MiB" },
            .. now.MemoryBytes == asked.MemoryBytes ? [] : new[] { $"maxMemory changes from {now.MemoryBytes >> 20} to {asked.MemoryBytes >> 20} MiB, and streams in memory are emptied" },
            .. now.PayloadBytes == asked.PayloadBytes ? [] : new[] { $"maxPayload changes from {now.PayloadBytes >> 10} to {asked.PayloadBytes >> 10} KiB" },
        ],
        "the server restarts, which takes about a second"));

    public Login NewLogin(Claim claim, int version) => new(version % 2 == 1 ? "app_a" : "app_b", Scram.NewPassword());

    public async Task ApplyAsync(Claim claim, Login login, CancellationToken stop)
    {
        await SetAsync(claim, login.Username, $"{{ user: {login.Username}, password: \"{NatsPassword.Hash(login.Password)}\" }}\n", stop);
        await UntilAsync(async () => await TestAsync(claim, login, stop) is null, stop);
    }

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) => NatsVisit.TryAsync(ServerState.PortOf(claim), login.Username, login.Password, stop);

    public Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop) => ConnectionsAsync(claim, username, stop);

    public async Task RevokeAsync(Claim claim, string username, CancellationToken stop)
    {
        await SetAsync(claim, username, "", stop);
        await UntilAsync(async () => await ConnectionsAsync(claim, username, stop) == 0, stop);
    }

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => login.Outputs("nats", status);

    protected override Error? Refuse(Claim claim) => NatsParams.Read(claim.Spec).Error ?? (File.Exists(Path) ? null : new ProgramNeeded("nats", "NATS", "nats-server"));

    protected override ServerState NewState() => new(Servers.Port(null), "");

    protected override ServerProgram Program(Claim claim, ServerState state, SecretValue password)
    {
        var asked = NatsParams.Read(claim.Spec).Value;
        var streams = asked.StreamBytes > 0;
        return new ServerProgram(Name, (asked.MemoryBytes * 2) + MemoryBeside, ServerWorkloads.Listens(state.Port))
        {
            Arguments = ["serve"],
            Variables = new Dictionary<string, string>
            {
                ["PORT"] = state.Port.ToString(CultureInfo.InvariantCulture),
                ["ADMIN_HASH"] = NatsPassword.Hash(password, Admins.SaltOf(claim.Ref)),
                ["PAYLOAD"] = asked.PayloadBytes.ToString(CultureInfo.InvariantCulture),
                ["STREAMS"] = streams ? string.Create(CultureInfo.InvariantCulture, $"jetstream {{ store_dir: \"/data/jetstream\", max_memory_store: {asked.MemoryBytes}, max_file_store: {asked.StreamBytes} }}") : "",
                ["APP_STREAMS"] = streams ? string.Create(CultureInfo.InvariantCulture, $"jetstream {{ max_memory: {asked.MemoryBytes}, max_file: {asked.StreamBytes} }}") : "",
            },
        };
    }

    protected override async Task<bool> AnswersAsync(Claim claim, ServerState state, SecretValue password, CancellationToken stop) =>
        await NatsVisit.TryAsync(state.Port, ServerAdmin.User, password, stop) is null;

    protected override async Task<ResourceFacts?> FactsAsync(Claim claim, ServerState state, CancellationToken stop)
    {
        var server = await AskAsync(claim, "VARZ", "{}", stop);
        var streams = await AskAsync(claim, "JSZ", "{}", stop);
        var size = streams.TryGetProperty("storage", out var disk) ? disk.GetInt64() + streams.GetProperty("memory").GetInt64() : 0;
        return new ResourceFacts(server.GetProperty("version").GetString(), size, await ConnectionsAsync(claim, null, stop), "dedicated");
    }

    protected override bool IsAway(Exception e) => e is IOException or KeyNotFoundException;

    /// <summary>Null is of all users of the application's account.</summary>
    private async Task<int> ConnectionsAsync(Claim claim, string? username, CancellationToken stop)
    {
        // By user they are counted one by one, since "total" counts everybody's; and not by account, whose list keeps
        // connections that ended while the server read its settings again.
        var question = JsonSerializer.Serialize(username is null
            ? new Dictionary<string, object> { ["acc"] = "APP", ["auth"] = true, ["limit"] = 1 }
            : new Dictionary<string, object> { ["auth"] = true, ["limit"] = CountedMax, ["user"] = username });
        return (await AskAsync(claim, "CONNZ", question, stop)).GetProperty(username is null ? "total" : "num_connections").GetInt32();
    }

    private async Task<JsonElement> AskAsync(Claim claim, string what, string question, CancellationToken stop) =>
        (await NatsVisit.AskAsync(ServerState.PortOf(claim), ServerAdmin.User, Admins.PasswordOf(claim.Ref), $"$SYS.REQ.SERVER.PING.{what}", question, stop)).GetProperty("data");

    private Task<string> SetAsync(Claim claim, string username, string line, CancellationToken stop) => Servers.RunInsideAsync(claim.Ref, ["/bin/sh", $"{Name}.sh", "user", username], line, stop);

    /// <summary>The server reads its settings a moment after it was told to. Whoever calls looks again, should this be in vain.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; waited < s_patience && !await condition(); waited += s_look)
        {
            await Task.Delay(s_look, stop);
        }
    }
}
