using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using MySqlConnector;

namespace Axle.Platform.Resources.MariaDb;

/// <summary>The administrator's way into each MariaDB server that Axle runs, and everybody else's for a test.</summary>
internal sealed class MariaServers(ServerAdmin admins) : IAsyncDisposable
{
    private const uint PoolMax = 8;
    private const uint ConnectSeconds = 5;
    private const uint CommandSeconds = 60;

    private readonly ConcurrentDictionary<(EntityRef Server, int Port), Lazy<MySqlDataSource>> _sources = new();

    /// <summary>As administrator.</summary>
    /// <exception cref="InvalidOperationException">The server's own secret is not there or cannot be opened.</exception>
    public MySqlDataSource Admin(EntityRef server, int port) =>
        _sources.GetOrAdd((server, port), key => new Lazy<MySqlDataSource>(() => new MySqlDataSource(Address(port, "", ServerAdmin.User, admins.PasswordOf(server), pooling: true)))).Value;

    /// <summary>Logs in and asks something whose answer must be true; null when it is, else the reason.</summary>
    public static async Task<string?> TryAsync(int port, string database, string username, SecretValue password, string question, CancellationToken stop)
    {
        try
        {
            await using var connection = new MySqlConnection(Address(port, database, username, password, pooling: false));
            await connection.OpenAsync(stop);
            await using var command = new MySqlCommand(question, connection);
            return Convert.ToInt64(await command.ExecuteScalarAsync(stop), System.Globalization.CultureInfo.InvariantCulture) != 0 ? null : "it lacks rights on its database";
        }
        catch (MySqlException e)
        {
            return e.Message;
        }
    }

    /// <summary>Statements that are made of names go through here; every name has letters, digits and <c>_</c> only.</summary>
    public static async Task ExecuteAsync(MySqlDataSource admin, string statement, CancellationToken stop)
    {
#pragma warning disable CA2100 // See above; what people write is always a parameter.
        await using var command = admin.CreateCommand(statement);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Ends every session of a user; it cannot begin another one when its account is locked before.</summary>
    public static async Task EndSessionsAsync(MySqlDataSource admin, string username, CancellationToken stop)
    {
        var sessions = new List<long>();
        await using (var command = admin.CreateCommand("SELECT id FROM information_schema.processlist WHERE user = @user"))
        {
            command.Parameters.Add(new MySqlParameter("@user", username));
            await using var row = await command.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                sessions.Add(row.GetInt64(0));
            }
        }

        foreach (var session in sessions)
        {
            try
            {
                await ExecuteAsync(admin, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"KILL CONNECTION {session}"), stop);
            }
            catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.NoSuchThread)
            {
                // It ended by itself.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values.Where(source => source.IsValueCreated))
        {
            await source.Value.DisposeAsync();
        }
    }

    private static string Address(int port, string database, string username, SecretValue password, bool pooling) => new MySqlConnectionStringBuilder
    {
        Server = ServerWorkloads.Host,
        Port = (uint)port,
        Database = database,
        UserID = username,
        Password = password.Reveal(),
        ApplicationName = "axle",
        Pooling = pooling,
        MaximumPoolSize = PoolMax,
        ConnectionTimeout = ConnectSeconds,
        DefaultCommandTimeout = CommandSeconds,
        SslMode = MySqlSslMode.Disabled,

        // The address of a user, as in a@'127.0.0.1', looks like one to the library.
        AllowUserVariables = true,
    }.ConnectionString;
}
