using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Axle.Cli.Configuration;
using Axle.Contracts;

namespace Axle.Cli.Api;

/// <summary>
/// Talks to a platform. Every answer that is not a success becomes a <see cref="RefusedException"/> with the platform's
/// own words; when nothing answers, ours say whether the platform is down or the URL wrong.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    private const int AttemptsMax = 3;
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_betweenAttempts = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http;
    private readonly Connection _connection;
    private readonly CliHost _host;
    private string? _token;
    private bool _triedAdminToken;

    private ApiClient(Connection connection, CliHost host)
    {
        (_connection, _host, _token) = (connection, host, connection.Token);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(10), UseProxy = !connection.Url.IsLoopback })
        {
            BaseAddress = connection.Url,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("axle-cli", AxleVersion.Text));
    }

    public Uri Url => _connection.Url;

    public string? Token => _token;

    public static ApiClient Of(Connection connection, CliHost host) => new(connection, host);

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop) =>
        AnswerAsync(() => new HttpRequestMessage(HttpMethod.Get, path), type, stop);

    /// <summary>The value, or null where the platform has none.</summary>
    public async Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
        where T : class
    {
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseContentRead, stop);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await RefuseUnlessOkAsync(response, stop);
        return await ReadAsync(response, type, stop);
    }

    /// <summary>Writes, with a key that makes repeating it harmless when the connection breaks in between.</summary>
    public Task<TAnswer> SendAsync<TBody, TAnswer>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken stop) =>
        SendAsync(method, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), "application/json", answerType, stop);

    public Task<TAnswer> SendAsync<TAnswer>(HttpMethod method, string path, byte[] body, string contentType, JsonTypeInfo<TAnswer> answerType, CancellationToken stop)
    {
        var key = Guid.NewGuid().ToString("n");
        return AnswerAsync(() => Request(method, path, body, contentType, key), answerType, stop);
    }

    /// <summary>For what is answered without a body.</summary>
    public async Task PostAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken stop)
    {
        var (bytes, key) = (JsonSerializer.SerializeToUtf8Bytes(body, bodyType), Guid.NewGuid().ToString("n"));
        using var response = await SendAsync(() => Request(HttpMethod.Post, path, bytes, "application/json", key), HttpCompletionOption.ResponseContentRead, stop);
        await RefuseUnlessOkAsync(response, stop);
    }

    public async Task DeleteAsync(string path, CancellationToken stop)
    {
        var key = Guid.NewGuid().ToString("n");
        using var response = await SendAsync(() => Request(HttpMethod.Delete, path, null, null, key), HttpCompletionOption.ResponseContentRead, stop);
        await RefuseUnlessOkAsync(response, stop);
    }

    /// <summary>Copies an answer of any length as it comes; one that breaks off is a failure.</summary>
    public async Task DownloadAsync(string path, Stream output, CancellationToken stop)
    {
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseHeadersRead, stop);
        await RefuseUnlessOkAsync(response, stop);
        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            int count;
            try
            {
                count = await stream.ReadAsync(buffer, stop);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                throw RefusedException.Because("broken_off", "the platform broke the answer off; what was written is not complete", "axle logs");
            }

            if (count == 0)
            {
                return;
            }

            await output.WriteAsync(buffer.AsMemory(0, count), stop);
        }
    }

    /// <summary>Sends a body of any length, once, and waits for the answer as long as it takes.</summary>
    public async Task<TAnswer> UploadAsync<TAnswer>(string path, Stream input, JsonTypeInfo<TAnswer> answerType, CancellationToken stop)
    {
        using var response = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, path) { Content = new StreamContent(input) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } } },
            HttpCompletionOption.ResponseContentRead,
            stop);
        await RefuseUnlessOkAsync(response, stop);
        return await ReadAsync(response, answerType, stop);
    }

    /// <summary>The status only; for readiness.</summary>
    public async Task<HttpStatusCode?> ProbeAsync(string path, CancellationToken stop)
    {
        try
        {
            using var response = await _http.GetAsync(path, stop);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Server-sent events, until the platform ends them.</summary>
    public async IAsyncEnumerable<SseItem<string>> EventsAsync(HttpMethod method, string path, byte[]? body, string? lastEventId, Action? opened, [EnumeratorCancellation] CancellationToken stop)
    {
        using var response = await SendAsync(
            () =>
            {
                var request = Request(method, path, body, body is null ? null : "application/json", null);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
                if (lastEventId is not null)
                {
                    request.Headers.Add("Last-Event-ID", lastEventId);
                }

                return request;
            },
            HttpCompletionOption.ResponseHeadersRead,
            stop);
        await RefuseUnlessOkAsync(response, stop);
        opened?.Invoke();
        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        await using var events = SseParser.Create(stream).EnumerateAsync(stop).GetAsyncEnumerator(stop);
        while (await NextAsync(events))
        {
            yield return events.Current;
        }
    }

    /// <summary>The refusal for a platform that does not answer.</summary>
    public RefusedException Unreachable(string reason)
    {
        var url = Url.GetLeftPart(UriPartial.Authority);
        if (!Url.IsLoopback)
        {
            return RefusedException.Because("unreachable", $"cannot reach the platform at {url}: {reason}", "check the URL and the network, then axle login --url URL --token-stdin", ExitCodes.Unreachable);
        }

        // On this machine we can look: a platform that runs on another port means that the URL is wrong.
        var data = new Machine.DataFolder(_connection.DataFolder ?? Machine.DataFolder.Default(_host));
        return Machine.RunState.Alive(data, "server") is { } running && running.Port is { } port && port != Url.Port
            ? RefusedException.Because("wrong_url", $"nothing answers at {url}, but the platform runs on port {port}", $"export AXLE_URL=http://localhost:{port}", ExitCodes.Unreachable)
            : RefusedException.Because("not_running", $"the platform is not running at {url} ({reason})", $"{_host.CommandName} up", ExitCodes.Unreachable);
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(HttpMethod method, string path, byte[]? body, string? contentType, string? key)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType!) { CharSet = contentType == "application/json" ? null : "utf-8" } } };
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return request;
    }

    private async Task<T> AnswerAsync<T>(Func<HttpRequestMessage> request, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(s_answerTimeout);
        try
        {
            using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, timeout.Token);
            await RefuseUnlessOkAsync(response, timeout.Token);
            return await ReadAsync(response, type, timeout.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw RefusedException.Because("timeout", $"the platform at {Url.GetLeftPart(UriPartial.Authority)} gave no answer within {s_answerTimeout.TotalMinutes:0} minutes", "axle logs", ExitCodes.Unreachable);
        }
    }

    /// <summary>Sends; a connection that breaks is tried again, which the idempotency key makes safe for writes.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, HttpCompletionOption completion, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = make();
            if (_token is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
            }

            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(request, completion, stop);
            }
            catch (HttpRequestException e) when (attempt < AttemptsMax && e.HttpRequestError == HttpRequestError.ResponseEnded && (request.Method == HttpMethod.Get || request.Headers.Contains("Idempotency-Key")))
            {
                await Task.Delay(s_betweenAttempts, _host.Clock, stop);
                continue;
            }
            catch (HttpRequestException e)
            {
                throw Unreachable(Reason(e));
            }

            if (response.StatusCode == HttpStatusCode.Unauthorized && !_triedAdminToken && string.IsNullOrEmpty(_host.Variable("AXLE_TOKEN")))
            {
                // A platform of this machine that was set up anew: its first token is in its data folder.
                _triedAdminToken = true;
                if (ConfigFile.AdminToken(_connection.DataFolder) is { } admin && admin != _token)
                {
                    _token = admin;
                    response.Dispose();
                    continue;
                }
            }

            return response;
        }
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable("the connection broke");
        }
    }

    private async Task RefuseUnlessOkAsync(HttpResponseMessage response, CancellationToken stop)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var body = await response.Content.ReadAsStringAsync(stop);
        var url = Url.GetLeftPart(UriPartial.Authority);
        if (response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json" && Problem(body) is { } problem)
        {
            throw new RefusedException(new Error(problem.Code, problem.Detail ?? problem.Title, problem.Next, problem.Status) { Problems = problem.Errors });
        }

        // Under /api/catalog refusals have Backstage's form.
        if (response.Content.Headers.ContentType?.MediaType is "application/json" && BackstageMessage(body) is { } message)
        {
            throw new RefusedException(new Error("cli.refused", message, null, (int)response.StatusCode));
        }

        throw response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => RefusedException.Because("not_signed_in", $"{url} does not know you: {(_token is null ? "there is no token" : "the token is not valid (any more)")}", $"axle login --url {url} --token-stdin"),
            HttpStatusCode.Forbidden => RefusedException.Because("forbidden", $"you may not do this on {url}", "axle whoami"),
            HttpStatusCode.NotFound => RefusedException.Because("not_axle", $"{url} has no {response.RequestMessage?.RequestUri?.AbsolutePath}: it is another server, or another version of Axle", "check the URL: axle version"),
            _ => RefusedException.Because("http", $"{url} answered {(int)response.StatusCode} {response.ReasonPhrase}", "axle logs"),
        };
    }

    private static ProblemDetails? Problem(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, AxleJson.Default.ProblemDetails);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? BackstageMessage(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
                && error.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String ? message.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken stop)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(stop);
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("an empty answer");
        }
        catch (JsonException e)
        {
            var start = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 60))).ReplaceLineEndings(" ");
            throw RefusedException.Because("not_axle", $"{Url.GetLeftPart(UriPartial.Authority)} does not answer like Axle ('{start}…'): {e.Message}", "check the URL: axle version", ExitCodes.Unreachable);
        }
    }

    private static string Reason(HttpRequestException e) => e.InnerException switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "there is no such host",
        OperationCanceledException or TimeoutException => "no answer in time",
        { } inner => inner.Message,
        null => e.Message,
    };
}
