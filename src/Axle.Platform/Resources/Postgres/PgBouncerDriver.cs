using System.Globalization;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>
/// A PgBouncer in front of one PostgreSQL, in one mode. It keeps no list of users: it asks the server who may log in, so a login
/// that is revoked there is refused here at once.
/// </summary>
internal sealed class PgBouncerDriver(IEntityStore entities, ServerWorkloads servers, PostgresServers postgres, PostgresPools pools, ServerAdmin admins) : IResourceDriver
{
    /// <summary>The type of the claims that it makes; databases ask for it by their param <c>pooling</c>.</summary>
    public const string Type = "pgbouncer-server";

    private const string Program = "/usr/sbin/pgbouncer";
    private const string UsersFile = "/run/secrets/users";
    private const long MemoryBytes = 256L << 20;

    /// <param name="Server">Ref of the PostgreSQL's claim.</param>
    /// <param name="Mode">One of <see cref="PostgresPools.Modes"/>.</param>
    internal sealed record Params(string Server, string Mode);

    public string Uri => $"axle://{Type}";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        // 1. In front of what.
        if (Read(claim) is not { } asked)
        {
            return new Error("resources.params", $"{claim.Ref.Name} does not say which server it stands before.", "Ask for a database with the param pooling instead.", 422);
        }

        if (!File.Exists(Program))
        {
            return new ProgramNeeded("postgres with pooling", "PgBouncer", "pgbouncer");
        }

        var server = ServerTenant.RefOf(asked.Server);
        if (entities.Find(ResourceKinds.Claim, server) is not { } stands || stands.Status.Phase != ResourcePhases.Ready || ServerState.PortOf(stands.Status) is not { } serverPort)
        {
            return new Provisioned { Waiting = $"its server {server.Name} is not ready", RootCause = server, State = claim.Status.State };
        }

        if (claim.State<ServerState>() is not { } state)
        {
            return new Provisioned { Waiting = "the pooler is being prepared", State = Provisioned.StateOf(new ServerState(servers.Port(null), "")) };
        }

        // 2. The role that looks up users, and the pooler.
        if (!(await admins.MakeAsync(claim.Ref, stop)).TryGet(out var password, out var error))
        {
            return error;
        }

        var role = $"{PostgresPools.LookupRole}_{asked.Mode}";
        try
        {
            await EnsureRoleAsync(postgres.Admin(server, serverPort), serverPort, role, password, stop);
        }
        catch (NpgsqlException e) when (e is not PostgresException)
        {
            return new Provisioned { Waiting = $"its server does not answer: {e.InnerException?.Message ?? e.Message}", RootCause = server, State = Provisioned.StateOf(state) };
        }

        if (!(await servers.EnsureAsync(claim.Ref, Workload(claim, asked, role, servers.Port(state.Port), serverPort, password), stop)).TryGet(out var waiting, out error))
        {
            return error;
        }

        return waiting.Length > 0
            ? new Provisioned { Waiting = waiting, State = Provisioned.StateOf(state) }
            : new Provisioned { State = Provisioned.StateOf(state), Outputs = Provisioned.OutputsOf(("host", PostgresServers.Host), ("port", state.Port)) };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(Foreseen.Unchanged);

    public Task SuspendAsync(Claim claim, CancellationToken stop) => servers.StopAsync(claim.Ref, stop);

    public async Task DestroyAsync(Claim claim, CancellationToken stop)
    {
        await servers.RemoveAsync(claim.Ref, stop);
        if (Read(claim) is { } asked && ServerTenant.RefOf(asked.Server) is var server && entities.Find(ResourceKinds.Claim, server) is { } stands && ServerState.PortOf(stands.Status) is { } port)
        {
            await PostgresDriver.ExecuteAsync(postgres.Admin(server, port), $"DROP ROLE IF EXISTS {PostgresPools.LookupRole}_{asked.Mode}", stop);
        }
    }

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        if (claim.State<ServerState>() is not { } state)
        {
            return null;
        }

        try
        {
            var version = (await pools.AskAsync(claim.Ref, state.Port, "SHOW VERSION", stop)).Select(row => row["version"]).FirstOrDefault();
            var mine = 1;
            return new ResourceFacts(version?.Split(' ')[^1], null, (await pools.AskAsync(claim.Ref, state.Port, "SHOW CLIENTS", stop)).Count - mine, "dedicated");
        }
        catch (EngineUnavailableException)
        {
            return null;
        }
    }

    private static Params? Read(Claim claim) =>
        claim.Spec.Params.ValueKind == JsonValueKind.Object && claim.Spec.Params.Deserialize<Params>(EntityJson.Options) is { Server: not null } read && PostgresPools.Modes.Contains(read.Mode) ? read : null;

    private static async Task EnsureRoleAsync(NpgsqlDataSource admin, int port, string role, SecretValue password, CancellationToken stop)
    {
        if (await PostgresServers.TryAsync(port, "postgres", role, password, $"SELECT 1 / pg_has_role('{PostgresPools.LookupRole}', 'MEMBER')::int", stop) is not null)
        {
            await PostgresDriver.ExecuteAsync(
                admin,
                $"""
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{PostgresPools.LookupRole}') THEN CREATE ROLE {PostgresPools.LookupRole} NOLOGIN; END IF;
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
                END $$;
                GRANT {PostgresPools.LookupRole} TO {role};
                ALTER ROLE {role} LOGIN PASSWORD '{Scram.Verifier(password)}';
                """,
                stop);
        }
    }

    /// <summary>The role's password is needed as it is, for it logs in with it; so it is a file that nobody else can read, in memory.</summary>
    private WorkloadSpec Workload(Claim claim, Params asked, string role, int port, int serverPort, SecretValue password) => new()
    {
        Id = ServerWorkloads.Id(claim.Ref),
        Revision = "",
        Release = "v1",
        ArtifactFolder = servers.Scripts("pgbouncer.sh"),
        Redact = [password.Reveal()],
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
                        Name = "pgbouncer",
                        Command = ["/bin/sh", "pgbouncer.sh"],
                        Variables = new Dictionary<string, string>
                        {
                            ["PORT"] = port.ToString(CultureInfo.InvariantCulture),
                            ["SERVER_PORT"] = serverPort.ToString(CultureInfo.InvariantCulture),
                            ["MODE"] = asked.Mode,
                            ["ROLE"] = role,
                            ["POOL_SIZE"] = PostgresPools.PoolSize.ToString(CultureInfo.InvariantCulture),
                        },
                        Files = [new FileSpec(UsersFile, Convert.ToBase64String(Encoding.UTF8.GetBytes($"\"{role}\" \"{password.Reveal()}\"\n")), "0400")],
                        Volumes = [new VolumeSpec("/data", "data")],
                        Limits = new LimitSpec(MemoryBytes),
                        Readiness = new ProbeSpec(Exec: ServerWorkloads.Listens(port)),
                    },
                ],
            },
        ],
    };
}
