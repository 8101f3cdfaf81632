using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources.S3;

/// <summary>The administrator's way into each Swift that Axle runs, by Swift's own API and that of <c>swift_keys.py</c>, and everybody else's for a test, by S3.</summary>
internal sealed class SwiftServers(ServerAdmin admins, TimeProvider clock) : IDisposable
{
    /// <summary>What clients sign with; a region of no meaning.</summary>
    public const string Region = "us-east-1";

    /// <summary>The limit of an account, in Swift's words.</summary>
    public const string Quota = "X-Account-Meta-Quota-Bytes";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1) }) { Timeout = s_patience };

    /// <summary>Null where there is nothing.</summary>
    /// <exception cref="HttpRequestException">The server does not answer, or refuses.</exception>
    public async Task<SwiftAnswer?> AskAsync(EntityRef server, int port, HttpMethod method, string path, HttpContent? body, CancellationToken stop, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, $"http://{ServerWorkloads.Host}:{port}/{path}") { Content = body };
        request.Headers.TryAddWithoutValidation("X-Auth-Token", admins.PasswordOf(server).Reveal());
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var answer = await _http.SendAsync(request, stop);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                return null;
            }

            answer.EnsureSuccessStatusCode();
            return new SwiftAnswer(answer.Headers, await answer.Content.ReadAsByteArrayAsync(stop));
        }
        catch (TaskCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException("The server does not answer.", e);
        }
    }

    /// <summary>Asks for a bucket with a key; null when that works, else the reason.</summary>
    public async Task<string?> TryAsync(int port, string bucket, Login key, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"http://{ServerWorkloads.Host}:{port}/{bucket}");
        S3Signature.Sign(request, Region, key, clock.GetUtcNow());
        try
        {
            using var answer = await _http.SendAsync(request, stop);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => null,
                HttpStatusCode.Forbidden => "the key is refused",
                HttpStatusCode.NotFound => "there is no such bucket",
                var other => $"the server answers with {(int)other}",
            };
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return "the server does not answer";
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What Swift says.</summary>
internal sealed record SwiftAnswer(HttpResponseHeaders Headers, byte[] Body)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>A header that is a number; null when it is not there.</summary>
    public long? Number(string header) => Headers.TryGetValues(header, out var values) && long.TryParse(values.First(), out var number) ? number : null;

    public static HttpContent Text(string text) => new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue("text/plain"));
}
