using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Axle.Bench;

/// <summary>Asks a service again and again, on a kept connection, until its answer contains a text; prints when, in microseconds since the epoch.</summary>
internal static class Await
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(int port, string host, string path, string text)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var address = new Uri($"http://{host}:{port}{path}");
        try
        {
            while (true)
            {
                try
                {
                    var answer = await client.GetByteArrayAsync(address, patience.Token);
                    if (Encoding.UTF8.GetString(answer).Contains(text, StringComparison.Ordinal))
                    {
                        Console.WriteLine(((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture));
                        return 0;
                    }
                }
                catch (HttpRequestException)
                {
                    // Before the first version answers, 404 and 503 are what there is.
                }

                await Task.Delay(s_pause, patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{address} never answered '{text}'.");
            return 1;
        }
    }
}
