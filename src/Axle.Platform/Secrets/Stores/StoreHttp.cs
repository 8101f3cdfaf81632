using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Secrets.Stores;

/// <summary>What a store answered.</summary>
/// <param name="Json">Null when it was none.</param>
internal sealed record StoreAnswer(HttpStatusCode Status, JsonElement? Json);

/// <summary>
/// The way to one store. It leads to the configured address and nowhere else: no redirect is followed, no proxy used, no
/// cookie kept; time and size are bounded. What a store answers never stands in an error: it may be a secret.
/// </summary>
internal sealed class StoreHttp : IDisposable
{
    /// <summary>Larger answers are not read.</summary>
    public const int AnswerBytesMax = 1 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pooled = TimeSpan.FromMinutes(2);
    private readonly RemoteStore _store;
    private readonly HttpClient _client;

    /// <param name="patience">For a whole answer; 10 s if not given.</param>
    public StoreHttp(RemoteStore store, TimeSpan? patience = null)
    {
        _store = store;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = s_connect,
            PooledConnectionLifetime = s_pooled,
            SslOptions = store.Settings.Ca is { } ca ? Trusting(ca) : new SslClientAuthenticationOptions(),
        })
        {
            Timeout = patience ?? s_patience,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
    }

    /// <summary>Asks. An answer that means that nothing can be had from the store at all is a <see cref="StoreOutage"/>.</summary>
    /// <param name="path">Below the store's address; already escaped.</param>
    public async Task<Result<StoreAnswer>> SendAsync(HttpMethod method, string path, IEnumerable<(string Name, string Value)> headers, CancellationToken stop, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_store.Address, path));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        }

        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, stop);
            return (int)response.StatusCode switch
            {
                >= 300 and < 400 => new StoreOutage(_store.Name, $"redirects ({(int)response.StatusCode}), which is not followed"),
                401 => new StoreOutage(_store.Name, "does not take Axle's token (401)"),
                429 => new StoreOutage(_store.Name, "is asked too often (429)"),
                503 when _store.Kind == StoreKinds.Vault => new StoreOutage(_store.Name, "is sealed or in maintenance (503)"),
                >= 500 and var status => new StoreOutage(_store.Name, $"fails ({status})"),
                _ => new StoreAnswer(response.StatusCode, Json(await response.Content.ReadAsByteArrayAsync(stop))),
            };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new StoreOutage(_store.Name, $"did not answer within {_client.Timeout.TotalSeconds:0.#} s");
        }
        catch (HttpRequestException e)
        {
            return new StoreOutage(_store.Name, Words(e));
        }
    }

    public void Dispose() => _client.Dispose();

    private static string Words(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.ConfigurationLimitExceeded => $"answers more than {AnswerBytesMax >> 20} MiB",
        HttpRequestError.NameResolutionError => "has a host name that cannot be found",
        HttpRequestError.SecureConnectionError => "shows a certificate that is not trusted, or none",
        HttpRequestError.ConnectionError => "cannot be reached",
        _ => "breaks off",
    };

    private static JsonElement? Json(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SslClientAuthenticationOptions Trusting(string ca)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(ca);
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }
}
