using Axle.Platform.Files;
using Microsoft.Data.Sqlite;

namespace Axle.Platform.Secrets;

/// <summary>The file <c>secrets.db</c>: what is secret stands in it as closed envelopes only. One writer at a time; a write is on the disk when it returns.</summary>
internal sealed class SecretDatabase(PlatformOptions options)
{
    public const string FileName = "secrets.db";

    // A new fact about a secret gets a table of its own, so that a secrets.db of an earlier version opens as it is.
    // The second index is what "exactly one current version" rests on, whatever the code above it does.
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS secrets (
            scope TEXT NOT NULL, name TEXT NOT NULL, removed_at INTEGER, removed_by TEXT,
            PRIMARY KEY (scope, name)) STRICT;
        CREATE TABLE IF NOT EXISTS versions (
            scope TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),
            state TEXT NOT NULL CHECK (state IN ('pending', 'current', 'previous', 'destroyed')),
            envelope BLOB, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
            PRIMARY KEY (scope, name, version),
            FOREIGN KEY (scope, name) REFERENCES secrets (scope, name) ON DELETE CASCADE) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS one_current ON versions (scope, name) WHERE state = 'current';
        CREATE TABLE IF NOT EXISTS shares (
            scope TEXT NOT NULL, name TEXT NOT NULL, target TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
            PRIMARY KEY (scope, name, target),
            FOREIGN KEY (scope, name) REFERENCES secrets (scope, name) ON DELETE CASCADE) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS one_share_of_a_name ON shares (target, name);
        CREATE TABLE IF NOT EXISTS uses (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, verb TEXT NOT NULL,
            scope TEXT NOT NULL, name TEXT NOT NULL, version INTEGER, detail TEXT) STRICT;
        CREATE INDEX IF NOT EXISTS uses_by_secret ON uses (scope, name, id);
        CREATE TABLE IF NOT EXISTS links (
            hash BLOB PRIMARY KEY, scope TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER) STRICT;
        CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, envelope BLOB NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS stores (name TEXT PRIMARY KEY, kind TEXT NOT NULL, address TEXT NOT NULL, settings TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS origins (
            scope TEXT NOT NULL, name TEXT NOT NULL, store TEXT NOT NULL, path TEXT NOT NULL, field TEXT NOT NULL,
            PRIMARY KEY (scope, name),
            FOREIGN KEY (scope, name) REFERENCES secrets (scope, name) ON DELETE CASCADE) STRICT;
        """;

    private readonly PrivateDatabase _database = new(options, FileName, Schema);
    private readonly Lock _writing = new();

    /// <summary>Several statements, all or none; durable when it returns.</summary>
    public T Write<T>(Func<Writer, T> work)
    {
        lock (_writing)
        {
            using var connection = Open();
            using var transaction = connection.BeginTransaction();
            var result = work(new Writer(connection, transaction));
            transaction.Commit();
            return result;
        }
    }

    public List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var connection = Open();
        return Read(connection, null, sql, row, parameters);
    }

    private SqliteConnection Open()
    {
        var connection = _database.Open();
        using var command = connection.CreateCommand();

        // What is deleted is overwritten: a destroyed version leaves not even its closed envelope.
        command.CommandText = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";
        command.ExecuteNonQuery();
        return connection;
    }

    private static List<T> Read<T>(SqliteConnection connection, SqliteTransaction? transaction, string sql, Func<SqliteDataReader, T> row, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(connection, transaction, sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private static SqliteCommand Command(SqliteConnection connection, SqliteTransaction? transaction, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Every caller passes a constant; values go in as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    /// <summary>What a transaction can do.</summary>
    internal sealed class Writer(SqliteConnection connection, SqliteTransaction transaction)
    {
        /// <summary>Runs a statement; parameters are <c>$name</c>.</summary>
        /// <returns>How many rows it changed.</returns>
        public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            using var command = Command(connection, transaction, sql, parameters);
            return command.ExecuteNonQuery();
        }

        public List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
            SecretDatabase.Read(connection, transaction, sql, row, parameters);
    }
}
