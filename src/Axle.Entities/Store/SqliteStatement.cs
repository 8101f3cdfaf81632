using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Axle.Entities.Store;

/// <summary>
/// A statement that is run for row after row: values by their place, texts in UTF-8. The provider's own commands look up each
/// parameter by its name and make objects for each value, which takes as long as writing a small row.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _utf8 = new byte[256];

    /// <param name="connection">Open; in a transaction already, so that nobody else holds the file.</param>
    /// <param name="text">SQL with <c>?</c> for values.</param>
    /// <exception cref="SqliteException">SQLite refuses the statement.</exception>
    public SqliteStatement(SqliteConnection connection, string text)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
    }

    /// <param name="place">From 1.</param>
    /// <param name="number">The value.</param>
    public void Bind(int place, long number) => Check(raw.sqlite3_bind_int64(_statement, place, number));

    public void Bind(int place, string? text)
    {
        if (text is null)
        {
            Check(raw.sqlite3_bind_null(_statement, place));
            return;
        }

        if (_utf8.Length < Encoding.UTF8.GetMaxByteCount(text.Length))
        {
            _utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        }

        BindText(place, _utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, _utf8)));
    }

    /// <param name="place">From 1.</param>
    /// <param name="utf8">The value.</param>
    public void BindText(int place, ReadOnlySpan<byte> utf8) => Check(raw.sqlite3_bind_text(_statement, place, utf8));

    public void BindBlob(int place, ReadOnlySpan<byte> bytes) => Check(raw.sqlite3_bind_blob(_statement, place, bytes));

    /// <summary>Runs it to its end; the values stay bound.</summary>
    /// <exception cref="SqliteException">Nothing of it was done.</exception>
    public void Run()
    {
        var result = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        if (result != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
