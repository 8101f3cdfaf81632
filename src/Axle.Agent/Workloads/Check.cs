using System.Net;
using System.Net.Sockets;
using System.Text;
using Axle.Agent.Isolation;
using Axle.Agent.Logs;
using Axle.Agent.Machine;
using Axle.Agent.Runs;
using Axle.Engines;

namespace Axle.Agent.Workloads;

/// <param name="Answer">What came back, for people.</param>
/// <param name="ClosedPort">The port that was asked, when nothing listens there.</param>
internal sealed record CheckAnswer(bool Ok, string Answer, int? ClosedPort = null);

/// <summary>One way to find out whether an application is well.</summary>
internal abstract class Check
{
    private const int AnswerMax = 200;

    /// <summary>For people: <c>GET /healthz</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What is known before the first answer, for people.</summary>
    public virtual string Pending => $"{Name} has not answered yet";

    public abstract Task<CheckAnswer> AskAsync(CancellationToken stop);

    private protected static string Cut(string text) => text.Length <= AnswerMax ? text : text[..AnswerMax] + "…";

    /// <summary>Answered with 200 to 399.</summary>
    public sealed class Http(HttpProbe probe, int port, TimeSpan timeout, Redaction hidden) : Check
    {
        // Own certificates are usual inside a machine; nothing secret is sent.
#pragma warning disable CA5359
        private static readonly HttpClient s_client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
#pragma warning restore CA5359

        public override string Name { get; } = $"GET {hidden.Hide(probe.Path)}";

        public override async Task<CheckAnswer> AskAsync(CancellationToken stop)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
            limit.CancelAfter(timeout);
            try
            {
                var path = probe.Path.StartsWith('/') ? probe.Path : $"/{probe.Path}";
                var scheme = probe.Scheme.Equals("HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
                using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://127.0.0.1:{port}{path}");
                foreach (var header in probe.Headers ?? [])
                {
                    request.Headers.TryAddWithoutValidation(header.Key, header.Value);
                }

                request.Headers.Host = probe.Host ?? "localhost";
                request.Headers.TryAddWithoutValidation("User-Agent", "axle-check");
                using var response = await s_client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                var status = (int)response.StatusCode;
                if (status is >= 200 and < 400)
                {
                    return new CheckAnswer(true, $"{Name} answered {status}");
                }

                var body = await FirstAsync(await response.Content.ReadAsStreamAsync(limit.Token), limit.Token);
                return new CheckAnswer(false, body.Length == 0 ? $"{Name} answered {status}" : $"{Name} answered {status}: {body}");
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return new CheckAnswer(false, $"{Name} did not answer within {timeout.TotalSeconds:0.#} s");
            }
            catch (HttpRequestException e)
            {
                return e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                    ? new CheckAnswer(false, $"{Name}: nothing listens on port {port}", port)
                    : new CheckAnswer(false, $"{Name}: {e.Message}");
            }
            catch (Exception e) when (e is IOException or UriFormatException)
            {
                return new CheckAnswer(false, $"{Name}: {e.Message}");
            }
        }

        private async Task<string> FirstAsync(Stream body, CancellationToken stop)
        {
            var buffer = new byte[AnswerMax * 4];
            var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop);

            // Before it is cut for people: half a secret is not found any more.
            var all = Encoding.UTF8.GetString(buffer, 0, length);
            var text = length == buffer.Length ? hidden.HideCut(all) : hidden.Hide(all);
            return Cut(string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        }
    }

    /// <summary>The port accepts connections.</summary>
    public sealed class Tcp(int port) : Check
    {
        public override string Name => $"connection to PORT ({port})";

        public override async Task<CheckAnswer> AskAsync(CancellationToken stop)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), stop);
                return new CheckAnswer(true, "accepted");
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode == SocketError.ConnectionRefused
                    ? new CheckAnswer(false, $"nothing listens on PORT ({port})", port)
                    : new CheckAnswer(false, e.Message);
            }
        }
    }

    /// <summary>A command inside the sandbox ends with 0.</summary>
    public sealed class Exec(Run run, IReadOnlyList<string> command, TimeSpan timeout, LaunchScripts scripts, Redaction hidden) : Check
    {
        public override string Name { get; } = Cut(hidden.Hide(string.Join(' ', command)));

        public override async Task<CheckAnswer> AskAsync(CancellationToken stop)
        {
            if (Entering.Arguments(run, command, scripts) is not { } arguments)
            {
                return new CheckAnswer(false, $"{Name}: the container does not run yet");
            }

            try
            {
                var (code, text) = await Commands.RunAsync(arguments, timeout, stop, hidden);
                return new CheckAnswer(code == 0, $"{Name} ended with {code}{(text.Length == 0 ? "" : $": {Cut(text.Trim())}")}");
            }
            catch (TimeoutException e)
            {
                return new CheckAnswer(false, $"{Name}: {e.Message}");
            }
        }
    }

    /// <summary>It is still there after a while. The end itself is seen elsewhere, so asking is only waiting.</summary>
    public sealed class Stays(TimeSpan time, TimeProvider clock) : Check
    {
        public override string Name => $"up for {time.TotalSeconds:0.#} s";

        public override string Pending => $"it counts as ready once it has stayed up for {time.TotalSeconds:0.#} s";

        public override async Task<CheckAnswer> AskAsync(CancellationToken stop)
        {
            await Task.Delay(time, clock, stop);
            return new CheckAnswer(true, "up");
        }
    }
}
