using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Axle.Contracts;
using Axle.Engines;
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
internal sealed class RedisDriver(ServerWorkloads servers, ISecrets secrets, IEntityStore entities) : ILoginDriver
{
    private const string AdminSecret = "admin";
    private const string Program = "/usr/bin/redis-server";

    /// <summary>Beside the data: buffers of clients, and a child that writes the data down.</summary>
    private const long MemoryBeside = 64L << 20;

    public string Uri => "axle://redis";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        if (!RedisParams.Read(claim.Spec).TryGet(out var asked, out var error))
        {
            return error;
        }

        if (!File.Exists(Program))
        {
            return new ProgramNeeded("redis", "Redis", "redis-server");
        }

        var known = claim.State<ServerState>();
        var state = known ?? new ServerState(servers.Port(null), "");
        if (known is null)
        {
            return new Provisioned { Waiting = "the server is being prepared", State = Provisioned.StateOf(state) };
        }

        if (!(await secrets.KeepAsync(claim.Ref, AdminSecret, 1, Scram.NewPassword(), stop)).TryGet(out var password, out error))
        {
            return error;
        }

        await secrets.PublishAsync(claim.Ref, AdminSecret, 1, Claims.Actor, stop);
        if (!(await servers.EnsureAsync(Workload(claim, asked, servers.Port(state.Port), password), stop)).TryGet(out var waiting, out error))
        {
            return error;
        }

        if (waiting.Length > 0 || await RedisServers.TryAsync(state.Port, RedisServers.AdminUser, password) is not null)
        {
            return new Provisioned { Waiting = waiting.Length > 0 ? waiting : "the server is starting", State = Provisioned.StateOf(state) };
        }

        if (claim.Status.ReadyAt is null && claim.Spec.FilledBy is { } restore)
        {
            // It gets its keys from the restore, all of them, and is nobody's before.
            switch (FilledFirst.Look(entities, claim.Entity, restore))
            {
                case { Failed: { } failed }:
                    return failed;
                case { Waiting: { } filling }:
                    return new Provisioned { Waiting = filling, RootCause = restore, State = Provisioned.StateOf(state) };
            }
        }

        return new Provisioned { State = Provisioned.StateOf(state), Outputs = Provisioned.OutputsOf(("host", RedisServers.Host), ("port", state.Port)) };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop)
    {
        if (!RedisParams.Read(claim.Spec).TryGet(out var asked, out var error))
        {
            return Task.FromResult<Result<Foreseen>>(error);
        }

        var now = RedisParams.Read(claim.Spec with { Params = claim.Status.Params }).Value;
        List<string> lines =
        [
            .. now.MemoryBytes == asked.MemoryBytes ? [] : new[] { $"maxMemory changes from {now.MemoryBytes >> 20} to {asked.MemoryBytes >> 20} MiB" },
            .. now.Eviction == asked.Eviction ? [] : new[] { $"eviction changes from {now.Eviction} to {asked.Eviction}" },
            .. now.Persistent == asked.Persistent ? [] : new[] { asked.Persistent ? "its data survives restarts from now on" : "its data does not survive restarts any more" },
        ];
        return Task.FromResult<Result<Foreseen>>(lines.Count == 0 ? Foreseen.Unchanged : new Foreseen(ForeseenActions.Change, [.. lines, "the server restarts, which takes about a second"]));
    }

    public Task SuspendAsync(Claim claim, CancellationToken stop) => servers.StopAsync(claim.Ref, stop);

    public Task DestroyAsync(Claim claim, CancellationToken stop) => servers.RemoveAsync(claim.Ref, stop);

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        try
        {
            return await AsAdminAsync(claim, async server =>
            {
                var facts = (await server.InfoAsync()).SelectMany(section => section).ToLookup(pair => pair.Key, pair => pair.Value);
                var mine = 1;
                return new ResourceFacts(facts["redis_version"].FirstOrDefault(), RedisServers.Number(facts["used_memory"].FirstOrDefault()), Math.Max(0, RedisServers.Number(facts["connected_clients"].FirstOrDefault()) - mine), "dedicated");
            });
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    public Login NewLogin(Claim claim, int version) => new(version % 2 == 1 ? "app_a" : "app_b", Scram.NewPassword());

    public Task ApplyAsync(Claim claim, Login login, CancellationToken stop) => AsAdminAsync(claim, async server =>
    {
        // Everything but the server itself: it is theirs alone, but its users and settings are ours.
        await server.ExecuteAsync("ACL", "SETUSER", login.Username, "reset", "on", $"#{Digest(login.Password)}", "~*", "&*", "+@all", "-@admin");
        return await server.ExecuteAsync("ACL", "SAVE");
    });

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) => RedisServers.TryAsync(Port(claim), login.Username, login.Password);

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

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => new Dictionary<string, string>
    {
        ["username"] = login.Username,
        ["password"] = login.Password.Reveal(),
        ["uri"] = $"redis://{login.Username}:{login.Password.Reveal()}@{PostgresDriver.Text(status, "host")}:{PostgresDriver.Text(status, "port")}/0",
    };

    private Task<T> AsAdminAsync<T>(Claim claim, Func<IServer, Task<T>> act)
    {
        var admin = secrets.Own(claim.Ref, AdminSecret).TryGet(out var own, out _) && own is not null ? own.Value : throw new InvalidOperationException($"The administrator's password of {claim.Ref.Name} is not kept.");
        return RedisServers.VisitAsync(Port(claim), RedisServers.AdminUser, admin, act);
    }

    private static int Port(Claim claim) => claim.State<ServerState>()?.Port ?? throw new InvalidOperationException($"{claim.Ref.Name} has no server yet.");

    private static string Digest(SecretValue password) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password.Reveal())));

    private WorkloadSpec Workload(Claim claim, RedisParams asked, int port, SecretValue password)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        return new WorkloadSpec
        {
            Id = ServerWorkloads.Id(claim.Ref),
            Revision = "",
            Release = "v1",
            ArtifactFolder = servers.Scripts("redis.sh"),
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
                            Name = "redis",
                            Command =
                            [
                                "/bin/sh", "redis.sh", "--port", number, "--maxmemory", asked.MemoryBytes.ToString(CultureInfo.InvariantCulture), "--maxmemory-policy", asked.Eviction,
                                "--appendonly", asked.Persistent ? "yes" : "no", "--save", asked.Persistent ? "300 1" : "",
                            ],
                            Variables = new Dictionary<string, string> { ["ADMIN_HASH"] = Digest(password) },
                            Volumes = [new VolumeSpec("/data", "data")],
                            Limits = new LimitSpec((asked.MemoryBytes * 2) + MemoryBeside),

                            // Answers "NOAUTH" as soon as it listens, which is enough; who may log in is asked by login.
                            Readiness = new ProbeSpec(Exec: ["/usr/bin/redis-cli", "-h", RedisServers.Host, "-p", number, "ping"]),
                        },
                    ],
                },
            ],
        };
    }
}
