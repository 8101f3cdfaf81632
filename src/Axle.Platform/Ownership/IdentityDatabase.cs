using Axle.Platform.Files;
using Microsoft.Data.Sqlite;

namespace Axle.Platform.Ownership;

/// <summary>
/// The file that holds hashes of tokens, login links and sessions. Apart from the entities, so that no watch, history or
/// export ever carries one. Only hashes are kept: who reads the file can log in as nobody.
/// </summary>
internal sealed class IdentityDatabase(PlatformOptions options)
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS tokens (
            id TEXT PRIMARY KEY, hash BLOB NOT NULL, name TEXT NOT NULL, user TEXT NOT NULL, scopes TEXT NOT NULL,
            created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER) STRICT;
        CREATE INDEX IF NOT EXISTS tokens_by_user ON tokens (user);
        CREATE TABLE IF NOT EXISTS login_links (
            hash BLOB PRIMARY KEY, token_id TEXT NOT NULL, user TEXT NOT NULL, scopes TEXT NOT NULL,
            expires_at INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS sessions (
            hash BLOB PRIMARY KEY, token_id TEXT NOT NULL, user TEXT NOT NULL, scopes TEXT NOT NULL,
            created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        """;

    private readonly PrivateDatabase _database = new(options, "identity.db", Schema);

    /// <summary>Runs a statement; parameters are <c>$name</c>.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var connection = _database.Open();
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    public List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var connection = _database.Open();
        using var command = Command(connection, sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes a constant; values go in as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}
