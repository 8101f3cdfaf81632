using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using StackExchange.Redis;

namespace Axle.Platform.Resources.Redis;

/// <summary>
/// A Redis server for each claim: they are small, and an application that empties its cache, or fills it, touches nobody
/// else's. Users are kept by Redis as digests of their passwords.
/// </summary>
internal sealed class RedisDriver(ServerWorkloads servers, ServerAdmin admins, IEntityStore entities) : ServerDriver<ServerState>(servers, admins), ILoginDriver
{
    private const string Path = "/usr/bin/redis-server";

    /// <summary>Beside the data: buffers of clients, and a child that writes the data down.</summary>
    private const long MemoryBeside = 64L << 20;

    public override string Uri => "axle://redis";

    public override Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Foreseen.OfAsync<RedisParams>(claim, RedisParams.Read, (now, asked) => Foreseen.Changes(
        [
            .. now.MemoryBytes == asked.MemoryBytes ? [] : new[] { $"maxMemory changes from {now.MemoryBytes >> 20} to {asked.MemoryBytes >> 20} MiB" },
            .. now.Eviction == asked.Eviction ? [] : new[] { $"eviction changes from {now.Eviction} to {asked.Eviction}" },
            .. now.Persistent == asked.Persistent ? [] : new[] { asked.Persistent ? "its data survives restarts from now on" : "its data does not survive restarts any more" },
        ],
        "the server restarts, which takes about a second"));

    public Login NewLogin(Claim claim, int version) => new(version % 2 == 1 ? "app_a" : "app_b", Scram.NewPassword());

    public Task ApplyAsync(Claim claim, Login login, CancellationToken stop) => AsAdminAsync(claim, async server =>
    {
        // Everything but the server itself: it is theirs alone, but its users and settings are ours.
        await server.ExecuteAsync("ACL", "SETUSER", login.Username, "reset", "on", $"#{Digest(login.Password)}", "~*", "&*", "+@all", "-@admin");
        return await server.ExecuteAsync("ACL", "SAVE");
    });

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) => RedisServers.TryAsync(ServerState.PortOf(claim), login.Username, login.Password);

    public Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop) => AsAdminAsync(claim, async server =>
    {
        var clients = (string?)await server.ExecuteAsync("CLIENT", "LIST") ?? "";
        return clients.Split('\n').Count(line => line.Split(' ').Contains($"user={username}"));
    });

    public Task RevokeAsync(Claim claim, string username, CancellationToken stop) => AsAdminAsync(claim, async server =>
    {
        await server.ExecuteAsync("ACL", "SETUSER", username, "reset", "off");
        await server.ExecuteAsync("ACL", "SAVE");
        return await server.ExecuteAsync("CLIENT", "KILL", "USER", username);
    });

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => login.Outputs("redis", status, "/0");

    protected override Error? Refuse(Claim claim) => RedisParams.Read(claim.Spec).Error ?? (File.Exists(Path) ? null : new ProgramNeeded("redis", "Redis", "redis-server"));

    protected override ServerState NewState() => new(Servers.Port(null), "");

    protected override ServerProgram Program(Claim claim, ServerState state, SecretValue password)
    {
        var asked = RedisParams.Read(claim.Spec).Value;
        var port = state.Port.ToString(CultureInfo.InvariantCulture);

        // The check gets "NOAUTH" as soon as it listens, which is enough; who may log in is asked by login.
        return new ServerProgram("redis", (asked.MemoryBytes * 2) + MemoryBeside, ["/usr/bin/redis-cli", "-h", ServerWorkloads.Host, "-p", port, "ping"])
        {
            Arguments =
            [
                "--port", port, "--maxmemory", asked.MemoryBytes.ToString(CultureInfo.InvariantCulture), "--maxmemory-policy", asked.Eviction,
                "--appendonly", asked.Persistent ? "yes" : "no", "--save", asked.Persistent ? "300 1" : "",
            ],
            Variables = new Dictionary<string, string> { ["ADMIN_HASH"] = Digest(password) },
        };
    }

    protected override async Task<bool> AnswersAsync(Claim claim, ServerState state, SecretValue password, CancellationToken stop) =>
        await RedisServers.TryAsync(state.Port, ServerAdmin.User, password) is null;

    protected override Result<Provisioned?> Lacks(Claim claim, ServerState state) => FilledFirst.Lacks(entities, claim, Provisioned.StateOf(state));

    protected override Task<ResourceFacts?> FactsAsync(Claim claim, ServerState state, CancellationToken stop) => AsAdminAsync<ResourceFacts?>(claim, async server =>
    {
        var facts = (await server.InfoAsync()).SelectMany(section => section).ToLookup(pair => pair.Key, pair => pair.Value);
        var mine = 1;
        return new ResourceFacts(facts["redis_version"].FirstOrDefault(), RedisServers.Number(facts["used_memory"].FirstOrDefault()), Math.Max(0, RedisServers.Number(facts["connected_clients"].FirstOrDefault()) - mine), "dedicated");
    });

    protected override bool IsAway(Exception e) => e is RedisException or TimeoutException;

    private Task<T> AsAdminAsync<T>(Claim claim, Func<IServer, Task<T>> act) =>
        RedisServers.VisitAsync(ServerState.PortOf(claim), ServerAdmin.User, Admins.PasswordOf(claim.Ref), act);

    private static string Digest(SecretValue password) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password.Reveal())));
}
