using System.Globalization;
using MySqlConnector;

namespace Axle.Platform.Resources.Backups.MariaDb;

/// <summary>Looks at every table of a database at one moment: its rows, and a sum over them that does not depend on their order.</summary>
internal static class MariaContents
{
    /// <summary>Of all tables together that are summed up; the smallest come first, and the rest is counted only.</summary>
    private const long SummedBytesMax = 2L << 30;

    /// <summary>Settings under which equal values look equal, and a view of one moment.</summary>
    private const string Begin =
        "SET SESSION time_zone = '+00:00', sql_mode = '', max_statement_time = 0; SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT";

    /// <summary>Only what a snapshot holds still: tables of other engines are dumped and not compared.</summary>
    private const string TablesOf =
        "SELECT table_name, coalesce(data_length, 0) FROM information_schema.tables WHERE table_schema = @database AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND engine = 'InnoDB' ORDER BY 2, 1";

    private const string ColumnsOf =
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = @database AND table_name = @table ORDER BY ordinal_position";

    private static readonly string[] s_shapes = ["geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection"];

    public static Task BeginAsync(MySqlConnection connection, CancellationToken stop) => RunAsync(connection, Begin, stop);

    /// <param name="connection">In a snapshot, see <see cref="BeginAsync"/>.</param>
    /// <param name="database">Its name.</param>
    /// <param name="expected">What to compare with: its tables that were only counted are only counted again.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<Contents> ReadAsync(MySqlConnection connection, string database, Contents? expected, CancellationToken stop)
    {
        // 1. Which there are.
        var at = new DateTimeOffset((DateTime)(await Command(connection, "SELECT utc_timestamp(3)").ExecuteScalarAsync(stop))!, TimeSpan.Zero);
        var found = new List<(string Name, long Bytes)>();
        await using (var row = await Command(connection, TablesOf, ("@database", database)).ExecuteReaderAsync(stop))
        {
            while (await row.ReadAsync(stop))
            {
                found.Add((row.GetString(0), Convert.ToInt64(row.GetValue(1), CultureInfo.InvariantCulture)));
            }
        }

        // 2. What is in them, small ones first.
        var countedOnly = expected?.Tables.Where(table => table.Sum is null).Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
        var (tables, bytes) = (new List<TableContents>(found.Count), 0L);
        foreach (var (name, size) in found)
        {
            bytes += size;
            var summed = countedOnly is null ? bytes <= SummedBytesMax : !countedOnly.Contains(name);
            tables.Add(await TableAsync(connection, database, name, summed, stop));
        }

        return new Contents { Tables = [.. tables.OrderBy(table => table.Name, StringComparer.Ordinal)], At = at };
    }

    /// <summary>A name of the catalogue, quoted.</summary>
    public static string Name(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    public static async Task RunAsync(MySqlConnection connection, string statements, CancellationToken stop)
    {
        await using var command = Command(connection, statements);
        await command.ExecuteNonQueryAsync(stop);
    }

    private static async Task<TableContents> TableAsync(MySqlConnection connection, string database, string name, bool summed, CancellationToken stop)
    {
        var columns = new List<string>();
        await using (var row = await Command(connection, ColumnsOf, ("@database", database), ("@table", name)).ExecuteReaderAsync(stop))
        {
            while (await row.ReadAsync(stop))
            {
                var value = s_shapes.Contains(row.GetString(1)) ? $"st_aswkb({Name(row.GetString(0))})" : $"cast({Name(row.GetString(0))} AS BINARY)";
                columns.Add($"ifnull(concat(length({value}), ':', {value}), '-')");
            }
        }

        var sum = summed ? $"coalesce(sum(cast(conv(left(md5(concat({string.Join(", ", columns)})), 15), 16, 10) AS UNSIGNED)), 0)" : "NULL";
        await using var found = await Command(connection, $"SELECT count(*), {sum} FROM {Name(database)}.{Name(name)}").ExecuteReaderAsync(stop);
        await found.ReadAsync(stop);
        return new TableContents(name, found.GetInt64(0), found.IsDBNull(1) ? null : Convert.ToString(found.GetValue(1), CultureInfo.InvariantCulture));
    }

    private static MySqlCommand Command(MySqlConnection connection, string text, params ReadOnlySpan<(string Name, string Value)> parameters)
    {
#pragma warning disable CA2100 // Names come from the catalogue and are quoted; values are parameters.
        var command = new MySqlCommand(text, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
