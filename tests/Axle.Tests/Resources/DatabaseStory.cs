using System.Data.Common;
using System.Globalization;

namespace Axle.Tests.Resources;

/// <summary>A story about databases: consumers speak SQL, whichever server it is.</summary>
public abstract class DatabaseStory(ResourceHouse house, ITestOutputHelper output) : ResourceStory(house, output)
{
    private const string Question = "SELECT word FROM t LIMIT 1";

    /// <summary>Of nobody's pool; not open yet.</summary>
    protected abstract DbConnection Connection(Given given);

    protected async Task<DbConnection> ConnectAsync(Given given)
    {
        var connection = Connection(given);
        try
        {
            await connection.OpenAsync(Stop);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    protected async Task<string?> AskAsync(Given given, string sql)
    {
        await using var connection = await ConnectAsync(given);
        return await AskAsync(connection, sql);
    }

    protected override async Task<string?> LoginAsync(Given given)
    {
        try
        {
            await AskAsync(given, "SELECT 1");
            return null;
        }
        catch (DbException e)
        {
            return e.Message;
        }
    }

    protected override Task WriteAsync(Given given) => AskAsync(given, "CREATE TABLE IF NOT EXISTS t (word VARCHAR(20)); INSERT INTO t VALUES ('größe')");

    protected override async Task<bool> ReadAsync(Given given) => await AskAsync(given, Question) is "größe";

    protected override async Task<Session> OpenAsync(Given given)
    {
        var connection = await ConnectAsync(given);
        return new Session(
            async () =>
            {
                try
                {
                    return await AskAsync(connection, Question) is "größe";
                }
                catch (Exception e) when (e is DbException or InvalidOperationException)
                {
                    return false;
                }
            },
            connection.DisposeAsync);
    }

    private static async Task<string?> AskAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Statements of these tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToString(await command.ExecuteScalarAsync(Stop), CultureInfo.InvariantCulture);
    }
}
