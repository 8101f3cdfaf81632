using System.Net;
using System.Net.Sockets;
using Axle.Agent.Ingress;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axle.Tests.Ingress;

/// <summary>An ingress on a free port, with real instances behind it and a client in front.</summary>
public sealed class IngressFixture : IAsyncDisposable
{
    private readonly List<WebApplication> _instances = [];
    private readonly IngressServer _server;

    private IngressFixture(IngressServer server) => _server = server;

    public IIngress Ingress => _server;

    public HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });

    public static async Task<IngressFixture> StartAsync(Action<IngressOptions>? configure = null)
    {
        var options = new IngressOptions { Port = 0 };
        configure?.Invoke(options);
        var server = new IngressServer(Options.Create(options), TimeProvider.System, NullLoggerFactory.Instance);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new(server);
    }

    /// <summary>A real server on a free port.</summary>
    public async Task<Instance> InstanceAsync(string id, RequestDelegate handle, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var instance = new Instance(id);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = protocols);
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(async context =>
        {
            instance.Count();
            await handle(context);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        _instances.Add(app);
        instance.Destination = new(id, new Uri(app.Urls.First()).Port);
        return instance;
    }

    public void Route(string workload, params IEnumerable<Instance> instances) =>
        Ingress.Switch(workload, new([$"{workload}.localhost"], [.. instances.Select(instance => instance.Destination)], null, null));

    public HttpRequestMessage Request(string host, string path = "/", HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"http://127.0.0.1:{Ingress.Port}{path}");
        request.Headers.Host = host;
        return request;
    }

    public Task<HttpResponseMessage> GetAsync(string host, string path = "/") => Client.SendAsync(Request(host, path), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    /// <summary>Bytes as they are, for what no HTTP client would send; reads until the server closes.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Ingress.Port, TestContext.Current.CancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A port that refuses connections: it was free a moment ago.</summary>
    public static int RefusingPort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(10), $"Waited 10 s for: {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.StopAsync(new CancellationToken(canceled: true));
        _server.Dispose();
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }
    }
}

/// <summary>One real upstream server, and how many requests reached it.</summary>
public sealed class Instance(string id)
{
    private int _requests;

    public Destination Destination { get; set; } = new(id, 0);

    public int Requests => Volatile.Read(ref _requests);

    public void Count() => Interlocked.Increment(ref _requests);
}
