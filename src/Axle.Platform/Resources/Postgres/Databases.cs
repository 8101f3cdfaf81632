using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>What people do with one database: connect to it, and look how it is.</summary>
internal sealed class Databases(ClaimNames names, ClaimWriter writer, KnownProvisioners provisioners, PostgresDriver driver, IEntityStore entities, TimeProvider clock)
{
    private const int MinutesMax = 8 * 60;
    private const int TablesShown = 20;
    private const int QueriesShown = 10;
    private const string Type = "postgres";

    /// <summary>A login of the caller's own, for a while. Written down with their name before it exists.</summary>
    public async Task<Result<ConnectAnswer>> ConnectAsync(string name, string? environment, ConnectRequest request, Caller caller, CancellationToken stop)
    {
        // 1. Which one, and may they?
        if (!Find(name, environment, caller, Verb.ConnectResource).TryGet(out var place, out var error))
        {
            return error;
        }

        if (request.Minutes is < 1 or > MinutesMax)
        {
            return new Error("resources.minutes", $"{request.Minutes} minutes is no visit; a login lives 1 to {MinutesMax} minutes.", null, 422);
        }

        // 2. The history knows before the login works.
        var now = clock.GetUtcNow();
        var until = now.AddMinutes(request.Minutes);
        var username = PostgresVisitors.NewName(place.State);
        var access = new ResourceAccess(caller.Actor, now, until, username, request.ReadOnly);
        var written = await writer.ChangeAsync(
            place.Claim.Ref,
            _ => entities.Find(ResourceKinds.Claim, place.Claim.Ref) is { } claim ? claim.Spec with { LastAccess = access } : new ClaimUnknown(name, []),
            $"connect{(request.ReadOnly ? " read-only" : "")} for {request.Minutes} minutes as {username}",
            caller.Actor,
            stop);
        if (!written.TryGet(out _, out error))
        {
            return error;
        }

        var password = Scram.NewPassword();
        await PostgresVisitors.AdmitAsync(place.Admin, place.State, username, password, until, request.ReadOnly, stop);
        return new ConnectAnswer(
            ServerWorkloads.Host, place.Port, place.State.Database, username, password.Reveal(),
            $"postgresql://{username}:{password.Reveal()}@{ServerWorkloads.Host}:{place.Port}/{place.State.Database}", until);
    }

    public async Task<Result<DatabaseStats>> StatsAsync(string name, string? environment, Caller caller, CancellationToken stop)
    {
        if (!Find(name, environment, caller, Verb.Read).TryGet(out var place, out var error))
        {
            return error;
        }

        await using var admin = await place.Admin.OpenConnectionAsync(stop);
        await using var facts = new NpgsqlCommand(
            """
            SELECT current_setting('server_version'), pg_database_size(d.datname),
                   (SELECT count(*)::int FROM pg_stat_activity a WHERE a.datname = d.datname AND a.backend_type = 'client backend' AND a.application_name <> 'axle'),
                   d.datconnlimit, coalesce(s.blks_hit / nullif(s.blks_hit + s.blks_read, 0)::float8, 1), s.xact_commit, s.xact_rollback, s.deadlocks
            FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid WHERE d.datname = $1
            """,
            admin);
        facts.Parameters.Add(new NpgsqlParameter<string> { TypedValue = place.State.Database });
        DatabaseStats stats;
        await using (var row = await facts.ExecuteReaderAsync(stop))
        {
            await row.ReadAsync(stop);
            stats = new DatabaseStats(
                place.Claim.Ref.Name, row.GetString(0).Split(' ')[0], row.GetInt64(1), row.GetInt32(2), row.GetInt32(3), row.GetDouble(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), [], []);
        }

        return stats with { Tables = await TablesAsync(place, stop), SlowQueries = await QueriesAsync(admin, place.State.Database, stop) };
    }

    private static async Task<IReadOnlyList<TableStats>> TablesAsync(Place place, CancellationToken stop)
    {
        await using var command = place.Inside.CreateCommand(
            "SELECT schemaname || '.' || relname, n_live_tup, pg_total_relation_size(relid) FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC LIMIT $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = TablesShown });
        await using var row = await command.ExecuteReaderAsync(stop);
        var tables = new List<TableStats>();
        while (await row.ReadAsync(stop))
        {
            tables.Add(new TableStats(row.GetString(0), row.GetInt64(1), row.GetInt64(2)));
        }

        return tables;
    }

    /// <summary>Of users only: what the platform itself asks is no news.</summary>
    private static async Task<IReadOnlyList<QueryStats>> QueriesAsync(NpgsqlConnection admin, string database, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT regexp_replace(query, '\s+', ' ', 'g'), calls, mean_exec_time, total_exec_time
            FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = $1) AND userid <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
                AND query NOT LIKE 'SELECT $1 / (current_user = %' -- the test of a login
            ORDER BY total_exec_time DESC LIMIT $2
            """,
            admin);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = database });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = QueriesShown });
        await using var row = await command.ExecuteReaderAsync(stop);
        var queries = new List<QueryStats>();
        while (await row.ReadAsync(stop))
        {
            queries.Add(new QueryStats(row.GetString(0), row.GetInt64(1), row.GetDouble(2), row.GetDouble(3)));
        }

        return queries;
    }

    private Result<Place> Find(string name, string? environment, Caller caller, Verb verb)
    {
        if (!names.Find(name, environment, Type).TryGet(out var claim, out var error))
        {
            return error;
        }

        if (caller.Refuse(verb, claim.Raw) is { } refusal)
        {
            return refusal;
        }

        if (claim.Status.Phase != ResourcePhases.Ready || claim.Status.Provisioner is null || provisioners.Find(claim.Status.Provisioner) is not { } provisioner)
        {
            return new NotReady(claim.Ref, claim.Status.Phase);
        }

        return driver.Place(new Claim(claim, provisioner)) is { } place
            ? new Place(claim, place.Admin, place.Inside, place.Port, place.State)
            : new WrongType(claim.Ref, claim.Status.Provisioner, "databases in a server that Axle runs");
    }

    private sealed record Place(Entity<ResourceClaimSpec, ResourceClaimStatus> Claim, NpgsqlDataSource Admin, NpgsqlDataSource Inside, int Port, PostgresState State);
}
