using System.Globalization;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>
/// A database in the environment's server: owned by a role that nobody can log in as, used by two users that act as that
/// role, so that whatever either makes belongs to both.
/// </summary>
internal sealed class PostgresDriver(IEntityStore entities, ServerClaims servers, PostgresServers postgres, PostgresPools pools) : ILoginDriver
{
    public string Uri => "axle://postgres";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        // 1. Where it stands, and what it is called.
        if (!PostgresParams.Read(claim.Spec).TryGet(out var asked, out var error))
        {
            return error;
        }

        var server = claim.State<PostgresState>()?.ServerRef ?? ServerClaims.Shared("postgres", claim.Spec.Environment);
        if (!(await servers.EnsureAsync(server, PostgresServerDriver.Type, claim.Spec.Environment, owner: null, stop)).TryGet(out var stands, out error))
        {
            return error;
        }

        var state = claim.State<PostgresState>() ?? new PostgresState(server.ToString(), PostgresState.DatabaseOf(claim.Ref, claim.Spec.Environment.Name));
        if (stands.Server is null)
        {
            return new Provisioned { Waiting = stands.Waiting, RootCause = server, State = Provisioned.StateOf(state) };
        }

        if (!FilledFirst.Lacks(entities, claim, Provisioned.StateOf(state)).TryGet(out var lacking, out error))
        {
            return error;
        }

        if (lacking is not null)
        {
            return lacking;
        }

        // 2. Its owner and itself, what is in it, and nobody whose time is up.
        var port = ServerState.PortOf(stands.Server.Status)!.Value;
        var admin = postgres.Admin(server, port);
        try
        {
            if (await MakeAsync(admin, state, asked, stop) is { } refusal)
            {
                return refusal;
            }

            if (await PostgresExtensions.EnsureAsync(postgres.Admin(server, port, state.Database), asked, claim, stop) is { } missing)
            {
                return missing;
            }

            await PostgresVisitors.SweepAsync(admin, postgres.Admin(server, port, state.Database), state, stop);

            // 3. The door that its users come through.
            if (asked.Pooling is { } mode)
            {
                if (!(await pools.EnsureAsync(mode, server, claim.Spec.Environment, stop)).TryGet(out var pooler, out error))
                {
                    return error;
                }

                if (pooler.Port is not { } door)
                {
                    return new Provisioned { Waiting = pooler.Waiting, RootCause = pooler.Pooler, State = Provisioned.StateOf(state) };
                }

                await PostgresPools.AdmitAsync(postgres.Admin(server, port, state.Database), state.Database, stop);
                port = door;
            }
        }
        catch (NpgsqlException e) when (e is not PostgresException)
        {
            return new Provisioned { Waiting = $"its server does not answer: {e.InnerException?.Message ?? e.Message}", RootCause = server, State = Provisioned.StateOf(state) };
        }

        return new Provisioned
        {
            State = Provisioned.StateOf(state),
            Outputs = Provisioned.OutputsOf(("host", ServerWorkloads.Host), ("port", port), ("name", state.Database), ("database", state.Database)),
        };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Foreseen.OfAsync<PostgresParams>(claim, PostgresParams.Read, Foresee);

