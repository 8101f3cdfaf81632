using System.Globalization;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;
using MySqlConnector;

namespace Axle.Platform.Resources.MariaDb;

/// <summary>
/// A database in the environment's MariaDB, and two users with every right on it and none elsewhere. It is what the types
/// <c>mariadb</c> and <c>mysql</c> both get.
/// </summary>
internal sealed class MariaDriver(string type, IEntityStore entities, ServerClaims servers, MariaServers maria) : ILoginDriver
{
    /// <summary>Where users may come from: the server listens nowhere else.</summary>
    private const string From = "@'127.0.0.1'";

    private const string Shared = "mariadb";

    public string Uri => $"axle://{type}";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        // 1. Where it stands, and what it is called.
        if (!MariaParams.Read(claim.Spec).TryGet(out var asked, out var error))
        {
            return error;
        }

        var state = ServerTenant.Of(claim, Shared);
        var server = state.ServerRef;
        if (!(await servers.EnsureAsync(server, MariaServerDriver.Type, claim.Spec.Environment, owner: null, stop)).TryGet(out var stands, out error))
        {
            return error;
        }

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

        // 2. Itself, and the limits of users that are there already.
        var port = ServerState.PortOf(stands.Server.Status)!.Value;
        try
        {
            if (await MakeAsync(maria.Admin(server, port), state, asked, stop) is { } refusal)
            {
                return refusal;
            }
        }
        catch (MySqlException e) when (e.ErrorCode is MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.CommandTimeoutExpired or MySqlErrorCode.ServerShutdown)
        {
            return new Provisioned { Waiting = $"its server does not answer: {e.Message}", RootCause = server, State = Provisioned.StateOf(state) };
        }

        return new Provisioned
        {
            State = Provisioned.StateOf(state),
            Outputs = Provisioned.OutputsOf(("host", ServerWorkloads.Host), ("port", port), ("name", state.Name), ("database", state.Name)),
        };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Foreseen.OfAsync<MariaParams>(claim, MariaParams.Read, (now, asked) => Foreseen.Changes(
        [
            .. now.Collation == asked.Collation ? [] : new[] { $"collation changes from {now.Collation} to {asked.Collation}, for tables made from now on" },
            .. now.ConnectionsMax == asked.ConnectionsMax ? [] : new[] { $"connectionsMax changes from {now.ConnectionsMax} to {asked.ConnectionsMax}" },
            .. now.StatementTimeoutSeconds == asked.StatementTimeoutSeconds ? [] : new[] { $"statementTimeoutSeconds changes from {now.StatementTimeoutSeconds} to {asked.StatementTimeoutSeconds}" },
        ]));

