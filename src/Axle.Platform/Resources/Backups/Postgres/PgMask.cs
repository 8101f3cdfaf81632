using System.Globalization;
using System.Security.Cryptography;
using Axle.Contracts;
using Npgsql;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>
/// Replaces values in a database that nobody uses yet, in one transaction, as a login with the owner's rights only. Tables and
/// columns are looked up in the catalogue first, so that a rule for something that is not there is refused instead of passed over.
/// </summary>
internal static class PgMask
{
    private const int KeyBytes = 32;

    private static readonly string[] s_first = ["Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Ida", "John", "Karen", "Lynn", "Margaret", "Niklaus", "Radia"];
    private static readonly string[] s_last = ["Adler", "Baker", "Carter", "Dawson", "Ellis", "Fisher", "Gardner", "Hughes", "Irving", "Jensen", "Keller", "Lambert", "Mercer", "Norton", "Osborn", "Parker"];

    /// <param name="Type">As the catalogue spells it, with its bounds.</param>
    /// <param name="IsText">Of a type that holds text.</param>
    internal sealed record Column(string Name, string Type, bool IsText, bool NotNull, bool Generated);

    /// <returns>How many values were replaced.</returns>
    public static async Task<Result<long>> RunAsync(NpgsqlConnection connection, IReadOnlyList<MaskRule> rules, CancellationToken stop)
    {
        var (problems, masked) = (new List<Problem>(), 0L);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await PgScratch.RunAsync(connection, "SET LOCAL statement_timeout = 0; SET LOCAL search_path = public", stop);

        // The key is forgotten with this call, so nobody can find out by trying what a hash was made of.
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));
        foreach (var table in rules.GroupBy(rule => rule.Table, StringComparer.Ordinal))
        {
            // 1. Is everything there that the rules name, and of a type that they fit?
            var (name, columns) = await FindAsync(connection, table.Key, stop);
            if (name is null)
            {
                problems.Add(new Problem("there is no such table", Path: table.Key));
                continue;
            }

            var wrong = table.Select(rule => Wrong(rule, columns)).OfType<Problem>().ToList();
            problems.AddRange(wrong);
            if (problems.Count > 0)
            {
                continue;
            }

            // 2. Without its triggers: one that keeps old values elsewhere would keep the unmasked ones.
            var triggers = await TriggersAsync(connection, name, stop);
            await SwitchAsync(connection, name, triggers, on: false, stop);
            foreach (var rule in table)
            {
                masked += await ApplyAsync(connection, Statement(name, columns.First(column => column.Name == rule.Column), rule), rule.Value ?? key, stop);
            }

            // Deferred checks wait for the end otherwise, and a table with waiting checks cannot get its triggers back.
            await PgScratch.RunAsync(connection, "SET CONSTRAINTS ALL IMMEDIATE", stop);
            await SwitchAsync(connection, name, triggers, on: true, stop);
        }

        if (problems.Count > 0)
        {
            await transaction.RollbackAsync(stop);
            return new MaskInvalid(problems);
        }

        // 3. Views that keep their rows kept the unmasked ones.
        foreach (var view in await TextsAsync(connection, "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND c.relispopulated AND n.nspname !~ '^pg_' ORDER BY c.oid", null, stop))
        {
            await PgScratch.RunAsync(connection, $"REFRESH MATERIALIZED VIEW {view}", stop);
        }

        await transaction.CommitAsync(stop);
        return masked;
    }

    /// <summary>Why a rule does not fit, or null. Pure.</summary>
    internal static Problem? Wrong(MaskRule rule, IReadOnlyList<Column> columns)
    {
        var path = $"{rule.Table}.{rule.Column}";
        return columns.FirstOrDefault(column => column.Name == rule.Column) switch
        {
            null => new Problem("there is no such column", Path: path),
            { Generated: true } => new Problem("is computed from other columns; mask those", Path: path),
            { NotNull: true } when rule.Rule == "null" => new Problem("must not be null; use another rule", Path: path),
            { IsText: false, Type: var type } when rule.Rule is "hash" or "email" or "name" => new Problem($"is {type}, and {rule.Rule} is for text; use null, fixed or shuffle", Path: path),
            _ => null,
        };
    }

    /// <summary>What replaces the values of a column; <c>$1</c> is the key, or the fixed value. Pure.</summary>
    internal static string Statement(string table, Column column, MaskRule rule)
    {
        var name = PgText.Name(column.Name);
        var hash = $"encode(sha256(convert_to($1::text || {name}::text, 'UTF8')), 'hex')";
        string Set(string value) => $"UPDATE {table} SET {name} = ({value})::{column.Type} WHERE {name} IS NOT NULL AND $1::text IS NOT NULL";
        return rule.Rule switch
        {
            "null" => Set("NULL"),
            "fixed" => Set("$1::text"),
            "hash" => Set(hash),
            "email" => Set($"'user-' || left({hash}, 16) || '@example.invalid'"),
            "name" => Set($"{Pick(s_first, 1)} || ' ' || {Pick(s_last, 9)}"),
            "shuffle" =>
                $"""
                UPDATE {table} AS masked SET {name} = given.value FROM (
                    SELECT place.part, place.at, other.value
                    FROM (SELECT tableoid AS part, ctid AS at, row_number() OVER () AS number FROM {table}) place
                    JOIN (SELECT {name} AS value, row_number() OVER (ORDER BY random()) AS number FROM {table} WHERE $1::text IS NOT NULL) other USING (number)) given
                WHERE masked.tableoid = given.part AND masked.ctid = given.at
                """,
            _ => throw new InvalidOperationException($"There is no rule {rule.Rule}."),
        };

        string Pick(string[] names, int digit) =>
            $"(ARRAY[{string.Join(", ", names.Select(PgText.Text))}])[1 + ('x' || substr({hash}, {digit.ToString(CultureInfo.InvariantCulture)}, 7))::bit(28)::int % {names.Length.ToString(CultureInfo.InvariantCulture)}]";
    }

    private static async Task<(string? Name, IReadOnlyList<Column> Columns)> FindAsync(NpgsqlConnection connection, string table, CancellationToken stop)
    {
        // A name without a schema is one of public; with one, it is split at the first dot.
        var dot = table.IndexOf('.', StringComparison.Ordinal);
        var (schema, bare) = dot < 0 ? ("public", table) : (table[..dot], table[(dot + 1)..]);
        await using var look = new NpgsqlCommand(
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typcategory = 'S', a.attnotnull, a.attgenerated <> ''
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
            WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            """,
            connection);
        look.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
        look.Parameters.Add(new NpgsqlParameter<string> { TypedValue = bare });
        var columns = new List<Column>();
        await using var row = await look.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            columns.Add(new Column(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4)));
        }

        return (columns.Count == 0 ? null : $"{PgText.Name(schema)}.{PgText.Name(bare)}", columns);
    }

    private static async Task<IReadOnlyList<(string Name, string Enable)>> TriggersAsync(NpgsqlConnection connection, string table, CancellationToken stop)
    {
        var listed = await TextsAsync(connection, "SELECT tgenabled::text || quote_ident(tgname) FROM pg_trigger WHERE tgrelid = $1::text::regclass AND NOT tgisinternal AND tgenabled <> 'D'", table, stop);
        return [.. listed.Select(one => (one[1..], one[0] switch { 'A' => "ENABLE ALWAYS", 'R' => "ENABLE REPLICA", _ => "ENABLE" }))];
    }

    private static async Task SwitchAsync(NpgsqlConnection connection, string table, IReadOnlyList<(string Name, string Enable)> triggers, bool on, CancellationToken stop)
    {
        foreach (var (name, enable) in triggers)
        {
            await PgScratch.RunAsync(connection, $"ALTER TABLE {table} {(on ? enable : "DISABLE")} TRIGGER {name}", stop);
        }
    }

    private static async Task<int> ApplyAsync(NpgsqlConnection connection, string statement, string value, CancellationToken stop)
    {
#pragma warning disable CA2100 // Names are those of the catalogue, quoted; what the person wrote is the parameter.
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = value });
        return await command.ExecuteNonQueryAsync(stop);
    }

    private static async Task<IReadOnlyList<string>> TextsAsync(NpgsqlConnection connection, string question, string? parameter, CancellationToken stop)
    {
#pragma warning disable CA2100 // A constant of the caller.
        await using var command = new NpgsqlCommand(question, connection);
#pragma warning restore CA2100
        if (parameter is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = parameter });
        }

        var texts = new List<string>();
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            texts.Add(row.GetString(0));
        }

        return texts;
    }
}
