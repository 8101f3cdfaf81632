using System.Globalization;
using System.Net.Http.Json;
using Axle.Contracts;

namespace Axle.Platform.Resources.S3;

/// <summary>One claim's account in a Swift, with the bucket in it and the keys that open it, as the administrator handles them.</summary>
/// <param name="Port">Of the server.</param>
internal sealed record SwiftBucket(SwiftServers Swift, int Port, BucketState State)
{
    /// <summary>Names of objects in one list, and in one order to delete.</summary>
    private const int BatchMax = 1_000;

    private string Account => $"v1/{State.Account}";

    /// <summary>The account, its limit, and the bucket; what is there stays.</summary>
    public async Task EnsureAsync(long storageBytes, CancellationToken stop)
    {
        if (await AskAsync(HttpMethod.Head, Account, stop) is not { } account || account.Number(SwiftServers.Quota) != storageBytes)
        {
            await Swift.AskAsync(State.ServerRef, Port, HttpMethod.Put, Account, null, stop, (SwiftServers.Quota, storageBytes.ToString(CultureInfo.InvariantCulture)));
        }

        if (await AskAsync(HttpMethod.Head, $"{Account}/{State.Bucket}", stop) is null)
        {
            await AskAsync(HttpMethod.Put, $"{Account}/{State.Bucket}", stop);
        }
    }

    /// <summary>From now on the key opens the bucket.</summary>
    public Task AllowAsync(string key, CancellationToken stop) =>
        Swift.AskAsync(State.ServerRef, Port, HttpMethod.Put, $"axle/keys/{key}", JsonContent.Create(new { account = State.Account, bucket = State.Bucket }), stop);

    /// <summary>From now on it does not, and requests with it end.</summary>
    public Task RefuseAsync(string key, CancellationToken stop) => AskAsync(HttpMethod.Delete, $"axle/keys/{key}", stop);

    public Task RefuseAllAsync(CancellationToken stop) => AskAsync(HttpMethod.Delete, $"axle/accounts/{State.Account}", stop);

    /// <summary>How many are being served.</summary>
    /// <param name="of"><c>keys/ID</c> or <c>accounts/NAME</c>.</param>
    public async Task<int> RequestsAsync(string of, CancellationToken stop) => (await AskAsync(HttpMethod.Get, $"axle/{of}", stop))?.Json.GetProperty("requests").GetInt32() ?? 0;

    public async Task<ResourceFacts> FactsAsync(CancellationToken stop)
    {
        var server = await AskAsync(HttpMethod.Get, "axle/server/now", stop);
        var account = await AskAsync(HttpMethod.Head, Account, stop);
        return new ResourceFacts(server?.Json.GetProperty("version").GetString(), account?.Number("X-Account-Bytes-Used") ?? 0, await RequestsAsync($"accounts/{State.Account}", stop), "shared");
    }

    /// <summary>The keys, everything in the account, and the account. May be told again.</summary>
    public async Task DestroyAsync(CancellationToken stop)
    {
        await RefuseAllAsync(stop);
        foreach (var container in await NamesAsync(Account, stop))
        {
            var path = Uri.EscapeDataString(container);
            while (await NamesAsync($"{Account}/{path}", stop) is { Count: > 0 } objects)
            {
                await DeleteAsync(objects.Select(name => $"{path}/{Uri.EscapeDataString(name)}"), stop);
            }

            await AskAsync(HttpMethod.Delete, $"{Account}/{path}", stop);
        }

        await AskAsync(HttpMethod.Delete, Account, stop);
    }

    private async Task<IReadOnlyList<string>> NamesAsync(string path, CancellationToken stop) =>
        await AskAsync(HttpMethod.Get, $"{path}?format=json&limit={BatchMax}", stop) is { Body.Length: > 0 } list ? [.. list.Json.EnumerateArray().Select(one => one.GetProperty("name").GetString()!)] : [];

    private async Task DeleteAsync(IEnumerable<string> paths, CancellationToken stop)
    {
        var answer = await Swift.AskAsync(State.ServerRef, Port, HttpMethod.Post, $"{Account}?bulk-delete", SwiftAnswer.Text(string.Join('\n', paths)), stop, ("Accept", "application/json"));
        if (answer?.Json.GetProperty("Errors") is { } errors && errors.GetArrayLength() > 0)
        {
            throw new HttpRequestException($"The server does not delete {errors.GetArrayLength()} objects of {State.Bucket}: {errors[0][1].GetString()}.");
        }
    }

    private Task<SwiftAnswer?> AskAsync(HttpMethod method, string path, CancellationToken stop) => Swift.AskAsync(State.ServerRef, Port, method, path, null, stop);
}
