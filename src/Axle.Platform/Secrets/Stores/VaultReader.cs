using System.Net;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Secrets.Stores;

/// <summary>HashiCorp Vault and OpenBao: the KV engine, version 2. The first segment of a path is where the engine is mounted.</summary>
internal sealed class VaultReader : IStoreReader
{
    public string Kind => StoreKinds.Vault;

    public Error? Refuse(RemoteReference reference) => null;

    public async Task<Result<IReadOnlyDictionary<string, SecretValue>>> ReadAsync(RemoteStore store, SecretValue token, string path, StoreHttp http, CancellationToken stop)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var asked = await http.SendAsync(HttpMethod.Get, $"v1/{path[..slash]}/data{path[slash..]}", Headers(store, token), stop);
        if (!asked.TryGet(out var answer, out var error))
        {
            return error;
        }

        // A version that was deleted answers 404 too, with its metadata.
        return answer.Status switch
        {
            HttpStatusCode.OK => Fields(answer.Json) is { } fields ? Result<IReadOnlyDictionary<string, SecretValue>>.Of(fields) : new StoreAnswerUnclear(store.Name, path, "a secret of KV version 2"),
            HttpStatusCode.NotFound => new RemoteMissing(store.Name, path),
            HttpStatusCode.Forbidden => new RemoteDenied(store.Name, path),
            var status => new StoreAnswerUnclear(store.Name, path, $"a secret ({(int)status})"),
        };
    }

    public async Task<Error?> TestAsync(RemoteStore store, SecretValue token, StoreHttp http, CancellationToken stop)
    {
        var asked = await http.SendAsync(HttpMethod.Get, "v1/auth/token/lookup-self", Headers(store, token), stop);
        return !asked.TryGet(out var answer, out var error) ? error
            : answer.Status switch
            {
                HttpStatusCode.OK => null,
                HttpStatusCode.Forbidden => new StoreOutage(store.Name, "does not take Axle's token (403)"),
                var status => new StoreOutage(store.Name, $"does not answer as Vault does ({(int)status})"),
            };
    }

    public Task KeepAliveAsync(RemoteStore store, SecretValue token, StoreHttp http, CancellationToken stop) =>
        http.SendAsync(HttpMethod.Post, "v1/auth/token/renew-self", Headers(store, token), stop, "{}");

    private static IEnumerable<(string, string)> Headers(RemoteStore store, SecretValue token)
    {
        yield return ("X-Vault-Token", token.Reveal());
        yield return ("X-Vault-Request", "true");
        if (store.Settings.Namespace is { } space)
        {
            yield return ("X-Vault-Namespace", space);
        }
    }

    // Numbers and truth values count as text, since people type them without quotes; what has parts is no value.
    private static Dictionary<string, SecretValue>? Fields(JsonElement? json) =>
        json is { ValueKind: JsonValueKind.Object } all
        && all.TryGetProperty("data", out var outer) && outer.ValueKind == JsonValueKind.Object
        && outer.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            ? data.EnumerateObject()
                .Where(field => field.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
                .GroupBy(field => field.Name, StringComparer.Ordinal)
                .ToDictionary(same => same.Key, same => Text(same.Last().Value), StringComparer.Ordinal)
            : null;

    private static SecretValue Text(JsonElement value) => new(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
}
