using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>All entities of a Backstage that runs, read by its catalog API page by page.</summary>
internal static class BackstageSource
{
    private const int PageLimit = 500;

    // A cursor that leads round would never end.
    private const int PagesMax = 10_000;

    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromMinutes(2);

    /// <summary>What a Backstage computed for an entity, and nobody wrote.</summary>
    private static readonly string[] s_computed = ["uid", "etag", "generation"];

    /// <summary>The catalogue's API at an address that may be the Backstage's own.</summary>
    public static Uri AddressOf(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || address.Query.Length > 0)
        {
            throw RefusedException.Usage($"'{text}' is neither a folder nor the address of a Backstage", "axle import backstage https://backstage.example.com");
        }

        var path = address.AbsolutePath.TrimEnd('/');
        return new Uri(address.GetLeftPart(UriPartial.Authority) + (path.EndsWith("/api/catalog", StringComparison.Ordinal) ? path : path + "/api/catalog") + "/");
    }

    public static async IAsyncEnumerable<SourceEntity> ReadAsync(string text, string? token, [EnumeratorCancellation] CancellationToken stop)
    {
        // The token goes to this address only, so redirects are not followed.
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = AddressOf(text), Timeout = s_answerTimeout };
        if (token is { Length: > 0 })
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        string? cursor = null;
        for (var pages = 0; pages < PagesMax; pages++)
        {
            var path = $"entities/by-query?limit={PageLimit}" + (cursor is null ? "&orderField=metadata.uid,asc" : $"&cursor={Uri.EscapeDataString(cursor)}");
            var page = await PageAsync(http, path, stop);
            foreach (var entity in page["items"]!.AsArray().OfType<JsonObject>())
            {
                yield return Of(entity);
            }

            cursor = page["pageInfo"] is JsonObject info && info["nextCursor"] is JsonValue next && next.TryGetValue<string>(out var more) ? more : null;
            if (cursor is null)
            {
                yield break;
            }
        }
    }

    private static async Task<JsonObject> PageAsync(HttpClient http, string path, CancellationToken stop)
    {
        var address = http.BaseAddress;
        try
        {
            using var response = await http.GetAsync(path, stop);
            if (!response.IsSuccessStatusCode)
            {
                throw response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                    ? RefusedException.Because("backstage_token", $"{address} answered {(int)response.StatusCode}: it wants {(http.DefaultRequestHeaders.Authorization is null ? "a token" : "another token")}", "axle import backstage URL --token TOKEN (one of backend.auth.externalAccess in its app-config)")
                    : RefusedException.Because("backstage", $"{address}{path} answered {(int)response.StatusCode} {response.ReasonPhrase}", "check the address: it is the one of Backstage's backend");
            }

            await using var body = await response.Content.ReadAsStreamAsync(stop);
            return await JsonNode.ParseAsync(body, cancellationToken: stop) is JsonObject { } page && page["items"] is JsonArray
                ? page
                : throw RefusedException.Because("backstage", $"{address} does not answer like Backstage's catalogue", "check the address: it is the one of Backstage's backend");
        }
        catch (JsonException e)
        {
            throw RefusedException.Because("backstage", $"{address} does not answer like Backstage's catalogue: {e.Message}", "check the address: it is the one of Backstage's backend");
        }
        catch (HttpRequestException e)
        {
            throw RefusedException.Because("backstage_unreachable", $"cannot reach {address}: {e.Message}", "check the address and the network", ExitCodes.Unreachable);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw RefusedException.Because("backstage_unreachable", $"{address} gave no answer within {s_answerTimeout.TotalMinutes:0} minutes", "try again later", ExitCodes.Unreachable);
        }
    }

    private static SourceEntity Of(JsonObject entity)
    {
        var metadata = entity["metadata"] as JsonObject;
        var origin = Target(metadata?["annotations"] is JsonObject annotations ? Text(annotations, "backstage.io/managed-by-origin-location") : null);
        var name = $"{Text(entity, "kind")?.ToLowerInvariant()}:{Text(metadata, "namespace") ?? EntityRef.DefaultNamespace}/{Text(metadata, "name")}";
        var spec = entity["spec"] as JsonObject;
        var registers = Text(entity, "kind") == Kinds.Location && Text(metadata, "name")?.StartsWith("generated-", StringComparison.Ordinal) == true && Text(spec, "type") == "url" ? Text(spec, "target") : null;
        entity.Remove("relations");
        entity.Remove("status");
        foreach (var computed in s_computed)
        {
            metadata?.Remove(computed);
        }

        return new SourceEntity(new CatalogImportFile(name, entity.ToJsonString()), EntityRef.TryParse(name, null, out var which) ? which : null, origin, registers);
    }

    private static string? Target(string? annotation) => annotation?.StartsWith("url:", StringComparison.Ordinal) == true ? annotation[4..] : null;

    private static string? Text(JsonObject? from, string name) => from?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
