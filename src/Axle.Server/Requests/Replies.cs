using Axle.Platform;
using Axle.Platform.Files;
using Microsoft.Data.Sqlite;

namespace Axle.Server.Requests;

/// <summary>
/// First answers to requests that carried an Idempotency-Key, for a day, in a file of their own: a restart in between
/// must not make a repeated deploy a second deploy.
/// </summary>
internal sealed class Replies(PlatformOptions options, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Rows kept; the oldest go first, also before their day is over.</summary>
    public const int RowsMax = 20_000;

    private const int SweepEvery = 256;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS replies (
            user TEXT NOT NULL, key TEXT NOT NULL, request BLOB NOT NULL, process TEXT NOT NULL, at INTEGER NOT NULL,
            status INTEGER, headers TEXT, body BLOB, PRIMARY KEY (user, key)) STRICT;
        CREATE INDEX IF NOT EXISTS replies_by_time ON replies (at);
        """;

    private readonly PrivateDatabase _database = new(options, "replies.db", Schema);
    private readonly string _process = Guid.NewGuid().ToString("N");
    private int _writes;

    /// <summary>Marks a key as begun. A row that an earlier process began and never answered is taken over.</summary>
    /// <returns>Null when the caller may go on; otherwise what is known of the first request.</returns>
    public Reply? Begin(string user, string key, byte[] request)
    {
        var now = clock.GetUtcNow();
        using var connection = _database.Open();
        using var transaction = connection.BeginTransaction();
        if (Find(connection, user, key, now) is { } found)
        {
            return found;
        }

        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT OR REPLACE INTO replies (user, key, request, process, at) VALUES ($user, $key, $request, $process, $at)";
        insert.Parameters.AddWithValue("$user", user);
        insert.Parameters.AddWithValue("$key", key);
        insert.Parameters.AddWithValue("$request", request);
        insert.Parameters.AddWithValue("$process", _process);
        insert.Parameters.AddWithValue("$at", now.ToUnixTimeMilliseconds());
        insert.ExecuteNonQuery();
        if (Interlocked.Increment(ref _writes) % SweepEvery == 1)
        {
            Sweep(connection, now);
        }

        transaction.Commit();
        return null;
    }

    /// <param name="body">Null when the answer cannot be repeated: too long, a stream, or a secret.</param>
    public void Finish(string user, string key, int status, string headers, byte[]? body)
    {
        using var connection = _database.Open();
        using var update = connection.CreateCommand();
        update.CommandText = "UPDATE replies SET status = $status, headers = $headers, body = $body WHERE user = $user AND key = $key";
        update.Parameters.AddWithValue("$user", user);
        update.Parameters.AddWithValue("$key", key);
        update.Parameters.AddWithValue("$status", status);
        update.Parameters.AddWithValue("$headers", headers);
        update.Parameters.AddWithValue("$body", (object?)body ?? DBNull.Value);
        update.ExecuteNonQuery();
    }

    /// <summary>Forgets a request that came to nothing, so that it can be tried again.</summary>
    public void Forget(string user, string key)
    {
        using var connection = _database.Open();
        using var delete = connection.CreateCommand();
        delete.CommandText = "DELETE FROM replies WHERE user = $user AND key = $key";
        delete.Parameters.AddWithValue("$user", user);
        delete.Parameters.AddWithValue("$key", key);
        delete.ExecuteNonQuery();
    }

    private Reply? Find(SqliteConnection connection, string user, string key, DateTimeOffset now)
    {
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT request, process, at, status, headers, body FROM replies WHERE user = $user AND key = $key";
        select.Parameters.AddWithValue("$user", user);
        select.Parameters.AddWithValue("$key", key);
        using var row = select.ExecuteReader();
        if (!row.Read() || row.GetInt64(2) <= (now - Lifetime).ToUnixTimeMilliseconds())
        {
            return null;
        }

        if (row.IsDBNull(3))
        {
            return row.GetString(1) == _process ? new Reply((byte[])row[0], null, "", null) : null;
        }

        return new Reply((byte[])row[0], row.GetInt32(3), row.GetString(4), row.IsDBNull(5) ? null : (byte[])row[5]);
    }

    private static void Sweep(SqliteConnection connection, DateTimeOffset now)
    {
        using var delete = connection.CreateCommand();
        delete.CommandText = "DELETE FROM replies WHERE at <= $old OR rowid IN (SELECT rowid FROM replies ORDER BY at DESC LIMIT -1 OFFSET $max)";
        delete.Parameters.AddWithValue("$old", (now - Lifetime).ToUnixTimeMilliseconds());
        delete.Parameters.AddWithValue("$max", RowsMax);
        delete.ExecuteNonQuery();
    }
}

/// <param name="Status">Null while the first request still runs.</param>
/// <param name="Body">Null when the answer cannot be repeated.</param>
internal sealed record Reply(byte[] Request, int? Status, string Headers, byte[]? Body);
