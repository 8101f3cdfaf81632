using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>Extensions of a database: those that its claim names are there, those that it named before are gone unless something uses them.</summary>
internal static class PostgresExtensions
{
    /// <summary>Everybody has it; it is not ours to remove.</summary>
    private const string Language = "plpgsql";

    public static async Task<Error?> EnsureAsync(NpgsqlDataSource database, PostgresParams asked, Claim claim, CancellationToken stop)
    {
        var before = claim.Status.ReadyAt is not null && PostgresParams.Read(claim.Spec with { Params = claim.Status.Params }).TryGet(out var known, out _) ? known.Extensions : [];
        if (asked.Extensions.Count == 0 && before.Count == 0)
        {
            return null;
        }

        var installed = await NamesAsync(database, "SELECT extname FROM pg_extension", stop);
        var available = await NamesAsync(database, "SELECT name FROM pg_available_extensions", stop);
        if (asked.Extensions.Except(available).ToList() is { Count: > 0 } missing)
        {
            return new Error(
                "resources.extension_missing",
                $"This PostgreSQL has no extension {string.Join(", ", missing)}; it has {string.Join(", ", available.Order(StringComparer.Ordinal))}.",
                "Install its Debian package, or leave it out of params.extensions.",
                422);
        }

        foreach (var name in asked.Extensions.Except(installed))
        {
            await PostgresDriver.ExecuteAsync(database, $"CREATE EXTENSION IF NOT EXISTS \"{name}\" CASCADE", stop);
        }

        foreach (var name in before.Except(asked.Extensions).Intersect(installed).Where(name => name != Language))
        {
            try
            {
                await PostgresDriver.ExecuteAsync(database, $"DROP EXTENSION IF EXISTS \"{name}\"", stop);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DependentObjectsStillExist)
            {
                return new Error("resources.extension_used", $"The extension {name} is still used in {claim.Ref.Name}: {e.Detail}.", "Keep it in params.extensions, or remove what uses it first.", 409);
            }
        }

        return null;
    }

    private static async Task<List<string>> NamesAsync(NpgsqlDataSource database, string question, CancellationToken stop)
    {
#pragma warning disable CA2100 // Both questions are constants above.
        await using var command = database.CreateCommand(question);
#pragma warning restore CA2100
        await using var row = await command.ExecuteReaderAsync(stop);
        var names = new List<string>();
        while (await row.ReadAsync(stop))
        {
            names.Add(row.GetString(0));
        }

        return names;
    }
}
