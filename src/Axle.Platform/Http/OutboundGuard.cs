using System.Net;
using System.Net.Sockets;

namespace Axle.Platform.Http;

/// <summary>
/// Lets connections out to public addresses, and to hosts that an administrator named. Each connection is checked where it is
/// made, so that neither a redirect nor a name that changes its address leads elsewhere.
/// </summary>
/// <param name="setting">Which setting allows others, for the refusal.</param>
/// <param name="allowed"><c>host</c> or <c>host:port</c>.</param>
public sealed class OutboundGuard(string setting, IReadOnlyList<string> allowed)
{
    /// <summary>Whether a host may be reached whatever its address is.</summary>
    public bool Allows(string host, int port) =>
        allowed.Contains(host, StringComparer.OrdinalIgnoreCase) || allowed.Contains($"{host}:{port}", StringComparer.OrdinalIgnoreCase);

    /// <summary>A handler whose every connection goes through the guard; without cookies, without a proxy.</summary>
    public SocketsHttpHandler Handler() => new()
    {
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = ConnectAsync,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, stop);
        if (!Allows(host, port) && !Array.TrueForAll(addresses, PublicAddress.Is))
        {
            throw new AddressRefusedException($"{host}:{port} is not a public address; an administrator can allow it with {setting}");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The guard lets no connection to this host out. An HTTP request fails with it as the inner exception.</summary>
public sealed class AddressRefusedException(string message) : Exception(message);
