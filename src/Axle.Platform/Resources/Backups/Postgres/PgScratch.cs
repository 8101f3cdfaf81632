using Axle.Contracts;
using Axle.Platform.Resources.Postgres;
using Npgsql;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>
/// Databases and roles that exist for one piece of work: filled as a login that can do nothing but what the database's owner
/// can, since a dump contains what people wrote.
/// </summary>
internal sealed class PgScratch(PgPrograms programs, PostgresServers servers)
{
    public const string ProofPrefix = "axle_proof_";
    public const string FillPrefix = "axle_fill_";
    public const string LoginPrefix = "axle_load_";

    public static string Proof(string id) => ProofPrefix + BackupKinds.Plain(id);

    public static string Fill(string id) => FillPrefix + BackupKinds.Plain(id);

    public static string Login(string id) => LoginPrefix + BackupKinds.Plain(id);

    /// <summary>An empty database, made anew, of an owner who cannot log in.</summary>
    public async Task MakeAsync(PgPlace place, string database, string owner, string locale, CancellationToken stop)
    {
        await using var admin = await servers.OpenAsync(place.Server, place.Port, "postgres", stop);
        await RunAsync(admin, $"DROP DATABASE IF EXISTS {PgText.Name(database)} WITH (FORCE)", stop);
        await RunAsync(admin, RoleIfMissing(owner), stop);
        await RunAsync(admin, $"CREATE DATABASE {PgText.Name(database)} OWNER {PgText.Name(owner)} TEMPLATE template0 ENCODING 'UTF8' LOCALE {PgText.Text(locale)}", stop);
        await RunAsync(admin, $"REVOKE ALL ON DATABASE {PgText.Name(database)} FROM PUBLIC", stop);
    }

    /// <summary>A login for a while, with an owner's rights. It passes row security, for a part of a table is no copy.</summary>
    public async Task<PgLogin> LoginAsync(PgPlace place, string database, string owner, string id, CancellationToken stop)
    {
        var (name, password) = (Login(id), Scram.NewPassword());
        await using var admin = await servers.OpenAsync(place.Server, place.Port, "postgres", stop);
        await RunAsync(admin, RoleIfMissing(name), stop);
        await RunAsync(admin, $"GRANT {PgText.Name(owner)} TO {name}; ALTER ROLE {name} LOGIN BYPASSRLS PASSWORD {PgText.Text(Scram.Verifier(password))}", stop);
        return new PgLogin(place.Port, database, name, password);
    }

    /// <summary>Brings an archive of pg_dump into an empty database.</summary>
    public async Task<Error?> LoadAsync(PgPlace place, PgLogin login, string owner, string file, Contents expected, CancellationToken stop)
    {
        // 1. Extensions are the administrator's to make; with them come their schemas.
        await using (var admin = await servers.OpenAsync(place.Server, place.Port, login.Database, stop))
        {
            foreach (var extension in expected.Extensions)
            {
                var schema = PgText.Name(extension.Schema);
                if (extension.Schema is not ("public" or "pg_catalog"))
                {
                    await RunAsync(admin, $"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {PgText.Name(owner)}", stop);
                }

                await RunAsync(admin, $"CREATE EXTENSION IF NOT EXISTS {PgText.Name(extension.Name)} SCHEMA {schema} CASCADE", stop);
            }
        }

        // 2. Everything else, as its owner.
        var listed = await programs.EndAsync(place, login, "pg_restore", ["--list", file], null, stop);
        if (!listed.Ok || listed.Truncated)
        {
            return new PgFailed("pg_restore", listed.Truncated ? "it lists more objects than can be read" : "the file is damaged");
        }

        var list = $"{file}.{login.User}.list";
        try
        {
            await File.WriteAllTextAsync(list, PgToc.WithoutExtensions(listed.Output, expected.Extensions), stop);
            return await programs.RunAsync(
                place,
                login,
                "pg_restore",
                ["--exit-on-error", "--no-owner", "--no-acl", "--no-publications", "--no-subscriptions", "--no-security-labels", "--no-tablespaces", $"--role={owner}", $"--use-list={list}", $"--dbname={login.Database}", file],
                null,
                stop);
        }
        finally
        {
            File.Delete(list);
        }
    }

