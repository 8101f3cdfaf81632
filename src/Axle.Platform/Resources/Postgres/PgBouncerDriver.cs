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
internal sealed class PgBouncerDriver(ServerWorkloads servers, ServerAdmin admins, IEntityStore entities, PostgresServers postgres, PostgresPools pools) : ServerDriver<ServerState>(servers, admins)
{
    /// <summary>The type of the claims that it makes; databases ask for it by their param <c>pooling</c>.</summary>
    public const string Type = "pgbouncer-server";

    private const string Path = "/usr/sbin/pgbouncer";
    private const string UsersFile = "/run/secrets/users";
    private const long MemoryBytes = 256L << 20;

    /// <param name="Server">Ref of the PostgreSQL's claim.</param>
    /// <param name="Mode">One of <see cref="PostgresPools.Modes"/>.</param>
    internal sealed record Params(string Server, string Mode);

    public override string Uri => $"axle://{Type}";

    public override async Task DestroyAsync(Claim claim, CancellationToken stop)
    {
        await base.DestroyAsync(claim, stop);
        if (Read(claim) is { } asked && ServerPort(asked) is { } port)
        {
            await PostgresDriver.ExecuteAsync(postgres.Admin(ServerTenant.RefOf(asked.Server), port), $"DROP ROLE IF EXISTS {Role(asked)}", stop);
        }
    }

    protected override Error? Refuse(Claim claim) =>
        Read(claim) is null ? new Error("resources.params", $"{claim.Ref.Name} does not say which server it stands before.", "Ask for a database with the param pooling instead.", 422)
        : File.Exists(Path) ? null
        : new ProgramNeeded("postgres with pooling", "PgBouncer", "pgbouncer");

    protected override ServerState NewState() => new(Servers.Port(null), "");

    /// <summary>The server behind it, and there the role by which it looks up users.</summary>
    protected override async Task<Provisioned?> PrepareAsync(Claim claim, ServerState state, SecretValue password, CancellationToken stop)
    {
        var asked = Read(claim)!;
        var (role, server) = (Role(asked), ServerTenant.RefOf(asked.Server));
        if (entities.Find(ResourceKinds.Claim, server) is not { Status.Phase: ResourcePhases.Ready } stands || ServerState.PortOf(stands.Status) is not { } port)
        {
            return new Provisioned { Waiting = $"its server {server.Name} is not ready", RootCause = server, State = claim.Status.State };
        }

        try
        {
            if (await PostgresServers.TryAsync(port, "postgres", role, password, $"SELECT 1 / pg_has_role('{PostgresPools.LookupRole}', 'MEMBER')::int", stop) is not null)
            {
                await MakeRoleAsync(postgres.Admin(server, port), role, password, stop);
            }

            return null;
        }
        catch (NpgsqlException e) when (e is not PostgresException)
        {
            return new Provisioned { Waiting = $"its server does not answer: {e.InnerException?.Message ?? e.Message}", RootCause = server, State = claim.Status.State };
        }
    }

    /// <summary>The role's password is needed as it is, for it logs in with it; so it is a file that nobody else can read, in memory.</summary>
    protected override ServerProgram Program(Claim claim, ServerState state, SecretValue password)
    {
        var asked = Read(claim)!;
        var role = Role(asked);
        return new ServerProgram("pgbouncer", MemoryBytes, ServerWorkloads.Listens(state.Port))
        {
            Variables = new Dictionary<string, string>
            {
                ["PORT"] = Text(state.Port),
                ["SERVER_PORT"] = Text(ServerPort(asked) ?? throw new InvalidOperationException($"{asked.Server} is gone.")),
                ["MODE"] = asked.Mode,
                ["ROLE"] = role,
                ["POOL_SIZE"] = Text(PostgresPools.PoolSize),
            },
            Files = [new FileSpec(UsersFile, Convert.ToBase64String(Encoding.UTF8.GetBytes($"\"{role}\" \"{password.Reveal()}\"\n")), "0400")],
            Redact = [password.Reveal()],
        };
    }

    /// <summary>Whom it lets in is the server's to say.</summary>
    protected override Task<bool> AnswersAsync(Claim claim, ServerState state, SecretValue password, CancellationToken stop) => Task.FromResult(true);

    protected override async Task<ResourceFacts?> FactsAsync(Claim claim, ServerState state, CancellationToken stop)
    {
        var version = (await pools.AskAsync(claim.Ref, state.Port, "SHOW VERSION", stop)).Select(row => row["version"]).FirstOrDefault();
        var mine = 1;
        return new ResourceFacts(version?.Split(' ')[^1], null, (await pools.AskAsync(claim.Ref, state.Port, "SHOW CLIENTS", stop)).Count - mine, "dedicated");
    }

    protected override bool IsAway(Exception e) => e is EngineUnavailableException;

    private static Params? Read(Claim claim) =>
        claim.Spec.Params.ValueKind == JsonValueKind.Object && claim.Spec.Params.Deserialize<Params>(EntityJson.Options) is { Server: not null } read && PostgresPools.Modes.Contains(read.Mode) ? read : null;

    private static string Role(Params asked) => $"{PostgresPools.LookupRole}_{asked.Mode}";

    private static Task MakeRoleAsync(NpgsqlDataSource admin, string role, SecretValue password, CancellationToken stop) => PostgresDriver.ExecuteAsync(
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

    /// <summary>Null when the server behind it never was ready, or is gone.</summary>
    private int? ServerPort(Params asked) => entities.Find(ResourceKinds.Claim, ServerTenant.RefOf(asked.Server)) is { } stands ? ServerState.PortOf(stands.Status) : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
