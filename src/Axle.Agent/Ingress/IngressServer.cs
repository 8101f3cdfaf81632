using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Axle.Agent.Ingress;

/// <summary>
/// The ingress's own Kestrel. It shares nothing with the server of the agent's API, so neither can answer what was meant for the other.
/// </summary>
internal sealed class IngressServer : IIngress, IHostedService, IDisposable
{
    private readonly IngressOptions _options;
    private readonly ILogger<IngressServer> _log;
    private readonly RouteTable _routes;
    private readonly ServiceProvider _forwarderServices;
    private readonly Forwarding _forwarding;
    private readonly Http2Handover _http2;
    private readonly KestrelServer _server;
    private readonly KestrelServer _http2Server;
    private readonly int? _inherited;
    private int _port;

    public IngressServer(IOptions<IngressOptions> options, TimeProvider clock, ILoggerFactory loggers)
    {
        _options = options.Value;
        _port = _options.Port;
        _log = loggers.CreateLogger<IngressServer>();
        _routes = new(_options, clock);

        // YARP logs every request; a container of its own keeps that out whatever the host's filters say.
        _forwarderServices = new ServiceCollection().AddLogging().AddHttpForwarder().BuildServiceProvider();
        _forwarding = new(_routes, _forwarderServices.GetRequiredService<IHttpForwarder>(), _options, clock, _log);
        _inherited = _options.Descriptor ?? InheritedSocket.Take();
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions { UnsafePreferInlineScheduling = _options.InlineScheduling }), loggers);
        _http2 = new(_options.HeadersTimeout);
        _server = new(Options.Create(SocketOptions()), transport, loggers);
        _http2Server = new(Options.Create(Http2Options()), _http2, loggers);
    }

    public int Port => _port;

    public void Switch(string workloadId, RouteTarget target) => _routes.Switch(workloadId, target);

    public Task<bool> DrainAsync(string workloadId, IReadOnlyList<string> destinationIds, TimeSpan timeout, CancellationToken stop) =>
        _routes.DrainAsync(workloadId, destinationIds, timeout, stop);

    public void Remove(string workloadId) => _routes.Remove(workloadId);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var application = new IngressApplication(_forwarding, _log);
            await _http2Server.StartAsync(application, cancellationToken);
            await _server.StartAsync(application, cancellationToken);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"The ingress cannot listen on port {_options.Port}: {e.Message} Choose another with --ingress-port, or stop what uses it.", e);
        }

        if (_inherited is { } descriptor)
        {
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            _port = (socket.LocalEndPoint as IPEndPoint)?.Port ?? throw new InvalidOperationException($"Descriptor {descriptor} is no TCP socket.");
        }
        else if (_port == 0)
        {
            _port = new Uri(_server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()).Port;
        }

        _log.LogInformation("The ingress listens on port {Port}.", _port);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.StopTimeout);
        await Task.WhenAll(_server.StopAsync(limit.Token), _http2Server.StopAsync(limit.Token));
    }

    public void Dispose()
    {
        _server.Dispose();
        _http2Server.Dispose();
        _forwarding.Dispose();
        _forwarderServices.Dispose();
    }

    private KestrelServerOptions SocketOptions()
    {
        var kestrel = CommonOptions();
        if (_inherited is { } descriptor)
        {
            kestrel.ListenHandle((ulong)descriptor, Configure);
            return kestrel;
        }

        foreach (var address in Addresses())
        {
            kestrel.Listen(address, _options.Port, Configure);
        }

        return kestrel;

        void Configure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(_http2.Before);
        }
    }

    private KestrelServerOptions Http2Options()
    {
        var kestrel = CommonOptions();
        kestrel.Listen(_http2.EndPoint, listen => listen.Protocols = HttpProtocols.Http2);
        return kestrel;
    }

    private KestrelServerOptions CommonOptions()
    {
        var kestrel = new KestrelServerOptions
        {
            AddServerHeader = false,
            // As for the instances: bytes pass as they are.
            RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1,
            ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1,
        };
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = _options.BodyBytesMax;
        limits.MaxRequestHeadersTotalSize = _options.HeaderBytesMax;
        limits.MaxRequestHeaderCount = _options.HeadersMax;
        limits.MaxRequestLineSize = Math.Min(16 * 1024, _options.HeaderBytesMax);
        limits.MaxConcurrentConnections = _options.ConnectionsMax;
        limits.MaxConcurrentUpgradedConnections = _options.ConnectionsMax;
        limits.RequestHeadersTimeout = _options.HeadersTimeout;
        limits.KeepAliveTimeout = _options.KeepAliveTimeout;
        limits.MinRequestBodyDataRate = new(_options.SlowestBytesPerSecond, _options.SlowGrace);
        limits.MinResponseDataRate = new(_options.SlowestBytesPerSecond, _options.SlowGrace);
        return kestrel;
    }

    private List<IPAddress> Addresses()
    {
        List<IPAddress> addresses = [];
        foreach (var text in _options.Addresses.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var address = IPAddress.TryParse(text, out var parsed) ? parsed : throw new InvalidOperationException($"Ingress:Addresses: '{text}' is no IP address.");
            if (!address.Equals(IPAddress.IPv6Loopback) || HasIPv6Loopback())
            {
                addresses.Add(address);
            }
        }

        return _options.Port == 0 ? addresses[..1] : addresses;
    }

    private static bool HasIPv6Loopback()
    {
        if (!Socket.OSSupportsIPv6)
        {
            return false;
        }

        try
        {
            using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