    public async Task SuspendAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return;
        }

        foreach (var user in (string[])[place.State.User(1), place.State.User(2)])
        {
            await ExecuteAsync(place.Admin, $"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}') THEN ALTER ROLE {user} NOLOGIN; END IF; END $$", stop);
        }

        await pools.CutAsync(claim.Spec.Environment, place.State.Database, null, stop);
        await EndSessionsAsync(place.Admin, "datname", place.State.Database, stop);
    }

    public async Task DestroyAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return;
        }

        var name = place.State.Database;
        await pools.CutAsync(claim.Spec.Environment, name, null, stop);
        await postgres.ForgetAsync(place.State.ServerRef, name);
        await ExecuteAsync(place.Admin, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)", stop);
        await using var roles = place.Admin.CreateCommand("SELECT rolname FROM pg_roles WHERE rolname = $1 OR rolname LIKE $2 ESCAPE '\\' ORDER BY length(rolname) DESC");
        roles.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        roles.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name.Replace("_", @"\_", StringComparison.Ordinal) + @"\_%" });
        var mine = new List<string>();
        await using (var row = await roles.ExecuteReaderAsync(stop))
        {
            while (await row.ReadAsync(stop))
            {
                mine.Add(row.GetString(0));
            }
        }

        foreach (var role in mine)
        {
            await ExecuteAsync(place.Admin, $"DROP ROLE IF EXISTS \"{role}\"", stop);
        }
    }

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return null;
        }

        try
        {
            await using var command = place.Admin.CreateCommand(
                "SELECT current_setting('server_version'), pg_database_size($1), (SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' AND application_name <> 'axle')::int");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = place.State.Database });
            await using var row = await command.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            return new ResourceFacts(row.GetString(0).Split(' ')[0], row.GetInt64(1), row.GetInt32(2), "shared");
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    public Login NewLogin(Claim claim, int version) => new(claim.State<PostgresState>()!.User(version), Scram.NewPassword());

    public async Task ApplyAsync(Claim claim, Login login, CancellationToken stop)
    {
        var (admin, _, _, state) = Place(claim) ?? throw new InvalidOperationException($"{claim.Ref.Name} has no database yet.");
        var verifier = Scram.Verifier(login.Password);
        await ExecuteAsync(
            admin,
            $"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login.Username}') THEN CREATE ROLE {login.Username} NOLOGIN; END IF;
            END $$;
            GRANT {state.Database} TO {login.Username};
            ALTER ROLE {login.Username} SET role = '{state.Database}';
            ALTER ROLE {login.Username} LOGIN PASSWORD '{verifier}';
            """,
            stop);
    }

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) => Place(claim) is { } place
        ? PostgresServers.TryAsync(Door(claim, place.Port), place.State.Database, login.Username, login.Password, $"SELECT 1 / (current_user = '{place.State.Database}')::int", stop)
        : Task.FromResult<string?>("there is no server");

    public async Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return 0;
        }

        // What a pooler keeps open for nobody is no session; its clients are.
        var pooled = await pools.SeenAsync(claim.Spec.Environment, stop);
        await using var command = place.Admin.CreateCommand("SELECT count(*)::int FROM pg_stat_activity WHERE usename = $1 AND NOT coalesce(client_port = ANY($2), false)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = username });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. pooled.ServerPorts] });
        return (int)(await command.ExecuteScalarAsync(stop))! + pooled.Users.Count(user => user == username);
    }

    public async Task RevokeAsync(Claim claim, string username, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return;
        }

        await ExecuteAsync(place.Admin, $"ALTER ROLE {username} NOLOGIN PASSWORD NULL", stop);
        await pools.CutAsync(claim.Spec.Environment, place.State.Database, username, stop);
        await EndSessionsAsync(place.Admin, "usename", username, stop);
    }

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => login.Outputs("postgresql", status, $"/{Provisioned.Text(status, "name")}");

    /// <summary>The statements that are made of names go through here; every name is one of <see cref="PostgresState"/>, which has letters, digits and _ only.</summary>
    internal static async Task ExecuteAsync(NpgsqlDataSource admin, string statement, CancellationToken stop)
    {
#pragma warning disable CA2100 // See above; what people write is always a parameter.
        await using var command = admin.CreateCommand(statement);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(stop);
    }

    internal (NpgsqlDataSource Admin, NpgsqlDataSource Inside, int Port, PostgresState State)? Place(Claim claim) =>
        claim.State<PostgresState>() is { } state && entities.Find(ResourceKinds.Claim, state.ServerRef) is { } server && ServerState.PortOf(server.Status) is { } port
            ? (postgres.Admin(state.ServerRef, port), postgres.Admin(state.ServerRef, port, state.Database), port, state)
            : null;

    /// <summary>Where its consumers connect: the server, or its pooler.</summary>
    private static int Door(Claim claim, int otherwise) => int.TryParse(Provisioned.Text(claim.Status, "port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : otherwise;

    private static Foreseen Foresee(PostgresParams now, PostgresParams asked)
    {
        if (now.Locale != asked.Locale)
        {
            return new Foreseen(ForeseenActions.Replace, [$"its locale changes from {now.Locale} to {asked.Locale}, which a database keeps for its life"]);
        }

        List<string> lines =
        [
            .. asked.Extensions.Except(now.Extensions).Select(name => $"the extension {name} is added"),
            .. now.Extensions.Except(asked.Extensions).Select(name => $"the extension {name} is removed, unless something uses it"),
            .. now.ConnectionsMax == asked.ConnectionsMax ? [] : new[] { $"connectionsMax changes from {now.ConnectionsMax} to {asked.ConnectionsMax}" },
            .. now.StatementTimeoutSeconds == asked.StatementTimeoutSeconds ? [] : new[] { $"statementTimeoutSeconds changes from {now.StatementTimeoutSeconds} to {asked.StatementTimeoutSeconds}" },
            .. now.Pooling == asked.Pooling ? [] : new[] { $"pooling changes from {now.Pooling ?? "none"} to {asked.Pooling ?? "none"}" },
        ];
        return Foreseen.Changes(lines);
    }

    private static async Task<Error?> MakeAsync(NpgsqlDataSource admin, PostgresState state, PostgresParams asked, CancellationToken stop)
    {
        var name = state.Database;
        var limit = asked.ConnectionsMax.ToString(CultureInfo.InvariantCulture);
        await using (var look = admin.CreateCommand("SELECT r.oid IS NOT NULL, d.oid IS NOT NULL AND d.datdba = r.oid, coalesce(d.datconnlimit, -1), coalesce(s.setconfig, '{}') FROM (SELECT $1 AS name) n LEFT JOIN pg_roles r ON r.rolname = n.name LEFT JOIN pg_database d ON d.datname = n.name LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0"))
        {
            look.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            await using var row = await look.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            if (row.GetBoolean(0) && row.GetBoolean(1) && row.GetInt32(2) == asked.ConnectionsMax && row.GetFieldValue<string[]>(3) is var settings
                && settings.SequenceEqual(asked.StatementTimeoutSeconds == 0 ? [] : [$"statement_timeout={asked.StatementTimeoutSeconds}s"]))
            {
                return null;
            }
        }

        try
        {
            await ExecuteAsync(admin, $"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {name} NOLOGIN; END IF; END $$", stop);
            await CreateAsync(admin, name, asked.Locale, stop);
        }
        catch (PostgresException e) when (e.SqlState is "22023" or "42704")
        {
            return new Error("resources.locale", $"The database cannot be made: {e.MessageText}.", "Use C.UTF-8, or install the locale on this machine.", 422);
        }

        var timeout = asked.StatementTimeoutSeconds == 0 ? $"RESET statement_timeout" : $"SET statement_timeout = '{asked.StatementTimeoutSeconds.ToString(CultureInfo.InvariantCulture)}s'";
        await ExecuteAsync(admin, $"ALTER DATABASE {name} OWNER TO {name}; ALTER DATABASE {name} CONNECTION LIMIT {limit}; REVOKE ALL ON DATABASE {name} FROM PUBLIC; ALTER DATABASE {name} {timeout}", stop);
        return null;
    }

    private static async Task CreateAsync(NpgsqlDataSource admin, string name, string locale, CancellationToken stop)
    {
        await using var there = admin.CreateCommand("SELECT count(*)::int FROM pg_database WHERE datname = $1");
        there.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        if ((int)(await there.ExecuteScalarAsync(stop))! == 0)
        {
            await ExecuteAsync(admin, $"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE '{locale}'", stop);
        }
    }

    private static async Task EndSessionsAsync(NpgsqlDataSource admin, string column, string value, CancellationToken stop)
    {
#pragma warning disable CA2100 // The column is a constant of the caller.
        await using var end = admin.CreateCommand($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {column} = $1 AND pid <> pg_backend_pid()");
#pragma warning restore CA2100
        end.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        await end.ExecuteNonQueryAsync(stop);
    }
}
