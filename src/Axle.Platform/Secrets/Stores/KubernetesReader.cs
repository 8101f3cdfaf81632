using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Secrets.Stores;

/// <summary>Secrets of a Kubernetes cluster, by its API server. A path is <c>namespace/name</c>, a field a key.</summary>
internal sealed partial class KubernetesReader : IStoreReader
{
    // Every authenticated account may ask what it may do itself.
    private const string MayI = """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"secrets"}}}""";

    private static readonly UTF8Encoding s_text = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Kind => StoreKinds.Kubernetes;

    public Error? Refuse(RemoteReference reference) =>
        reference.Segments is [var space, var name] && Name().IsMatch(space) && Name().IsMatch(name) ? null : new ReferenceRefused(reference.ToString(), "namespace/name#key");

    public async Task<Result<IReadOnlyDictionary<string, SecretValue>>> ReadAsync(RemoteStore store, SecretValue token, string path, StoreHttp http, CancellationToken stop)
    {
        var parts = path.Split('/');
        var asked = await http.SendAsync(HttpMethod.Get, $"api/v1/namespaces/{parts[0]}/secrets/{parts[1]}", Headers(token), stop);
        if (!asked.TryGet(out var answer, out var error))
        {
            return error;
        }

        return answer.Status switch
        {
            HttpStatusCode.OK => Fields(answer.Json) is { } fields ? Result<IReadOnlyDictionary<string, SecretValue>>.Of(fields) : new StoreAnswerUnclear(store.Name, path, "a Secret"),
            HttpStatusCode.NotFound => new RemoteMissing(store.Name, path),
            HttpStatusCode.Forbidden => new RemoteDenied(store.Name, path),
            var status => new StoreAnswerUnclear(store.Name, path, $"a Secret ({(int)status})"),
        };
    }

    public async Task<Error?> TestAsync(RemoteStore store, SecretValue token, StoreHttp http, CancellationToken stop)
    {
        var asked = await http.SendAsync(HttpMethod.Post, "apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Headers(token), stop, MayI);
        return !asked.TryGet(out var answer, out var error) ? error
            : answer.Status is HttpStatusCode.Created or HttpStatusCode.OK ? null
            : new StoreOutage(store.Name, $"does not answer as Kubernetes does ({(int)answer.Status})");
    }

    // A service account's token is renewed by whoever made it.
    public Task KeepAliveAsync(RemoteStore store, SecretValue token, StoreHttp http, CancellationToken stop) => Task.CompletedTask;

    private static IEnumerable<(string, string)> Headers(SecretValue token) => [("Authorization", "Bearer " + token.Reveal()), ("Accept", "application/json")];

    /// <summary>Keys whose value is text; a binary one cannot be a variable, and is as if it were not there.</summary>
    private static Dictionary<string, SecretValue>? Fields(JsonElement? json)
    {
        if (json is not { ValueKind: JsonValueKind.Object } all || !all.TryGetProperty("kind", out var kind) || kind.ValueKind != JsonValueKind.String || kind.GetString() != "Secret")
        {
            return null;
        }

        var fields = new Dictionary<string, SecretValue>(StringComparer.Ordinal);
        foreach (var field in all.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object ? data.EnumerateObject().ToList() : [])
        {
            if (field.Value.ValueKind == JsonValueKind.String && Text(field.Value) is { } text)
            {
                fields[field.Name] = new SecretValue(text);
            }
        }

        return fields;
    }

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.TryGetBytesFromBase64(out var bytes) ? s_text.GetString(bytes) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\z")]
    private static partial Regex Name();
}