    /// <summary>What a database holds now, in a transaction of its own.</summary>
    public async Task<Contents> ContentsAsync(PgPlace place, string database, Contents? expected, CancellationToken stop)
    {
        await using var admin = await servers.OpenAsync(place.Server, place.Port, database, stop);
        await using var transaction = await PgContents.BeginAsync(admin, stop);
        return await PgContents.ReadAsync(admin, transaction, expected, stop);
    }

    /// <summary>Takes away the login of a piece of work.</summary>
    public async Task EndLoginAsync(PgPlace place, string database, string owner, string id, CancellationToken stop)
    {
        var name = Login(id);
        await using (var admin = await servers.OpenAsync(place.Server, place.Port, "postgres", stop))
        {
            if (!await IsAsync(admin, "pg_roles", "rolname", name, stop))
            {
                return;
            }

            await RunAsync(admin, $"ALTER ROLE {name} NOLOGIN; DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'; END $$", stop);
            if (!await IsAsync(admin, "pg_database", "datname", database, stop))
            {
                await RunAsync(admin, $"DROP ROLE IF EXISTS {name}", stop);
                return;
            }
        }

        // Nothing should be its own; what nevertheless is (a script can put its role off) goes to the owner.
        await using var there = await servers.OpenAsync(place.Server, place.Port, database, stop);
        await RunAsync(there, $"REASSIGN OWNED BY {name} TO {PgText.Name(owner)}; DROP OWNED BY {name}; DROP ROLE IF EXISTS {name}", stop);
    }

    /// <summary>Takes away a database, and roles that exist for it alone.</summary>
    public async Task RemoveAsync(PgPlace place, string database, CancellationToken stop, params IReadOnlyList<string> roles)
    {
        await using var admin = await servers.OpenAsync(place.Server, place.Port, "postgres", stop);
        await RunAsync(admin, $"DROP DATABASE IF EXISTS {PgText.Name(database)} WITH (FORCE)", stop);
        foreach (var role in roles)
        {
            await RunAsync(admin, $"DROP ROLE IF EXISTS {PgText.Name(role)}", stop);
        }
    }

    /// <summary>Names of databases that some work made and may have left behind.</summary>
    public async Task<IReadOnlyList<string>> LeftAsync(PgPlace place, CancellationToken stop)
    {
        await using var admin = await servers.OpenAsync(place.Server, place.Port, "postgres", stop);
        await using var list = new NpgsqlCommand("SELECT datname FROM pg_database WHERE starts_with(datname, $1) OR starts_with(datname, $2)", admin);
        list.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ProofPrefix });
        list.Parameters.Add(new NpgsqlParameter<string> { TypedValue = FillPrefix });
        var names = new List<string>();
        await using var row = await list.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            names.Add(row.GetString(0));
        }

        return names;
    }

    public static async Task RunAsync(NpgsqlConnection connection, string statement, CancellationToken stop)
    {
#pragma warning disable CA2100 // Every name in it is quoted, or one of ours of letters, digits and _ only.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Whether a catalogue has a name; both are constants of the caller.</summary>
    public static async Task<bool> IsAsync(NpgsqlConnection connection, string catalogue, string column, string name, CancellationToken stop)
    {
#pragma warning disable CA2100 // See above; the name is a parameter.
        await using var command = new NpgsqlCommand($"SELECT EXISTS (SELECT FROM {catalogue} WHERE {column} = $1)", connection);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return (bool)(await command.ExecuteScalarAsync(stop))!;
    }

    private static string RoleIfMissing(string name) =>
        $"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {name} NOLOGIN; END IF; END $$";
}
