using System.Globalization;
using System.Net;
using Axle.Platform.Secrets;
using StackExchange.Redis;

namespace Axle.Platform.Resources.Redis;

/// <summary>Short visits to the Redis servers that Axle runs.</summary>
internal static class RedisServers
{
    private const int TimeoutMs = 3_000;

    /// <summary>Runs something on one connection and closes it.</summary>
    /// <exception cref="RedisException">The server does not answer, or refuses the login or the command.</exception>
    public static async Task<T> VisitAsync<T>(int port, string username, SecretValue password, Func<IServer, Task<T>> act)
    {
        var options = new ConfigurationOptions
        {
            User = username,
            Password = password.Reveal(),
            ConnectTimeout = TimeoutMs,
            AsyncTimeout = TimeoutMs,
            ConnectRetry = 1,
            AbortOnConnectFail = true,
            ClientName = "axle",
            SetClientLibrary = false,
            AllowAdmin = true,

            // A part of the library's own start-up that the users of applications may not do, and we do not need.
            ConfigurationChannel = "",
            TieBreaker = "",
            Protocol = RedisProtocol.Resp2,
        };
        options.EndPoints.Add(new IPEndPoint(IPAddress.Loopback, port));
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        return await act(connection.GetServer(options.EndPoints[0]));
    }

    /// <summary>Logs in and asks; null when that works, else the reason.</summary>
    public static async Task<string?> TryAsync(int port, string username, SecretValue password)
    {
        try
        {
            await VisitAsync(port, username, password, server => server.PingAsync());
            return null;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return e.Message.Split(['\n', ';'])[0];
        }
    }

    public static int Number(string? text) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
