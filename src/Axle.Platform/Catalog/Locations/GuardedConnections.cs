using System.Net;
using System.Net.Sockets;
using Axle.Platform.Http;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// Connects to public addresses, and to hosts that an administrator named. Each connection is checked where it is made, so that
/// neither a redirect nor a name that changes its address leads elsewhere.
/// </summary>
internal sealed class GuardedConnections(IOptions<CatalogOptions> options, IOptions<IntegrationsOptions> integrations)
{
    private readonly HashSet<string> _allowed = new(
        [.. options.Value.ReadingAllow, .. All(integrations.Value).SelectMany(Named)],
        StringComparer.OrdinalIgnoreCase);

    public SocketsHttpHandler Handler(int redirects) => new()
    {
        UseCookies = false,
        UseProxy = false,
        AllowAutoRedirect = redirects > 0,
        MaxAutomaticRedirections = Math.Max(1, redirects),
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = ConnectAsync,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = await Dns.GetHostAddressesAsync(host, stop);
        if (!_allowed.Contains(host) && !_allowed.Contains($"{host}:{port}") && !Array.TrueForAll(addresses, PublicAddress.Is))
        {
            throw new AddressRefusedException($"{host}:{port} is not a public address; an administrator can allow it with Catalog:ReadingAllow");
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

    private static IEnumerable<IntegrationOptions> All(IntegrationsOptions all) => [.. all.GitHub, .. all.GitLab, .. all.Gitea, .. all.BitbucketCloud];

    /// <summary>A host that is configured is one that the administrator wants to be read.</summary>
    private static IEnumerable<string> Named(IntegrationOptions one)
    {
        yield return one.Host;
        if (Uri.TryCreate(one.ApiBaseUrl, UriKind.Absolute, out var api))
        {
            yield return $"{api.Host}:{api.Port}";
        }
    }

    private sealed class AddressRefusedException(string message) : Exception(message);
}
