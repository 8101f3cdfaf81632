using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>The administrator's way into each PostgreSQL server that Axle runs, and everybody else's for a test.</summary>
internal sealed class PostgresServers(ServerAdmin admins) : IAsyncDisposable
{
    private const int PoolMax = 16;
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 60;

    private readonly ConcurrentDictionary<(EntityRef Server, int Port, string Database), Lazy<NpgsqlDataSource>> _sources = new();

    /// <summary>As administrator.</summary>
    /// <exception cref="InvalidOperationException">The server's own secret is not there or cannot be opened.</exception>
    public NpgsqlDataSource Admin(EntityRef server, int port, string database = "postgres") =>
        _sources.GetOrAdd((server, port, database), key => new Lazy<NpgsqlDataSource>(() => NpgsqlDataSource.Create(Address(port, database, ServerAdmin.User, admins.PasswordOf(server)).ConnectionString))).Value;

    /// <summary>Connections to a database that is about to go are in its way.</summary>
    public async Task ForgetAsync(EntityRef server, string database)
    {
        foreach (var key in _sources.Keys.Where(key => key.Server == server && key.Database == database))
        {
            if (_sources.TryRemove(key, out var source))
            {
                await source.Value.DisposeAsync();
            }
        }
    }

    /// <summary>One connection of one's own, for work that takes long or whose database goes away afterwards.</summary>
    public Task<NpgsqlConnection> OpenAsync(EntityRef server, int port, string database, CancellationToken stop) =>
        OpenAsync(port, database, ServerAdmin.User, admins.PasswordOf(server), stop);

    /// <summary>Likewise, as somebody else.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(int port, string database, string username, SecretValue password, CancellationToken stop)
    {
        var address = Address(port, database, username, password);
        (address.Pooling, address.CommandTimeout) = (false, 0);
        var connection = new NpgsqlConnection(address.ConnectionString);
        try
        {
            await connection.OpenAsync(stop);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Logs in and asks something; null when that works, else the reason.</summary>
    public static async Task<string?> TryAsync(int port, string database, string username, SecretValue password, string question, CancellationToken stop)
    {
        var address = Address(port, database, username, password);
        address.Pooling = false;
        var builder = new NpgsqlDataSourceBuilder(address.ConnectionString);

        // A login and one question: what types there are does not matter, and asking would show among the users' statements.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        await using var source = builder.Build();
        try
        {
            await using var connection = await source.OpenConnectionAsync(stop);
            await using var command = new NpgsqlCommand(question, connection);
            await command.ExecuteScalarAsync(stop);
            return null;
        }
        catch (PostgresException e)
        {
            return $"{e.MessageText} ({e.SqlState})";
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return e.InnerException?.Message ?? e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values.Where(source => source.IsValueCreated))
        {
            await source.Value.DisposeAsync();
        }
    }

    private static NpgsqlConnectionStringBuilder Address(int port, string database, string username, SecretValue password) => new()
    {
        Host = ServerWorkloads.Host,
        Port = port,
        Database = database,
        Username = username,
        Password = password.Reveal(),
        ApplicationName = "axle",
        MaxPoolSize = PoolMax,
        Timeout = ConnectSeconds,
        CommandTimeout = CommandSeconds,
        IncludeErrorDetail = false,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    };
}
