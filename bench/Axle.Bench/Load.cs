using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Axle.Bench;

/// <summary>
/// Constant load on one service through the ingress until standard input ends; then one line of figures on standard output. Every failure is
/// one line on standard error: when it began and ended, in milliseconds since the epoch, and what it was.
/// </summary>
/// <remarks>
/// Fast and slow requests each come half on new connections and half on kept ones. On a kept one the client repeats a GET whose connection
/// was closed before a byte of the answer came, as browsers do; on a new one it never does. A WebSocket may be closed at any time, since
/// the instance behind it may go, and is opened again at once: that must succeed, and every message must have been echoed,
/// but for one sent less than <see cref="s_crossing"/> before the close.
/// </remarks>
internal sealed class Load(int port, string host, int fast, int slow, int sockets)
{
    private const int SlowMin = 500;
    private const int SlowMax = 2000;
    private static readonly TimeSpan s_fastPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_echoPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_crossing = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentBag<double> _latencies = [];
    private readonly Lock _console = new();
    private long _requests;
    private long _failed;
    private long _echoes;
    private long _closes;
    private long _crossed;
    private long _webSocketFailures;

    public static async Task<int> RunAsync(int port, string host, int fast, int slow, int sockets)
    {
        using var stop = new CancellationTokenSource();
        var load = new Load(port, host, fast, slow, sockets);
        var all = load.AllAsync(stop.Token);
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await all;
        load.Tell();
        return 0;
    }

    private Task AllAsync(CancellationToken stop)
    {
        var kept = Client(TimeSpan.FromMinutes(10));
        var fresh = Client(TimeSpan.Zero);
        return Task.WhenAll(
            [
                .. Enumerable.Range(0, fast).Select(n => RequestsAsync(n % 2 == 0 ? kept : fresh, () => "/", s_fastPause, stop)),
                .. Enumerable.Range(0, slow).Select(n => RequestsAsync(n % 2 == 0 ? kept : fresh, () => $"/slow?ms={Random.Shared.Next(SlowMin, SlowMax)}", TimeSpan.Zero, stop)),
                .. Enumerable.Range(0, sockets).Select(_ => SocketsAsync(stop)),
            ]);
    }

    private SocketsHttpHandler Handler(TimeSpan lifetime) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = lifetime,
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private HttpClient Client(TimeSpan lifetime) => new(Handler(lifetime)) { BaseAddress = new Uri($"http://{host}:{port}"), Timeout = s_patience };

    private async Task RequestsAsync(HttpClient client, Func<string> path, TimeSpan pause, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var began = Now();
            var clock = Stopwatch.GetTimestamp();
            try
            {
                // A request that began is finished, also at the end of the run: it counts.
                using var response = await client.GetAsync(path(), CancellationToken.None);
                await response.Content.ReadAsByteArrayAsync(CancellationToken.None);
                if (!response.IsSuccessStatusCode)
                {
                    Fail(ref _failed, began, $"http {(int)response.StatusCode}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                Fail(ref _failed, began, $"http {Innermost(e)}");
            }

            Interlocked.Increment(ref _requests);
            if (pause > TimeSpan.Zero)
            {
                _latencies.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
                await Task.Delay(pause, CancellationToken.None);
            }
        }
    }

    private async Task SocketsAsync(CancellationToken stop)
    {
        using var invoker = new HttpMessageInvoker(Handler(TimeSpan.FromMinutes(10)));
        while (!stop.IsCancellationRequested)
        {
            var began = Now();
            using var socket = new ClientWebSocket();
            try
            {
                using var patience = new CancellationTokenSource(s_patience);
                await socket.ConnectAsync(new Uri($"ws://{host}:{port}/echo"), invoker, patience.Token);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or HttpRequestException)
            {
                Fail(ref _webSocketFailures, began, $"websocket not opened: {Innermost(e)}");
                continue;
            }

            await EchoAsync(socket, stop);
        }
    }

    /// <summary>Sends and awaits the echo, until the connection is closed.</summary>
    private async Task EchoAsync(ClientWebSocket socket, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1024);
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var text = n.ToString(CultureInfo.InvariantCulture);
            var (began, clock) = (Now(), Stopwatch.GetTimestamp());
            try
            {
                using var patience = new CancellationTokenSource(s_patience);
                await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, patience.Token);
                var received = await socket.ReceiveAsync(buffer, patience.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    Closed();
                    break;
                }

                if (Encoding.UTF8.GetString(buffer, 0, received.Count) != text)
                {
                    Fail(ref _webSocketFailures, began, "websocket wrong echo");
                    break;
                }

                Interlocked.Increment(ref _echoes);
            }
            catch (WebSocketException)
            {
                Closed();
                break;
            }
            catch (OperationCanceledException)
            {
                Fail(ref _webSocketFailures, began, "websocket no echo");
                break;
            }

            await Task.Delay(s_echoPause, CancellationToken.None);

            void Closed()
            {
                Interlocked.Increment(ref _closes);
                if (Stopwatch.GetElapsedTime(clock) > s_crossing)
                {
                    Fail(ref _webSocketFailures, began, "websocket closed with an echo owed");
                }
                else
                {
                    Interlocked.Increment(ref _crossed);
                }
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();

    private static string Innermost(Exception e) => e.GetBaseException() is var inner ? $"{inner.GetType().Name}: {inner.Message}" : "";

    private void Fail(ref long counter, DateTimeOffset began, string what)
    {
        Interlocked.Increment(ref counter);
        lock (_console)
        {
            Console.Error.WriteLine($"{began.ToUnixTimeMilliseconds()} {Now().ToUnixTimeMilliseconds()} {what}");
        }
    }

    private void Tell()
    {
        var sorted = _latencies.Order().ToArray();
        double At(double part) => sorted.Length == 0 ? 0 : sorted[(int)((sorted.Length - 1) * part)];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"requests={_requests} failed={_failed} ws_echoes={_echoes} ws_closes={_closes} ws_crossed={_crossed} ws_failed={_webSocketFailures} p50_ms={At(0.5):0.0} p99_ms={At(0.99):0.0} max_ms={At(1):0}"));
    }
}
