using System.Globalization;
using System.Text.Json;
using Axle.Contracts;
using Microsoft.Data.Sqlite;

namespace Axle.Entities.Store;

/// <summary>
/// The database file: what is now (<c>entities</c>) and how it came to be (<c>log</c>). One connection writes, called by one
/// caller at a time; each read opens its own, so that neither waits for the other (WAL).
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int SchemaVersion = 1;

    /// <summary>"AXLE": tells our files from other programs'.</summary>
    private const int ApplicationId = 0x41584C45;

    private const string Schema = """
        CREATE TABLE entities (
            ref      TEXT PRIMARY KEY,
            uid      TEXT NOT NULL UNIQUE,
            revision INTEGER NOT NULL,
            entity   TEXT NOT NULL
        ) STRICT;
        CREATE TABLE log (
            revision INTEGER PRIMARY KEY,
            at       TEXT NOT NULL,
            actor    TEXT NOT NULL,
            verb     TEXT NOT NULL,
            ref      TEXT NOT NULL,
            entity   TEXT,
            message  TEXT,
            digest   BLOB NOT NULL,
            hash     BLOB NOT NULL
        ) STRICT;
        CREATE INDEX log_ref ON log (ref, revision);
        CREATE INDEX log_asked ON log (revision) WHERE verb <> 'status';
        CREATE INDEX log_status ON log (revision) WHERE verb = 'status' AND entity IS NOT NULL;
        CREATE INDEX log_pruned ON log (revision) WHERE entity IS NULL;
        """;

    private const string Columns = "revision, at, actor, verb, ref, entity, message";

    private readonly string _file;
    private readonly string _readers;
    private SqliteConnection? _writer;
    private int _pagesMax;

    private SqliteDatabase(string file)
    {
        _file = file;
        _readers = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 30 }.ToString();
    }

    /// <summary>The last row of the log.</summary>
    public (long Revision, byte[] Hash) Head { get; private set; } = (0, Chain.Start);

    /// <summary>Newest revision whose content was dropped by retention; 0 when none was.</summary>
    public long PrunedThrough { get; private set; }

    /// <exception cref="StoreException">The file cannot be used; the message says why and what to do.</exception>
    public static SqliteDatabase Open(string file)
    {
        var database = new SqliteDatabase(Path.GetFullPath(file));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(database._file)!);
            database.CloseToOthers();
            database.Connect();
            return database;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            database.Dispose();
            throw database.Explain(e, "open");
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Only we read the file: SQLite would create it as the umask says. The journal files beside it get its mode from
    /// SQLite, except those that are there already.
    /// </summary>
    private void CloseToOthers()
    {
        const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (!File.Exists(_file))
        {
            using var _ = new FileStream(_file, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = Ours });
        }

        foreach (var file in (string[])[_file, _file + "-wal", _file + "-shm"])
        {
            if (File.Exists(file) && (File.GetUnixFileMode(file) & ~Ours) != 0)
            {
                File.SetUnixFileMode(file, Ours);
            }
        }
    }

    /// <summary>Opens the writing connection again if a failure closed it, and reads <see cref="Head"/> anew.</summary>
    public void Connected()
    {
        try
        {
            Writer();
        }
        catch (SqliteException e)
        {
            throw Explain(e, "open");
        }
    }

    /// <summary>All entities, as JSON in UTF-8.</summary>
    public IEnumerable<byte[]> Load()
    {
        using var command = Writer().CreateCommand();
        command.CommandText = "SELECT entity FROM entities";
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return rows.GetFieldValue<byte[]>(0);
        }
    }

    /// <summary>Which code made the relations that are stored; empty when that is not known.</summary>
    public string RelationsMadeBy()
    {
        try
        {
            Execute(Writer(), "CREATE TABLE IF NOT EXISTS relations (made_by TEXT NOT NULL) STRICT");
            return (string?)Scalar(Writer(), "SELECT made_by FROM relations") ?? "";
        }
        catch (SqliteException e)
        {
            throw Explain(e, "open");
        }
    }

    /// <summary>Entities with other relations, which are no change in the log: nobody did anything.</summary>
    public void RenewRelations(IReadOnlyList<(string Ref, byte[] Entity)> renewed, string madeBy)
    {
        try
        {
            using var transaction = Writer().BeginTransaction(deferred: false);
            using var update = new SqliteStatement(Writer(), "UPDATE entities SET entity = ? WHERE ref = ?");
            foreach (var (which, entity) in renewed)
            {
                update.BindText(1, entity);
                update.Bind(2, which);
                update.Run();
            }

            Execute(Writer(), "DELETE FROM relations");
            using var stamp = new SqliteStatement(Writer(), "INSERT INTO relations (made_by) VALUES (?)");
            stamp.Bind(1, madeBy);
            stamp.Run();
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            Disconnect();
            throw Explain(e, "write to");
        }
    }

    /// <summary>Writes changes in one transaction, durable on return. After an exception nothing of it is there.</summary>
    /// <exception cref="StoreException">The transaction was not made.</exception>
    public void Write(IReadOnlyList<Written> written)
    {
        try
        {
            var connection = Writer();
            var hash = Head.Hash;
            using var transaction = connection.BeginTransaction(deferred: false);
            using var upsert = new SqliteStatement(connection, """
                INSERT INTO entities (ref, uid, revision, entity) VALUES (?, ?, ?, ?)
                ON CONFLICT (ref) DO UPDATE SET uid = excluded.uid, revision = excluded.revision, entity = excluded.entity
                """);
            using var delete = new SqliteStatement(connection, "DELETE FROM entities WHERE ref = ?");
            using var append = new SqliteStatement(connection, $"INSERT INTO log ({Columns}, digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
            foreach (var one in written)
            {
                var (change, which, json) = (one.Change, one.Node.Key, one.Json);
                if (change.Verb == "delete")
                {
                    delete.Bind(1, which);
                    delete.Run();
                }
                else
                {
                    upsert.Bind(1, which);
                    upsert.Bind(2, one.Node.Uid);
                    upsert.Bind(3, change.Revision);
                    upsert.BindText(4, json);
                    upsert.Run();
                }

                var at = change.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
                var digest = Chain.Digest(json);
                hash = Chain.Link(hash, change.Revision, at, change.Actor, change.Verb, which, digest, change.Message);
                append.Bind(1, change.Revision);
                append.Bind(2, at);
                append.Bind(3, change.Actor);
                append.Bind(4, change.Verb);
                append.Bind(5, which);
                append.BindText(6, json);
                append.Bind(7, change.Message);
                append.BindBlob(8, digest);
                append.BindBlob(9, hash);
                append.Run();
            }

            transaction.Commit();
            Head = (written[^1].Change.Revision, hash);
        }
        catch (SqliteException e)
        {
            // The connection may be in any state; the next write begins with a new one and reads the head again.
            Disconnect();
            throw Explain(e, "write to");
        }
    }

    /// <summary>Drops the content of status rows beyond the newest ones, some at a time.</summary>
    public void Prune(int keep, int atMost)
    {
        try
        {
            using var command = Writer().CreateCommand();
            command.CommandText = """
                UPDATE log SET entity = NULL WHERE revision IN (
                    SELECT revision FROM log WHERE verb = 'status' AND entity IS NOT NULL
                    AND revision <= (SELECT revision FROM log WHERE verb = 'status' AND entity IS NOT NULL ORDER BY revision DESC LIMIT 1 OFFSET $keep)
                    ORDER BY revision LIMIT $most)
                """;
            command.Parameters.AddWithValue("$keep", keep);
            command.Parameters.AddWithValue("$most", atMost);
            command.ExecuteNonQuery();
            PrunedThrough = (long)(Scalar(Writer(), "SELECT coalesce(max(revision), 0) FROM log WHERE entity IS NULL") ?? 0L);
        }
        catch (SqliteException e)
        {
            Disconnect();
            throw Explain(e, "write to");
        }
    }

    /// <summary>Changes after one revision up to another, oldest first.</summary>
    public List<Change> After(long revision, long upTo, int limit) => Read(
        $"SELECT {Columns} FROM log WHERE revision > $after AND revision <= $to ORDER BY revision LIMIT $limit",
        ("$after", revision), ("$to", upTo), ("$limit", limit));

    /// <summary>Changes of one entity, newest first.</summary>
    public List<Change> Of(EntityRef which, long upTo, int limit) => Read(
        $"SELECT {Columns} FROM log WHERE ref = $ref AND revision <= $to ORDER BY revision DESC LIMIT $limit",
        ("$ref", which.ToString()), ("$to", upTo), ("$limit", limit));

    /// <summary>Changes before a revision, newest first.</summary>
    public List<Change> Before(long revision, int limit, bool includeStatus) => Read(
        $"SELECT {Columns} FROM log WHERE revision < $before {(includeStatus ? "" : "AND verb <> 'status'")} ORDER BY revision DESC LIMIT $limit",
        ("$before", revision), ("$limit", limit));

    /// <summary>Follows the chain from its start.</summary>
    public LogCheck Verify(long newest, CancellationToken stop)
    {
        try
        {
            using var connection = Reader();
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT {Columns}, digest, hash FROM log WHERE revision <= $to ORDER BY revision";
            command.Parameters.AddWithValue("$to", newest);
            using var rows = command.ExecuteReader();
            var (count, pruned, before) = (0L, 0L, Chain.Start);
            while (rows.Read())
            {
                stop.ThrowIfCancellationRequested();
                var revision = rows.GetInt64(0);
                var digest = rows.GetFieldValue<byte[]>(7);
                if (revision != ++count)
                {
                    return new LogCheck(count, pruned, count, $"Revision {count} is missing.");
                }

                if (rows.IsDBNull(5))
                {
                    pruned++;
                    if (rows.GetString(3) != "status")
                    {
                        return new LogCheck(count, pruned, revision, "Its content is missing, though only changes of status may lose it.");
                    }
                }
                else if (!Chain.Digest(rows.GetFieldValue<byte[]>(5)).AsSpan().SequenceEqual(digest))
                {
                    return new LogCheck(count, pruned, revision, "Its content is not the one that was written.");
                }

                before = Chain.Link(before, revision, rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4), digest, rows.IsDBNull(6) ? null : rows.GetString(6));
                if (!before.AsSpan().SequenceEqual(rows.GetFieldValue<byte[]>(8)))
                {
                    return new LogCheck(count, pruned, revision, "It does not fit the row before.");
                }
            }

            return count == newest ? new LogCheck(count, pruned, null, null) : new LogCheck(count, pruned, count + 1, $"The log ends at revision {count}, but {newest} was written.");
        }
        catch (SqliteException e)
        {
            throw Explain(e, "read");
        }
    }

    /// <summary>Lets a test fill the disk. 0 lifts the limit.</summary>
    internal void LimitPages(int pages)
    {
        _pagesMax = pages;
        Execute(Writer(), $"PRAGMA max_page_count = {(pages == 0 ? int.MaxValue : pages)}");
    }

    public void Dispose()
    {
        Disconnect();
        using var pool = new SqliteConnection(_readers);
        SqliteConnection.ClearPool(pool);
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }

    private SqliteConnection Writer()
    {
        if (_writer is null)
        {
            Connect();
        }

        return _writer!;
    }

    private void Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _file,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        try
        {
            connection.Open();
            CheckVersion(connection);
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -16000;");
            if (_pagesMax > 0)
            {
                Execute(connection, $"PRAGMA max_page_count = {_pagesMax}");
            }

            using (var command = connection.CreateCommand())
            {
                command.CommandText = "SELECT revision, hash FROM log ORDER BY revision DESC LIMIT 1";
                using var rows = command.ExecuteReader();
                Head = rows.Read() ? (rows.GetInt64(0), rows.GetFieldValue<byte[]>(1)) : (0, Chain.Start);
            }

            PrunedThrough = (long)(Scalar(connection, "SELECT coalesce(max(revision), 0) FROM log WHERE entity IS NULL") ?? 0L);
            _writer = connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void CheckVersion(SqliteConnection connection)
    {
        var version = (long)Scalar(connection, "PRAGMA user_version")!;
        var application = (long)Scalar(connection, "PRAGMA application_id")!;
        if (version == 0 && application == 0 && (long)Scalar(connection, "SELECT count(*) FROM sqlite_master")! == 0)
        {
            // Either all of the schema is there or nothing, so that a crash at first start leaves a file to begin with.
            Execute(connection, $"BEGIN IMMEDIATE; {Schema} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {SchemaVersion}; COMMIT;");
        }
        else if (application != ApplicationId)
        {
            throw new StoreException("entities.database_foreign", $"{_file} is a database of another program.", "Name another file, or another data folder.", 503);
        }
        else if (version > SchemaVersion)
        {
            throw new StoreException(
                "entities.database_newer",
                $"{_file} was written by a newer version of Axle (schema {version}, this one knows {SchemaVersion}).",
                "Start that version again, or restore the backup made before the upgrade.",
                503);
        }
    }

    private void Disconnect()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private SqliteConnection Reader()
    {
        var connection = new SqliteConnection(_readers);
        connection.Open();
        return connection;
    }

    private List<Change> Read(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        try
        {
            using var connection = Reader();
            using var command = connection.CreateCommand();
            command.CommandText = text;
            foreach (var (name, value) in parameters)
            {
                command.Parameters.AddWithValue(name, value);
            }

            using var rows = command.ExecuteReader();
            var found = new List<Change>();
            while (rows.Read())
            {
                found.Add(ToChange(rows));
            }

            return found;
        }
        catch (SqliteException e)
        {
            throw Explain(e, "read");
        }
    }

    private static Change ToChange(SqliteDataReader row)
    {
        var which = EntityRef.Parse(row.GetString(4));
        var at = DateTimeOffset.Parse(row.GetString(1), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        var entity = row.IsDBNull(5)
            ? new Entity { ApiVersion = "", Kind = which.Kind, Metadata = new Metadata { Namespace = which.Namespace, Name = which.Name, Revision = row.GetInt64(0) } }
            : JsonSerializer.Deserialize(row.GetString(5), AxleJson.Default.Entity)!;
        return new Change(row.GetInt64(0), at, row.GetString(2), row.GetString(3), which, entity, row.IsDBNull(6) ? null : row.GetString(6));
    }

    private StoreException Explain(Exception e, string doing)
    {
        const int Busy = 5, Locked = 6, ReadOnly = 8, InputOutput = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;
        var code = (e as SqliteException)?.SqliteErrorCode;
        return code switch
        {
            Full => new StoreException("entities.disk_full", $"Cannot {doing} {_file}: the disk is full.", "Free some space; writing goes on by itself, without a restart.", 507, e),
            ReadOnly => new StoreException("entities.database_read_only", $"Cannot {doing} {_file}: it, or its folder, is read-only.", "Give the user that runs Axle the right to write there, or name another data folder.", 503, e),
            Corrupt or NotADatabase => new StoreException("entities.database_corrupt", $"Cannot {doing} {_file}: it is damaged ({e.Message}).", "Stop Axle, keep a copy of the file with its -wal and -shm, and restore the last backup.", 503, e),
            Busy or Locked => new StoreException("entities.database_locked", $"Cannot {doing} {_file}: another process holds it.", "Stop the other Axle server or tool that has this file open.", 503, e),
            CannotOpen => new StoreException("entities.database_unavailable", $"Cannot {doing} {_file}: it cannot be opened.", "Check that its folder exists and that the user that runs Axle may write there.", 503, e),
            InputOutput => new StoreException("entities.disk_error", $"Cannot {doing} {_file}: the disk reported an error ({e.Message}).", "Check the disk and the system's log.", 503, e),
            _ => new StoreException("entities.database_unavailable", $"Cannot {doing} {_file}: {e.Message}", "Check the file and its folder.", 503, e),
        };
    }
}
