using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// One webhook for a whole organisation on GitHub, GitLab, Gitea, Forgejo or Bitbucket: a push there reads the descriptor files of
/// that repository again. The caller proves that it knows the configured secret; of what it says only the repository's address
/// is used, and that only to find Locations which are there already.
/// </summary>
internal sealed class LocationHook(LocationRefreshes refreshes, IOptions<CatalogOptions> options)
{
    private const int BodyBytesMax = 8 << 20;

    /// <summary>Where each host's event has the repository's page.</summary>
    private static readonly string[][] s_places =
    [
        ["repository", "html_url"],
        ["project", "web_url"],
        ["repository", "links", "html", "href"],
        ["repository", "homepage"],
    ];

    public static async Task<IResult> Endpoint(HttpContext context, LocationHook self, CancellationToken stop)
    {
        if (self.Secret() is not { } secret)
        {
            return new Error("catalog.hook_refused", "The signature does not fit.", null, 403).ToHttp();
        }

        if (context.Request.ContentLength > BodyBytesMax)
        {
            return new Error("http.too_large", $"The event is larger than {BodyBytesMax >> 20} MiB.", null, 413).ToHttp();
        }

        // 1. All of it, as far as it is allowed to go: the signature is over every byte.
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, stop)) > 0;)
        {
            if (body.Length + read > BodyBytesMax)
            {
                return new Error("http.too_large", $"The event is larger than {BodyBytesMax >> 20} MiB.", null, 413).ToHttp();
            }

            body.Write(buffer, 0, read);
        }

        // 2. From somebody who knows the secret?
        if (!IsProved(context.Request.Headers, secret, body.ToArray()))
        {
            return new Error("catalog.hook_refused", "The signature does not fit.", null, 403).ToHttp();
        }

        // 3. Which repository?
        if (RepositoryOf(body.ToArray()) is not { } repository)
        {
            return new Error("catalog.hook_unread", "The event names no repository.", "Send push events as JSON.", 400).ToHttp();
        }

        var woken = self.Refresh(repository);
        return TypedResults.Text($"{woken} location{(woken == 1 ? " is" : "s are")} read again.\n", statusCode: StatusCodes.Status202Accepted);
    }

    private int Refresh(Uri repository) => refreshes.Refresh(repository);

    private string? Secret() => options.Value.HookSecret is { Length: >= CatalogOptions.HookSecretMin } secret ? secret : null;

    private static bool IsProved(IHeaderDictionary headers, string secret, byte[] body)
    {
        if (headers["X-Gitlab-Token"].ToString() is { Length: > 0 } token)
        {
            return Same(token, secret);
        }

        var claimed = new[] { headers["X-Hub-Signature-256"].ToString(), headers["X-Hub-Signature"].ToString(), headers["X-Gitea-Signature"].ToString() }.FirstOrDefault(one => one.Length > 0) ?? "";
        claimed = claimed.StartsWith("sha256=", StringComparison.Ordinal) ? claimed["sha256=".Length..] : claimed;
        return claimed.Length == 64 && Same(claimed.ToLowerInvariant(), Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));
    }

    private static bool Same(string claimed, string real) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(claimed), Encoding.UTF8.GetBytes(real));

    private static Uri? RepositoryOf(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            foreach (var place in s_places)
            {
                var at = json.RootElement;
                if (Array.TrueForAll(place, name => at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out at))
                    && at.ValueKind == JsonValueKind.String && Uri.TryCreate(at.GetString(), UriKind.Absolute, out var repository) && repository.Scheme is "http" or "https")
                {
                    return repository;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Signed, but no JSON: form-encoded, as GitHub does unless told otherwise.
        }

        return null;
    }
}
