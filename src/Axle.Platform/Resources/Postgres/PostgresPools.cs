using System.Globalization;
using System.Text.Json;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources.Servers;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>
/// The poolers in front of an environment's PostgreSQL: one for each mode that a database asks for. A session of a database
/// is a client of a pooler then, and what the server shows are the pooler's own.
/// </summary>
internal sealed class PostgresPools(IEntityStore entities, ServerClaims servers, ServerWorkloads workloads)
{
    /// <summary>The role, in every server with a pooler, whose members may look up who may log in.</summary>
    public const string LookupRole = "axle_pool";

    /// <summary>Sessions in the server for each user of a database, at most.</summary>
    public const int PoolSize = 20;

    public static readonly string[] Modes = ["session", "transaction"];

    private const char Separator = '\x1f';

    /// <param name="Users">Of each client that is connected now, its user.</param>
    /// <param name="ServerPorts">From where the poolers are connected to the server.</param>
    public sealed record Seen(IReadOnlyList<string> Users, IReadOnlyList<int> ServerPorts);

    /// <summary>The pooler's port when it is ready; what to wait for otherwise.</summary>
    public async Task<Result<(EntityRef Pooler, int? Port, string Waiting)>> EnsureAsync(string mode, EntityRef server, EntityRef environment, CancellationToken stop)
    {
        var pooler = Of(mode, environment);
        var parameters = JsonSerializer.SerializeToElement(new PgBouncerDriver.Params(server.ToString(), mode), EntityJson.Options);
        return (await servers.EnsureAsync(pooler, PgBouncerDriver.Type, environment, owner: null, stop, parameters)).TryGet(out var found, out var error)
            ? (pooler, found.Server is null ? null : ServerState.PortOf(found.Server.Status), found.Waiting)
            : error;
    }

    /// <summary>
    /// Lets poolers look up the users of one database. In 1.18 the question is asked in the database that a client wants, so each one
    /// has the function; it shows nobody but users of this database.
    /// </summary>
    public static async Task AdmitAsync(NpgsqlDataSource database, string name, CancellationToken stop)
    {
        await using (var look = database.CreateCommand($"SELECT to_regprocedure('axle_pool.login(name)') IS NOT NULL AND has_database_privilege('{LookupRole}', current_database(), 'CONNECT')"))
        {
            if (await look.ExecuteScalarAsync(stop) is true)
            {
                return;
            }
        }

        await PostgresDriver.ExecuteAsync(
            database,
            $"""
            CREATE SCHEMA IF NOT EXISTS axle_pool;
            CREATE OR REPLACE FUNCTION axle_pool.login(who name, OUT name name, OUT verifier text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
                SELECT r.rolname, r.rolpassword FROM pg_authid r JOIN pg_database d ON d.datname = current_database()
                WHERE r.rolname = who AND r.rolcanlogin AND NOT r.rolsuper AND coalesce(r.rolvaliduntil > now(), true) AND pg_has_role(r.oid, d.datdba, 'MEMBER')
            $$;
            REVOKE ALL ON FUNCTION axle_pool.login(name) FROM PUBLIC;
            GRANT USAGE ON SCHEMA axle_pool TO {LookupRole};
            GRANT EXECUTE ON FUNCTION axle_pool.login(name) TO {LookupRole};
            GRANT CONNECT ON DATABASE {name} TO {LookupRole};
            """,
            stop);
    }

    /// <summary>Who is connected to an environment's poolers, and from where they are connected to the server.</summary>
    public async Task<Seen> SeenAsync(EntityRef environment, CancellationToken stop)
    {
        var users = new List<string>();
        var ports = new List<int>();
        foreach (var (pooler, port) in There(environment))
        {
            users.AddRange((await AskAsync(pooler, port, "SHOW CLIENTS", stop)).Select(client => client["user"]));
            ports.AddRange((await AskAsync(pooler, port, "SHOW SERVERS", stop)).Select(server => int.Parse(server["local_port"], CultureInfo.InvariantCulture)));
        }

        return new Seen(users, ports);
    }

    /// <summary>Ends every connection to a database through a pooler. This version cannot end those of one user only.</summary>
    /// <param name="username">Only when this user has one; null is anybody.</param>
    public async Task CutAsync(EntityRef environment, string database, string? username, CancellationToken stop)
    {
        foreach (var (pooler, port) in There(environment))
        {
            var there = (await AskAsync(pooler, port, "SHOW CLIENTS", stop)).Concat(username is null ? await AskAsync(pooler, port, "SHOW SERVERS", stop) : []);
            if (there.Any(one => one["database"] == database && (username is null || one["user"] == username)))
            {
                // What is killed would make the next ones wait.
                await AskAsync(pooler, port, $"KILL {database}", stop);
                await AskAsync(pooler, port, $"RESUME {database}", stop);
            }
        }
    }

    /// <summary>Asks a pooler's console. It lets in whoever runs as the same user, by a socket in its volume, without any password.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> AskAsync(EntityRef pooler, int port, string command, CancellationToken stop)
    {
        if (PostgresProgram.Find() is not { } program)
        {
            throw new EngineUnavailableException("PostgreSQL's programs are not there any more.");
        }

        var printed = await workloads.RunInsideAsync(
            pooler,
            [
                program.Program("psql"), "-X", "-q", "-A", "-F", Separator.ToString(), "-P", "footer=off", "-v", "ON_ERROR_STOP=1",
                "-h", "/data", "-p", port.ToString(CultureInfo.InvariantCulture), "-U", "pgbouncer", "-d", "pgbouncer",
            ],
            $"{command};\n",
            stop);
        var lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(Separator)).ToList();
        return lines.Count == 0 ? [] : [.. lines.Skip(1).Where(line => line.Length == lines[0].Length).Select(line => lines[0].Zip(line).ToDictionary(pair => pair.First, pair => pair.Second))];
    }

    private static EntityRef Of(string mode, EntityRef environment) => ServerClaims.Shared($"pgbouncer-{mode}", environment);

    private IEnumerable<(EntityRef Pooler, int Port)> There(EntityRef environment)
    {
        foreach (var mode in Modes)
        {
            if (entities.Find(ResourceKinds.Claim, Of(mode, environment)) is { Status.ReadyAt: not null } pooler && ServerState.PortOf(pooler.Status) is { } port)
            {
                yield return (pooler.Ref, port);
            }
        }
    }
}
