using Npgsql;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>
/// Takes down what a database holds: each table's rows and a sum over them that does not depend on their order. Made so that
/// nothing of what people wrote into the database runs with the reader's rights: values are turned into text by their types' own
/// functions (no casts, which people can define), and views, which could stand where a table was, are closed.
/// </summary>
internal static class PgContents
{
    /// <summary>Of all tables of a database together; the biggest ones beyond it are counted only.</summary>
    public const long SummedBytesMax = 2L << 30;

    private const string Begin =
        """
        SET TRANSACTION READ ONLY;
        SET LOCAL statement_timeout = 0;
        SET LOCAL idle_in_transaction_session_timeout = 0;
        SET LOCAL restrict_nonsystem_relation_kind = 'view, foreign-table';
        SET LOCAL search_path = '';
        SET LOCAL row_security = off;
        SET LOCAL extra_float_digits = 3;
        SET LOCAL datestyle = 'ISO, YMD';
        SET LOCAL intervalstyle = 'postgres';
        SET LOCAL timezone = 'UTC';
        SET LOCAL bytea_output = 'hex';
        SET LOCAL xmloption = 'content';
        """;

    /// <summary>What belongs to extensions comes back with them, so it is in no dump.</summary>
    private const string TablesOf =
        """
        SELECT n.nspname, c.relname, pg_catalog.pg_table_size(c.oid)
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 3, 1, 2
        """;

    private const string ExtensionsOf =
        "SELECT e.extname, n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.oid";

    /// <summary>A transaction that sees one moment, and can be shared with a dump.</summary>
    public static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, stop);
        await using var settings = new NpgsqlCommand(Begin, connection, transaction);
        await settings.ExecuteNonQueryAsync(stop);
        return transaction;
    }

    /// <param name="expected">What to compare with: its tables that were only counted are only counted again.</param>
    public static async Task<Contents> ReadAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Contents? expected, CancellationToken stop)
    {
        // 1. Which there are.
        var found = new List<(string Schema, string Name, long Bytes)>();
        await using (var list = new NpgsqlCommand(TablesOf, connection, transaction))
        await using (var row = await list.ExecuteReaderAsync(stop))
        {
            while (await row.ReadAsync(stop))
            {
                found.Add((row.GetString(0), row.GetString(1), row.GetInt64(2)));
            }
        }

        var extensions = new List<ExtensionUse>();
        await using (var list = new NpgsqlCommand(ExtensionsOf, connection, transaction))
        await using (var row = await list.ExecuteReaderAsync(stop))
        {
            while (await row.ReadAsync(stop))
            {
                extensions.Add(new ExtensionUse(row.GetString(0), row.GetString(1)));
            }
        }

        await using var clock = new NpgsqlCommand("SELECT pg_catalog.now()", connection, transaction);
        var at = new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(stop))!);

        // 2. What is in them, small ones first.
        var countedOnly = expected?.Tables.Where(table => table.Sum is null).Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
        var (tables, bytes) = (new List<TableContents>(found.Count), 0L);
        foreach (var (schema, name, size) in found)
        {
            var full = $"{schema}.{name}";
            bytes += size;
            var summed = countedOnly is null ? bytes <= SummedBytesMax : !countedOnly.Contains(full);
            tables.Add(await TableAsync(connection, transaction, full, $"{PgText.Name(schema)}.{PgText.Name(name)}", summed, stop));
        }

        return new Contents { Tables = [.. tables.OrderBy(table => table.Name, StringComparer.Ordinal)], Extensions = extensions, At = at };
    }

    private static async Task<TableContents> TableAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string name, string quoted, bool summed, CancellationToken stop)
    {
        var sum = summed ? """coalesce(pg_catalog.sum(pg_catalog.hashtextextended(pg_catalog.record_out("row of this table")::pg_catalog.text, 0)::pg_catalog.numeric), 0)::pg_catalog.text""" : "NULL";
#pragma warning disable CA2100 // The table's name comes from the catalogue and is quoted.
        await using var command = new NpgsqlCommand($"SELECT pg_catalog.count(*), {sum} FROM ONLY {quoted} AS \"row of this table\"", connection, transaction);
#pragma warning restore CA2100
        await using var row = await command.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return new TableContents(name, row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1));
    }
}
