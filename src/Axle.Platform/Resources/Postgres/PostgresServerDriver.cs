using System.Globalization;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>
/// A PostgreSQL server on this machine, run by the engine. Databases of an environment share one; a
/// <c>postgres-instance</c> has its own.
/// </summary>
internal sealed class PostgresServerDriver(ServerWorkloads servers, ServerAdmin admins, PostgresServers postgres) : ServerDriver<ServerState>(servers, admins)
{
    /// <summary>The type of the claims that it makes; workloads ask for what stands on one.</summary>
    public const string Type = "postgres-server";

    private const long MemoryBytes = 1L << 30;
    private const double StartSeconds = 120;
    private const double StopSeconds = 60;

    public override string Uri => $"axle://{Type}";

    protected override Error? Refuse(Claim claim)
    {
        var version = claim.State<ServerState>()?.Version;
        return PostgresProgram.Find(version) is not null
            ? null
            : new ProgramNeeded("postgres", version is null ? "PostgreSQL" : $"PostgreSQL {version}", version is null ? "postgresql" : $"postgresql-{version}");
    }

    protected override ServerState NewState() => new(Servers.Port(null), PostgresProgram.Find()!.Version);

    protected override ServerProgram Program(Claim claim, ServerState state, SecretValue password)
    {
        var program = PostgresProgram.Find(state.Version)!;
        var port = state.Port.ToString(CultureInfo.InvariantCulture);
        return new ServerProgram("postgres", MemoryBytes, [program.Program("pg_isready"), "-q", "-h", ServerWorkloads.Host, "-p", port])
        {
            Release = $"v{program.Version}",
            Arguments = [program.Bin],
            Variables = new Dictionary<string, string> { ["PORT"] = port, ["ADMIN_VERIFIER"] = Scram.Verifier(password, Admins.SaltOf(claim.Ref)) },
            StartSeconds = StartSeconds,
            StopSeconds = StopSeconds,

            // Sessions are ended; by SIGTERM it would wait for them.
            StopSignal = "SIGINT",
        };
    }

    protected override async Task<bool> AnswersAsync(Claim claim, ServerState state, SecretValue password, CancellationToken stop)
    {
        if (await PostgresServers.TryAsync(state.Port, "postgres", ServerAdmin.User, password, "SELECT 1", stop) is not null)
        {
            return false;
        }

        // What its databases' slowest statements are, is asked here.
        await PostgresDriver.ExecuteAsync(postgres.Admin(claim.Ref, state.Port), "CREATE EXTENSION IF NOT EXISTS pg_stat_statements", stop);
        return true;
    }

    protected override async Task<ResourceFacts?> FactsAsync(Claim claim, ServerState state, CancellationToken stop)
    {
        await using var command = postgres.Admin(claim.Ref, state.Port).CreateCommand(
            "SELECT current_setting('server_version'), (SELECT sum(pg_database_size(oid)) FROM pg_database)::bigint, (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int");
        await using var row = await command.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return new ResourceFacts(row.GetString(0).Split(' ')[0], row.GetInt64(1), row.GetInt32(2), "dedicated");
    }

    protected override bool IsAway(Exception e) => e is NpgsqlException;
}
