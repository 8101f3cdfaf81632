using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Nats;

/// <summary>
/// One short connection to a NATS server: logs in, and asks one question. The protocol is lines of text, and this is the part of
/// it that a check needs.
/// </summary>
internal sealed class NatsVisit : IDisposable
{
    private const int LineMax = 1 << 20;
    private const int AnswerMax = 16 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[8192];
    private int _begin;
    private int _end;

    private NatsVisit()
    {
    }

    /// <summary>Logs in; null when that works, else the reason.</summary>
    public static async Task<string?> TryAsync(int port, string username, SecretValue password, CancellationToken stop)
    {
        try
        {
            using var visit = await LogInAsync(port, username, password, stop);
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    /// <summary>Asks one question of whoever answers it, by request and reply.</summary>
    /// <exception cref="IOException">The server does not answer, or refuses.</exception>
    public static async Task<JsonElement> AskAsync(int port, string username, SecretValue password, string subject, string question, CancellationToken stop)
    {
        using var visit = await LogInAsync(port, username, password, stop);
        return await InTimeAsync(
            async patience =>
            {
                var inbox = $"_INBOX.{Guid.NewGuid():N}";
                await visit.SayAsync(string.Create(CultureInfo.InvariantCulture, $"SUB {inbox} 1\r\nPUB {subject} {inbox} {Encoding.UTF8.GetByteCount(question)}\r\n{question}\r\n"), patience);
                while (true)
                {
                    var line = await visit.LineAsync(patience);
                    if (line.StartsWith("MSG ", StringComparison.Ordinal))
                    {
                        return JsonSerializer.Deserialize<JsonElement>(await visit.BytesAsync(int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture), patience));
                    }

                    await visit.HeardAsync(line, patience);
                }
            },
            stop);
    }

    public void Dispose() => _socket.Dispose();

    private static async Task<NatsVisit> LogInAsync(int port, string username, SecretValue password, CancellationToken stop)
    {
        var visit = new NatsVisit();
        try
        {
            return await InTimeAsync(
                async patience =>
                {
                    await visit._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), patience);
                    await visit.LineAsync(patience);
                    var login = JsonSerializer.Serialize(new Dictionary<string, object>
                    {
                        ["user"] = username,
                        ["pass"] = password.Reveal(),
                        ["verbose"] = false,
                        ["pedantic"] = false,
                        ["name"] = "axle",
                        ["lang"] = "csharp",
                        ["version"] = "1",
                        ["protocol"] = 1,
                    });
                    await visit.SayAsync($"CONNECT {login}\r\nPING\r\n", patience);
                    while (await visit.LineAsync(patience) is var line && line != "PONG")
                    {
                        await visit.HeardAsync(line, patience);
                    }

                    return visit;
                },
                stop);
        }
        catch
        {
            visit.Dispose();
            throw;
        }
    }

    /// <summary>What comes without being asked for: the server's own checks, and refusals.</summary>
    private async Task HeardAsync(string line, CancellationToken stop)
    {
        if (line == "PING")
        {
            await SayAsync("PONG\r\n", stop);
        }
        else if (line.StartsWith("-ERR", StringComparison.Ordinal))
        {
            throw new IOException(line[4..].Trim(' ', '\''));
        }
    }

    private async Task SayAsync(string text, CancellationToken stop) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text), stop);

    private async Task<string> LineAsync(CancellationToken stop)
    {
        var line = new List<byte>();
        while (line.Count < LineMax)
        {
            var next = await NextAsync(stop);
            if (next == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(next);
        }

        throw new IOException("The server sent a line without an end.");
    }

    private async Task<byte[]> BytesAsync(int count, CancellationToken stop)
    {
        if (count is < 0 or > AnswerMax)
        {
            throw new IOException($"The server sent an answer of {count} bytes.");
        }

        var bytes = new byte[count];
        for (var index = 0; index < count; index++)
        {
            bytes[index] = await NextAsync(stop);
        }

        return bytes;
    }

    private async ValueTask<byte> NextAsync(CancellationToken stop)
    {
        if (_begin == _end)
        {
            (_begin, _end) = (0, await _socket.ReceiveAsync(_buffer, stop));
            if (_end == 0)
            {
                throw new IOException("The server closed the connection.");
            }
        }

        return _buffer[_begin++];
    }

    private static async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        try
        {
            return await act(patience.Token);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new IOException("The server does not answer.", e);
        }
    }
}
