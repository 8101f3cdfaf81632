using Axle.Platform.Resources.Postgres;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>Runs a small command where a server's files are, as the server's own user, by way of the server.</summary>
internal static class PgShell
{
    /// <param name="servers">The administrator's way in.</param>
    /// <param name="place">Whose files.</param>
    /// <param name="command">Of constants and checked names only: a shell reads it.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task RunAsync(PostgresServers servers, PgPlace place, string command, CancellationToken stop)
    {
        await using var admin = await servers.OpenAsync(place.Server, place.Port, "postgres", stop);
        await PgScratch.RunAsync(admin, $"CREATE TEMP TABLE said (line text); COPY said FROM PROGRAM {PgText.Text(command)}", stop);
    }
}
