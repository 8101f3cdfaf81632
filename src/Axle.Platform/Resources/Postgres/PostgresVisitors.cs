using System.Globalization;
using System.Security.Cryptography;
using Axle.Platform.Secrets;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>Logins for people: made for one visit, for a while, and taken away afterwards with everything that they left.</summary>
internal static class PostgresVisitors
{
    private const string Mark = "_visitor_";
    private const int ConnectionsMax = 5;
    private const int NameLength = 8;

    public static string NewName(PostgresState state) => $"{state.Database}{Mark}{RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", NameLength)}";

    /// <summary>A login that acts as the database's owner, or only reads. It is refused after its time by PostgreSQL itself.</summary>
    public static Task AdmitAsync(NpgsqlDataSource admin, PostgresState state, string name, SecretValue password, DateTimeOffset until, bool readOnly, CancellationToken stop)
    {
        var end = until.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'+00'", CultureInfo.InvariantCulture);
        var rights = readOnly
            ? $"GRANT pg_read_all_data TO {name}; GRANT CONNECT ON DATABASE {state.Database} TO {name}; ALTER ROLE {name} SET default_transaction_read_only = on"
            : $"GRANT {state.Database} TO {name}; ALTER ROLE {name} SET role = '{state.Database}'";
        return PostgresDriver.ExecuteAsync(
            admin,
            $"CREATE ROLE {name} LOGIN PASSWORD '{Scram.Verifier(password)}' VALID UNTIL '{end}' CONNECTION LIMIT {ConnectionsMax.ToString(CultureInfo.InvariantCulture)}; {rights}",
            stop);
    }

    /// <summary>Ends the sessions of those whose time is up, gives what they made to the owner, and forgets them.</summary>
    public static async Task SweepAsync(NpgsqlDataSource admin, NpgsqlDataSource database, PostgresState state, CancellationToken stop)
    {
        var gone = new List<string>();
        await using (var command = admin.CreateCommand("SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1) AND rolvaliduntil < now()"))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = state.Database + Mark });
            await using var row = await command.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                gone.Add(row.GetString(0));
            }
        }

        foreach (var name in gone)
        {
            await using var end = admin.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1");
            end.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
            await end.ExecuteNonQueryAsync(stop);
            await PostgresDriver.ExecuteAsync(database, $"REASSIGN OWNED BY {name} TO {state.Database}; DROP OWNED BY {name}", stop);
            await PostgresDriver.ExecuteAsync(admin, $"REVOKE ALL ON DATABASE {state.Database} FROM {name}; DROP ROLE IF EXISTS {name}", stop);
        }
    }
}
