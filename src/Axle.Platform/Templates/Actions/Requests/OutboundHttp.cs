using System.Net;
using Axle.Contracts;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Http;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates.Actions;

/// <summary>An answer over HTTP, whole.</summary>
internal sealed record HttpAnswer(HttpStatusCode Status, string? ContentType, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public bool Ok => (int)Status is >= 200 and < 300;

    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>Requests of actions: to public addresses and to hosts that an administrator allows, never large, never for ever.</summary>
internal sealed class OutboundHttp : IDisposable
{
    private const int BytesMax = 16 << 20;
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly Lazy<HttpClient> _here;

    public OutboundHttp(IOptions<CatalogOptions> options, PlatformOptions platform)
    {
        _http = Client("Catalog:ReadingAllow", options.Value.ReadingAllow);
        _here = new Lazy<HttpClient>(() => Client("PublicUrl", [new Uri(platform.PublicUrl).Authority, new Uri(platform.PublicUrl).Host]));
    }

    public void Dispose()
    {
        _http.Dispose();
        if (_here.IsValueCreated)
        {
            _here.Value.Dispose();
        }
    }

    /// <summary>To the platform itself, which may well be on a private address.</summary>
    public Task<Result<HttpAnswer>> SendHereAsync(HttpRequestMessage request, CancellationToken stop) => SendAsync(_here.Value, request, stop);

    /// <summary>The answer, whatever its status; a refusal when there is none. Nothing of the request but its host is in the refusal.</summary>
    public Task<Result<HttpAnswer>> SendAsync(HttpRequestMessage request, CancellationToken stop) => SendAsync(_http, request, stop);

    private static HttpClient Client(string setting, IReadOnlyList<string> allowed)
    {
        var handler = new OutboundGuard(setting, allowed).Handler();

        // A token that was meant for one host must not travel to another.
        handler.AllowAutoRedirect = false;
        var client = new HttpClient(handler) { Timeout = s_timeMax, MaxResponseContentBufferSize = BytesMax };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("axle");
        return client;
    }

    private static async Task<Result<HttpAnswer>> SendAsync(HttpClient http, HttpRequestMessage request, CancellationToken stop)
    {
        var host = request.RequestUri!.Authority;
        try
        {
            using var answer = await http.SendAsync(request, stop);
            var body = await answer.Content.ReadAsByteArrayAsync(stop);
            var headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key.ToLowerInvariant(), header => string.Join(", ", header.Value), StringComparer.Ordinal);
            return new HttpAnswer(answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, headers, body);
        }
        catch (HttpRequestException e) when (e.InnerException is AddressRefusedException refused)
        {
            return ActionErrors.Unreachable(host, refused.Message);
        }
        catch (HttpRequestException e)
        {
            return ActionErrors.Unreachable(host, e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded ? $"its answer is larger than {BytesMax >> 20} MiB" : e.InnerException?.Message ?? e.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return ActionErrors.Unreachable(host, $"it did not answer within {s_timeMax.TotalSeconds} s");
        }
    }
}
