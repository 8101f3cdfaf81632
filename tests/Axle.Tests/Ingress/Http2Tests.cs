using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Axle.Tests.Ingress;

/// <summary>HTTP/2 without TLS ("prior knowledge"), on the same port as HTTP/1.1.</summary>
public sealed class Http2Tests : IDisposable
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = false });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Many_requests_share_a_connection_and_reach_an_instance_in_the_version_it_speaks()
    {
        await using var fixture = await IngressFixture.StartAsync();
        fixture.Route("shop", await fixture.InstanceAsync("a", context =>
            context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Host} {context.Features.Get<IHttpRequestFeature>()!.RawTarget} {context.Request.Headers["X-Forwarded-Host"]}", Stop)));
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
        {
            using var response = await SendAsync(fixture, $"/a%2Fb?{i}");
            Assert.Equal(HttpVersion.Version20, response.Version);
            return await response.Content.ReadAsStringAsync(Stop);
        }));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"HTTP/1.1 shop.localhost /a%2Fb?{i} shop.localhost"), answers);
    }

    [Fact]
    public async Task After_a_switch_the_same_connection_reaches_the_new_instance_only()
    {
        await using var fixture = await IngressFixture.StartAsync();
        var old = await fixture.InstanceAsync("old", context => context.Response.WriteAsync("old", Stop));
        var next = await fixture.InstanceAsync("new", context => context.Response.WriteAsync("new", Stop));
        fixture.Route("shop", old);
        using var before = await SendAsync(fixture, "/");
        Assert.Equal("old", await before.Content.ReadAsStringAsync(Stop));
        fixture.Route("shop", next);
        Assert.True(await fixture.Ingress.DrainAsync("shop", ["old"], TimeSpan.FromSeconds(5), Stop));
        using var after = await SendAsync(fixture, "/");
        Assert.Equal("new", await after.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Grpc_streams_both_ways_with_its_trailers()
    {
        await using var fixture = await IngressFixture.StartAsync(options => (options.ActivityTimeout, options.SlowGrace) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(1100)));
        var instance = await fixture.InstanceAsync(
            "a",
            async context =>
            {
                context.Response.ContentType = "application/grpc";
                var buffer = new byte[64];
                int read;
                while ((read = await context.Request.Body.ReadAsync(buffer, Stop)) > 0)
                {
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), Stop);
                    await context.Response.Body.FlushAsync(Stop);
                }

                context.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2);
        fixture.Route("shop", instance);

        var messages = Channel.CreateUnbounded<string>();
        using var request = Request(fixture, "/greet.Greeter/SayHello", HttpMethod.Post);
        request.Content = new Messages(messages.Reader);
        request.Headers.TE.ParseAdd("trailers");
        messages.Writer.TryWrite("hello");
        using var response = await _client.SendAsync(request, Stop);
        await using var answer = await response.Content.ReadAsStreamAsync(Stop);
        var received = new byte[64];
        foreach (var text in (string[])["hello", "again"])
        {
            Assert.Equal(text, Encoding.ASCII.GetString(received, 0, await answer.ReadAsync(received, Stop)));

            // Longer than an ordinary request may be silent, and slower than an ordinary body may be.
            await Task.Delay(1600, Stop);
            messages.Writer.TryWrite("again");
        }

        messages.Writer.Complete();
        while (await answer.ReadAsync(received, Stop) > 0)
        {
        }

        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    [Fact]
    public async Task A_web_socket_opens_over_http2()
    {
        await using var fixture = await IngressFixture.StartAsync();
        fixture.Route("shop", await fixture.InstanceAsync("a", async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            var received = await socket.ReceiveAsync(buffer, Stop);
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, true, Stop);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        }));
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = HttpVersion.Version20;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.Options.SetRequestHeader("Host", "shop.localhost");
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{fixture.Ingress.Port}/chat"), _client, Stop);
        await client.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Stop);
        var received = new byte[64];
        var message = await client.ReceiveAsync(received, Stop);
        Assert.Equal("hello", Encoding.ASCII.GetString(received, 0, message.Count));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        await using var fixture = await IngressFixture.StartAsync(options => options.BodyBytesMax = 1024 * 1024);
        fixture.Route("shop", await fixture.InstanceAsync("a", async context => await context.Request.Body.CopyToAsync(Stream.Null, Stop)));
        using var request = Request(fixture, "/", HttpMethod.Post);
        request.Content = new StreamContent(new MemoryStream(new byte[2 * 1024 * 1024]));
        request.Content.Headers.ContentLength = null;
        using var response = await _client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("P", "OST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")]
    [InlineData("PR", "OPFIND / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("PRI", "NT / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("G", "ET / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("\r", "\nGET / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")]
    public async Task The_first_bytes_may_come_one_by_one(string first, string rest)
    {
        await using var fixture = await IngressFixture.StartAsync();
        fixture.Route("shop", await fixture.InstanceAsync("a", _ => Task.CompletedTask));
        using var client = await ConnectAsync(fixture);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(first), Stop);
        await Task.Delay(30, Stop);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(rest), Stop);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PRI")]
    public async Task Who_says_nothing_is_hung_up_on(string first)
    {
        await using var fixture = await IngressFixture.StartAsync(options => options.HeadersTimeout = TimeSpan.FromMilliseconds(200));
        using var client = await ConnectAsync(fixture);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(first), Stop);
        Assert.Equal(0, await ReadOrResetAsync(stream));
    }

    [Fact]
    public async Task Its_connections_end_with_the_ingress()
    {
        var fixture = await IngressFixture.StartAsync();
        await using (fixture)
        {
            fixture.Route("shop", await fixture.InstanceAsync("a", _ => Task.CompletedTask));
            using var response = await SendAsync(fixture, "/");
        }

        using var request = Request(fixture, "/");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _client.SendAsync(request, Stop));
    }

    private static async Task<int> ReadOrResetAsync(NetworkStream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[1], Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Stop);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task<TcpClient> ConnectAsync(IngressFixture fixture)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, fixture.Ingress.Port, Stop);
        return client;
    }

    private async Task<HttpResponseMessage> SendAsync(IngressFixture fixture, string path)
    {
        using var request = Request(fixture, path);
        return await _client.SendAsync(request, Stop);
    }

    private static HttpRequestMessage Request(IngressFixture fixture, string path, HttpMethod? method = null)
    {
        var request = fixture.Request("shop.localhost", path, method);
        (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
        return request;
    }

    /// <summary>A body that is sent while the answer comes.</summary>
    private sealed class Messages : HttpContent
    {
        private readonly ChannelReader<string> _messages;

        public Messages(ChannelReader<string> messages)
        {
            _messages = messages;
            Headers.ContentType = new("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await foreach (var message in _messages.ReadAllAsync(Stop))
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(message), Stop);
                await stream.FlushAsync(Stop);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