    public async Task SuspendAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is { } place)
        {
            foreach (var user in place.State.Users)
            {
                // Locked in place: dropped and made anew, a user would lose what views and triggers run as it.
                await MariaServers.ExecuteAsync(place.Admin, $"ALTER USER IF EXISTS {user}{From} ACCOUNT LOCK", stop);
                await MariaServers.EndSessionsAsync(place.Admin, user, stop);
            }
        }
    }

    public async Task DestroyAsync(Claim claim, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return;
        }

        foreach (var user in place.State.Users)
        {
            await MariaServers.ExecuteAsync(place.Admin, $"DROP USER IF EXISTS {user}{From}", stop);
            await MariaServers.EndSessionsAsync(place.Admin, user, stop);
        }

        await MariaServers.ExecuteAsync(place.Admin, $"DROP DATABASE IF EXISTS {place.State.Name}", stop);
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
                "SELECT version(), (SELECT coalesce(sum(data_length + index_length), 0) FROM information_schema.tables WHERE table_schema = @name), (SELECT count(*) FROM information_schema.processlist WHERE user IN (@a, @b))");
            command.Parameters.Add(new MySqlParameter("@name", place.State.Name));
            command.Parameters.Add(new MySqlParameter("@a", place.State.User(1)));
            command.Parameters.Add(new MySqlParameter("@b", place.State.User(2)));
            await using var row = await command.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            return new ResourceFacts(row.GetString(0).Split('-')[0], (long)row.GetDecimal(1), row.GetInt32(2), "shared");
        }
        catch (MySqlException)
        {
            return null;
        }
    }

    public Login NewLogin(Claim claim, int version) => new(claim.State<ServerTenant>()!.User(version), Scram.NewPassword());

    public async Task ApplyAsync(Claim claim, Login login, CancellationToken stop)
    {
        var (admin, _, state) = Place(claim) ?? throw new InvalidOperationException($"{claim.Ref.Name} has no server.");
        var asked = MariaParams.Read(claim.Spec) is { Ok: true, Value: var read } ? read : MariaParams.Default;
        await MariaServers.ExecuteAsync(admin, $"CREATE USER IF NOT EXISTS {login.Username}{From} IDENTIFIED VIA mysql_native_password USING '{NativePassword.Invalid}' ACCOUNT LOCK", stop);

        // In the name of a database in a grant, _ would stand for any letter.
        await MariaServers.ExecuteAsync(admin, $@"GRANT ALL PRIVILEGES ON `{state.Name.Replace("_", @"\_", StringComparison.Ordinal)}`.* TO {login.Username}{From}", stop);
        await MariaServers.ExecuteAsync(admin, $"ALTER USER {login.Username}{From} IDENTIFIED VIA mysql_native_password USING '{NativePassword.Hash(login.Password)}' {Limits(asked)} ACCOUNT UNLOCK", stop);
    }

    public Task<string?> TestAsync(Claim claim, Login login, CancellationToken stop) => Place(claim) is { } place
        ? MariaServers.TryAsync(place.Port, place.State.Name, login.Username, login.Password, "SELECT count(*) = 3 FROM information_schema.schema_privileges WHERE privilege_type IN ('CREATE', 'INSERT', 'SELECT')", stop)
        : Task.FromResult<string?>("there is no server");

    public async Task<int> SessionsAsync(Claim claim, string username, CancellationToken stop)
    {
        if (Place(claim) is not { } place)
        {
            return 0;
        }

        await using var command = place.Admin.CreateCommand("SELECT count(*) FROM information_schema.processlist WHERE user = @user");
        command.Parameters.Add(new MySqlParameter("@user", username));
        return Convert.ToInt32(await command.ExecuteScalarAsync(stop), CultureInfo.InvariantCulture);
    }

    public async Task RevokeAsync(Claim claim, string username, CancellationToken stop)
    {
        if (Place(claim) is { } place)
        {
            await MariaServers.ExecuteAsync(place.Admin, $"ALTER USER IF EXISTS {username}{From} IDENTIFIED VIA mysql_native_password USING '{NativePassword.Invalid}' ACCOUNT LOCK", stop);
            await MariaServers.EndSessionsAsync(place.Admin, username, stop);
        }
    }

    public IReadOnlyDictionary<string, string> Outputs(ResourceClaimStatus status, Login login) => login.Outputs("mysql", status, $"/{Provisioned.Text(status, "name")}");

    private static string Limits(MariaParams asked) =>
        string.Create(CultureInfo.InvariantCulture, $"WITH MAX_USER_CONNECTIONS {asked.ConnectionsMax} MAX_STATEMENT_TIME {asked.StatementTimeoutSeconds}");

    private static async Task<Error?> MakeAsync(MySqlDataSource admin, ServerTenant state, MariaParams asked, CancellationToken stop)
    {
        // 1. As it is. Nothing that is right is written again.
        string? charset = null, collation = null;
        await using (var look = admin.CreateCommand("SELECT c.character_set_name, s.default_collation_name FROM information_schema.collations c LEFT JOIN information_schema.schemata s ON s.schema_name = @name WHERE c.collation_name = @collation"))
        {
            look.Parameters.Add(new MySqlParameter("@name", state.Name));
            look.Parameters.Add(new MySqlParameter("@collation", asked.Collation));
            await using var row = await look.ExecuteReaderAsync(stop);
            if (await row.ReadAsync(stop))
            {
                (charset, collation) = (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1));
            }
        }

        if (charset is null)
        {
            return new Error("resources.collation", $"This MariaDB has no collation {asked.Collation}.", "Leave params.collation out, or use one of: SHOW COLLATION.", 422);
        }

        // 2. The database.
        if (collation is null)
        {
            await MariaServers.ExecuteAsync(admin, $"CREATE DATABASE IF NOT EXISTS {state.Name} CHARACTER SET {charset} COLLATE {asked.Collation}", stop);
        }
        else if (collation != asked.Collation)
        {
            await MariaServers.ExecuteAsync(admin, $"ALTER DATABASE {state.Name} CHARACTER SET {charset} COLLATE {asked.Collation}", stop);
        }

        // 3. Limits of its users.
        var differ = new List<string>();
        await using (var users = admin.CreateCommand("SELECT user FROM mysql.user WHERE user IN (@a, @b) AND (max_user_connections <> @connections OR max_statement_time <> @seconds)"))
        {
            users.Parameters.Add(new MySqlParameter("@a", state.User(1)));
            users.Parameters.Add(new MySqlParameter("@b", state.User(2)));
            users.Parameters.Add(new MySqlParameter("@connections", asked.ConnectionsMax));
            users.Parameters.Add(new MySqlParameter("@seconds", asked.StatementTimeoutSeconds));
            await using var row = await users.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                differ.Add(row.GetString(0));
            }
        }

        foreach (var user in differ)
        {
            await MariaServers.ExecuteAsync(admin, $"ALTER USER {user}{From} {Limits(asked)}", stop);
        }

        return null;
    }

    private (MySqlDataSource Admin, int Port, ServerTenant State)? Place(Claim claim) =>
        claim.State<ServerTenant>() is { } state && entities.Find(ResourceKinds.Claim, state.ServerRef) is { } server && ServerState.PortOf(server.Status) is { } port
            ? (maria.Admin(state.ServerRef, port), port, state)
            : null;
}
