using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Axle.Agent.Ingress;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Axle.Tests.Ingress;

public sealed class ForwardingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("shop.localhost", 200)]
    [InlineData("SHOP.LocalHost", 200)]
    [InlineData("shop.localhost:7480", 200)]
    [InlineData("shop.localhost.", 200)]
    [InlineData("shop.localhost.:80", 200)]
    [InlineData("shop.localhost..", 404)]
    [InlineData("xshop.localhost", 404)]
    [InlineData("localhost", 404)]
    [InlineData("[::1]:80", 404)]
    public async Task A_host_leads_to_its_workload(string host, int status)
    {
        await using var fixture = await IngressFixture.StartAsync();
        fixture.Route("shop", await fixture.InstanceAsync("a", _ => Task.CompletedTask));
        var answer = await fixture.RawAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_is_told_who_asked_by_the_ingress_only()
    {
        await using var fixture = await IngressFixture.StartAsync();
        fixture.Route("shop", await fixture.InstanceAsync("a", context =>
            context.Response.WriteAsJsonAsync(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), Stop)));
        using var request = fixture.Request("Shop.localhost:81");
        foreach (var name in (string[])["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Real-IP", "Forwarded", "Proxy"])
        {
            request.Headers.TryAddWithoutValidation(name, "forged");
        }

        request.Headers.TryAddWithoutValidation("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.TryAddWithoutValidation("X-Custom", "kept");
        using var response = await fixture.Client.SendAsync(request, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(text)!;
        Assert.DoesNotContain("forged", text, StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.Equal("Shop.localhost:81", headers["X-Forwarded-Host"]);
        Assert.Equal("http", headers["X-Forwarded-Proto"]);
        Assert.Equal("Shop.localhost:81", headers["Host"]);
        Assert.Equal("kept", headers["X-Custom"]);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", headers["traceparent"]);
    }

    [Theory]
    [InlineData("/a%7Eb/~c?q=%7E&r=a+b%20c")]
    [InlineData("/a%2Fb//c/./%2e%2e/d")]
    [InlineData("/[x]|y\"<>?{}")]
    public async Task A_path_passes_as_it_is(string target)
    {
        await using var fixture = await IngressFixture.StartAsync();
        fixture.Route("shop", await fixture.InstanceAsync("a", context => context.Response.WriteAsync(context.Features.Get<IHttpRequestFeature>()!.RawTarget, Stop)));
        var answer = await fixture.RawAsync($"GET {target} HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n");
        Assert.Contains(target, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /a\rX-Smuggled:1 HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /a\t HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /a\u007f HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 4\r\nTransfer-Encoding: gzip, identity\r\nConnection: close\r\n\r\nabcd")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("CONNECT shop.localhost:80 HTTP/1.1\r\nHost: shop.localhost:80\r\nConnection: close\r\n\r\n")]
    public async Task A_dangerous_request_never_reaches_an_instance(string request)
    {
        await using var fixture = await IngressFixture.StartAsync();
        var instance = await fixture.InstanceAsync("a", _ => Task.CompletedTask);
        fixture.Route("shop", instance);
        Assert.StartsWith("HTTP/1.1 4", await fixture.RawAsync(request), StringComparison.Ordinal);
        Assert.Equal(0, instance.Requests);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_on_another_instance_with_its_body()
    {
        await using var fixture = await IngressFixture.StartAsync();
        var alive = await fixture.InstanceAsync("alive", async context => await context.Request.Body.CopyToAsync(context.Response.Body, Stop));
        fixture.Ingress.Switch("shop", new(["shop.localhost"], [new("dead", IngressFixture.RefusingPort()), alive.Destination, new("dead2", IngressFixture.RefusingPort())], null, null));
        for (var i = 0; i < 20; i++)
        {
            using var request = fixture.Request("shop.localhost", "/", HttpMethod.Post);
            request.Content = new StringContent($"body {i}");
            using var response = await fixture.Client.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal($"body {i}", await response.Content.ReadAsStringAsync(Stop));
        }
    }

    [Fact]
    public async Task Nothing_that_was_sent_is_sent_twice()
    {
        await using var fixture = await IngressFixture.StartAsync();
        var breaking = await fixture.InstanceAsync("a", context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        var other = await fixture.InstanceAsync("b", context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        fixture.Route("shop", breaking, other);
        using var request = fixture.Request("shop.localhost", "/", HttpMethod.Post);
        request.Content = new StringContent("pay");
        using var response = await fixture.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(1, breaking.Requests + other.Requests);
    }

    [Fact]
    public async Task A_client_is_told_what_failed_and_no_internals()
    {
        await using var fixture = await IngressFixture.StartAsync();
        var port = IngressFixture.RefusingPort();
        fixture.Ingress.Switch("shop-internal-id", new(["shop.localhost"], [new("dead-instance", port)], null, null));
        fixture.Ingress.Switch("off", new(["off.localhost"], [], null, new(503, "Asleep <now>", "It starts at \"eight\".")));

        using var refused = await fixture.GetAsync("shop.localhost");
        var text = await refused.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.Equal("ingress.refused", JsonDocument.Parse(text).RootElement.GetProperty("code").GetString());
        Assert.DoesNotContain($"{port}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("internal-id", text, StringComparison.Ordinal);
        Assert.DoesNotContain("dead-instance", text, StringComparison.Ordinal);

        using var asked = fixture.Request("off.localhost");
        asked.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
        using var off = await fixture.Client.SendAsync(asked, Stop);
        var page = await off.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, off.StatusCode);
        Assert.NotNull(off.Headers.RetryAfter);
        Assert.Equal("text/html", off.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Asleep &lt;now&gt;", page, StringComparison.Ordinal);
        Assert.Contains("light dark", page, StringComparison.Ordinal);

        using var unknown = await fixture.GetAsync("other.localhost");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.DoesNotContain("shop", await unknown.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_that_says_nothing_for_too_long_is_given_up()
    {
        await using var fixture = await IngressFixture.StartAsync(options => options.ActivityTimeout = TimeSpan.FromMilliseconds(200));
        fixture.Route("shop", await fixture.InstanceAsync("a", context => Task.Delay(Timeout.Infinite, context.RequestAborted)));
        using var response = await fixture.GetAsync("shop.localhost");
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_beyond_the_limit_is_refused(bool lengthKnown)
    {
        await using var fixture = await IngressFixture.StartAsync(options => options.BodyBytesMax = 1024 * 1024);
        var instance = await fixture.InstanceAsync("a", async context => await context.Request.Body.CopyToAsync(Stream.Null, Stop));
        fixture.Route("shop", instance);
        using var request = fixture.Request("shop.localhost", "/", HttpMethod.Post);
        request.Content = new ByteArrayContent(new byte[1024 * 1024 + 1]);
        request.Headers.TransferEncodingChunked = !lengthKnown;
        request.Headers.ExpectContinue = true;
        using var response = await fixture.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("At most 1 MB", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_body_passes_both_ways()
    {
        await using var fixture = await IngressFixture.StartAsync();
        fixture.Route("shop", await fixture.InstanceAsync("a", async context =>
        {
            // All of it first: an answer that begins before its request has ended may wait for it on HTTP/1.1, however much the buffers take.
            using var whole = new MemoryStream();
            await context.Request.Body.CopyToAsync(whole, Stop);
            await context.Response.Body.WriteAsync(whole.ToArray(), Stop);
        }));
        var body = new byte[8 * 1024 * 1024];
        Random.Shared.NextBytes(body);
        using var request = fixture.Request("shop.localhost", "/", HttpMethod.Put);
        request.Content = new ByteArrayContent(body);
        using var response = await fixture.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task Events_pass_at_once_outlive_the_activity_timeout_and_end_with_the_drain()
    {
        await using var fixture = await IngressFixture.StartAsync(options => (options.ActivityTimeout, options.EndlessGrace) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(50)));
        var next = new SemaphoreSlim(0);
        fixture.Route("shop", await fixture.InstanceAsync("a", async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync(Stop);
            while (true)
            {
                await next.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {Stopwatch.GetTimestamp()}\n\n", Stop);
            }
        }));
        using var request = fixture.Request("shop.localhost");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await fixture.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        var delays = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            next.Release();
            var line = (await reader.ReadLineAsync(Stop))!;
            delays.Add(Stopwatch.GetElapsedTime(long.Parse(line["data: ".Length..], System.Globalization.CultureInfo.InvariantCulture)).TotalMilliseconds);
            await reader.ReadLineAsync(Stop);
            // Once longer than an ordinary request may be silent.
            await Task.Delay(i == 5 ? 700 : 1, Stop);
        }

        Assert.InRange(delays.Order().ElementAt(5), 0, 50);

        fixture.Ingress.Remove("shop");
        Assert.True(await fixture.Ingress.DrainAsync("shop", ["a"], TimeSpan.FromSeconds(10), Stop));
        await Assert.ThrowsAnyAsync<IOException>(async () => await reader.ReadLineAsync(Stop));
    }

    [Fact]
    public async Task A_web_socket_echoes_and_is_closed_by_the_drain_after_its_grace()
    {
        await using var fixture = await IngressFixture.StartAsync(options => (options.ActivityTimeout, options.EndlessGrace) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200)));
        var instance = await fixture.InstanceAsync("a", async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
            {
                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, Stop);
            }
        });
        fixture.Route("shop", instance);
        using var client = new ClientWebSocket();
        client.Options.SetRequestHeader("Host", "shop.localhost");
        client.Options.Proxy = null;
        await client.ConnectAsync(new($"ws://127.0.0.1:{fixture.Ingress.Port}/chat"), Stop);
        var buffer = new byte[64];
        foreach (var text in (string[])["one", "two"])
        {
            await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Stop);
            var received = await client.ReceiveAsync(buffer, Stop);
            Assert.Equal(text, Encoding.UTF8.GetString(buffer, 0, received.Count));
            await Task.Delay(600, Stop);
        }

        fixture.Ingress.Remove("shop");
        var started = Stopwatch.GetTimestamp();
        Assert.True(await fixture.Ingress.DrainAsync("shop", ["a"], TimeSpan.FromSeconds(10), Stop));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 150, 5000);
        await Assert.ThrowsAnyAsync<WebSocketException>(() => client.ReceiveAsync(buffer, Stop));
    }

    [Fact]
    public async Task A_client_that_never_ends_its_headers_is_let_go()
    {
        await using var fixture = await IngressFixture.StartAsync(options => options.HeadersTimeout = TimeSpan.FromMilliseconds(200));
        var instance = await fixture.InstanceAsync("a", _ => Task.CompletedTask);
        fixture.Route("shop", instance);
        var answer = await fixture.RawAsync("GET / HTTP/1.1\r\nHost: shop.localhost\r\nX-Slow: ");
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Equal(0, instance.Requests);
    }

    [Fact]
    public async Task Beyond_the_most_connections_further_ones_are_closed_and_those_there_go_on()
    {
        await using var fixture = await IngressFixture.StartAsync(options => options.ConnectionsMax = 1);
        fixture.Route("shop", await fixture.InstanceAsync("a", context => context.Response.WriteAsync("here", Stop)));
        using var first = await fixture.GetAsync("shop.localhost");
        Assert.Equal("here", await first.Content.ReadAsStringAsync(Stop));

        using var second = new TcpClient();
        await second.ConnectAsync(IPAddress.Loopback, fixture.Ingress.Port, Stop);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            // Closed in order, or reset: either way there is no answer.
            await second.GetStream().ReadExactlyAsync(new byte[1], Stop);
        });

        using var again = await fixture.GetAsync("shop.localhost");
        Assert.Equal("here", await again.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Bytes_beyond_ascii_in_headers_pass_both_ways()
    {
        await using var fixture = await IngressFixture.StartAsync();
        using var instance = new TcpListener(IPAddress.Loopback, 0);
        instance.Start();
        fixture.Ingress.Switch("shop", new(["shop.localhost"], [new("a", ((IPEndPoint)instance.LocalEndpoint).Port)], null, null));
        var asked = fixture.RawAsync("GET / HTTP/1.1\r\nHost: shop.localhost\r\nX-Name: J\u00f6rg\r\nConnection: close\r\n\r\n");
        using var accepted = await instance.AcceptTcpClientAsync(Stop);
        var buffer = new byte[4096];
        var read = await accepted.GetStream().ReadAsync(buffer, Stop);
        Assert.Contains("X-Name: J\u00f6rg", Encoding.Latin1.GetString(buffer, 0, read), StringComparison.Ordinal);
        await accepted.GetStream().WriteAsync(Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nX-File: caf\u00c3\u00a9.txt\r\nContent-Length: 0\r\n\r\n"), Stop);
        Assert.Contains("X-File: caf\u00c3\u00a9.txt", await asked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AXLE_INGRESS_FD=7", 7)]
    [InlineData("LISTEN_FDS=1 LISTEN_PID=42", 3)]
    [InlineData("LISTEN_FDS=2", 3)]
    [InlineData("LISTEN_FDS=1 LISTEN_PID=41", null)]
    [InlineData("LISTEN_FDS=0", null)]
    [InlineData("AXLE_INGRESS_FD=-1", null)]
    [InlineData("", null)]
    public void The_environment_may_name_a_socket_that_is_already_open(string environment, int? descriptor)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(pair => pair.Split('=')[0], pair => pair.Split('=')[1]);
        Assert.Equal(descriptor, InheritedSocket.Descriptor(variables.GetValueOrDefault, 42));
    }

    [Fact]
    public async Task With_an_inherited_socket_clients_wait_while_the_ingress_is_replaced()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
        for (var generation = 0; generation < 2; generation++)
        {
            var asked = client.GetAsync(new Uri($"http://127.0.0.1:{port}/"), Stop);
            var duplicate = dup(socket.SafeHandle.DangerousGetHandle().ToInt32());
            using var server = new IngressServer(Options.Create(new IngressOptions { Descriptor = duplicate }), TimeProvider.System, NullLoggerFactory.Instance);
            await server.StartAsync(Stop);
            Assert.Equal(port, server.Port);
            using var response = await asked;
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            await server.StopAsync(Stop);
        }
    }

    [System.Runtime.InteropServices.DllImport("libc")]
    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
    private static extern int dup(int descriptor);
}
