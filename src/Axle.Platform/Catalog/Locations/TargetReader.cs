using System.Net;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Http;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Catalog.Locations;

/// <summary>A file as it was read.</summary>
internal sealed record TargetText(Uri Target, string Text);

/// <summary>
/// Reads descriptor files over HTTP: from public addresses, and from hosts that an administrator named. Each connection is
/// checked where it is made, so that neither a redirect nor a name that changes its address leads elsewhere.
/// </summary>
internal sealed class TargetReader : IDisposable
{
    private const int BytesMax = 4 << 20;
    private const int RedirectsMax = 5;

    private readonly CatalogOptions _options;
    private readonly HttpClient _http;

    public TargetReader(IOptions<CatalogOptions> options)
    {
        _options = options.Value;
        var handler = new OutboundGuard("Catalog:ReadingAllow", _options.ReadingAllow).Handler();
        handler.MaxAutomaticRedirections = RedirectsMax;
        _http = new HttpClient(handler)
        {
            Timeout = _options.ReadTimeMax,
            MaxResponseContentBufferSize = BytesMax,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("axle");
    }

    public void Dispose() => _http.Dispose();

    public async Task<Result<TargetText>> ReadAsync(Uri target, CancellationToken stop)
    {
        try
        {
            using var answer = await GetAsync(SourceHosts.TextOf(target), stop);
            if (!answer.IsSuccessStatusCode)
            {
                var missing = answer.StatusCode == HttpStatusCode.NotFound;
                return new TargetUnreadable(target, $"it answers {(int)answer.StatusCode}{(missing ? ": there is no such file, or it is private" : "")}", missing);
            }

            return new TargetText(target, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(await answer.Content.ReadAsByteArrayAsync(stop)));
        }
        catch (HttpRequestException e) when (e.InnerException is AddressRefusedException refused)
        {
            return new TargetUnreadable(target, refused.Message);
        }
        catch (HttpRequestException e)
        {
            return new TargetUnreadable(target, e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded ? $"it is larger than {BytesMax >> 20} MiB" : e.InnerException?.Message ?? e.Message);
        }
        catch (DecoderFallbackException)
        {
            return new TargetUnreadable(target, "it is not UTF-8");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new TargetUnreadable(target, $"it did not answer within {_options.ReadTimeMax.TotalSeconds} s");
        }
    }

    /// <summary>Asks a second time when the connection was cut: a busy host does that now and then, and the next look is minutes away.</summary>
    private async Task<HttpResponseMessage> GetAsync(Uri address, CancellationToken stop)
    {
        try
        {
            return await _http.GetAsync(address, stop);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ResponseEnded || e.InnerException is IOException)
        {
            return await _http.GetAsync(address, stop);
        }
    }
}
