using System.Collections.Concurrent;
using Axle.Contracts;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Secrets.Stores;

/// <summary>
/// Fetches values from other stores into this one, where they are kept sealed like any other: reading never waits for a
/// store, and deployments go on while one is away, also after a restart.
/// </summary>
internal sealed class RemoteSecrets(SecretStore secrets, RemoteStores stores, LastFetches fetches, SecretEntities projection, ILogger<RemoteSecrets> log)
{
    /// <summary>Paths of one store that are asked for at once.</summary>
    private const int AtOnceMax = 4;

    /// <summary>The value that a reference leads to now.</summary>
    public async Task<Result<SecretValue>> FetchAsync(string name, RemoteReference from, CancellationToken stop) =>
        !stores.Open(from.Store).TryGet(out var open, out var error) ? error
        : (await open.Reader.ReadAsync(open.Store, open.Token, from.Path, open.Http, stop)).TryGet(out var fields, out error) ? Pick(name, from, fields)
        : error;

    /// <summary>Publishes what was fetched for a secret that is to come from there.</summary>
    public async Task<StoredSecret> SetAsync(SecretScope scope, string name, SecretValue value, RemoteReference from, string actor, CancellationToken stop)
    {
        fetches.Note(scope, name, from, null);
        var secret = secrets.SetFrom(scope, name, value, from, actor);
        await projection.WriteAsync(scope, name, actor, $"version {secret.Current!.Number}, from {from}", stop);
        return secret;
    }

    /// <summary>Fetches one secret now.</summary>
    /// <returns>Why it could not; the value that is there stays.</returns>
    public async Task<Error?> RefreshAsync(StoredSecret secret, RemoteReference from, CancellationToken stop)
    {
        var got = await FetchAsync(secret.Name, from, stop);
        await ApplyAsync(secret, from, got, stop);
        return got.Error;
    }

    /// <summary>Fetches everything. What lies at one path is asked for once; a store that is away is asked for nothing more.</summary>
    public Task RefreshAllAsync(CancellationToken stop) => Task.WhenAll(secrets.All
        .Where(secret => secret is { Removed: false, From: not null })
        .GroupBy(secret => secret.From!.Store, StringComparer.Ordinal)
        .Select(store => RefreshAsync(store.Key, [.. store], stop)));

    /// <summary>Keeps the stores' tokens from running out.</summary>
    public async Task KeepAliveAsync(CancellationToken stop)
    {
        foreach (var store in stores.All)
        {
            if (stores.Open(store.Name).TryGet(out var open, out _))
            {
                await open.Reader.KeepAliveAsync(open.Store, open.Token, open.Http, stop);
            }
        }
    }

    private async Task RefreshAsync(string store, IReadOnlyList<StoredSecret> all, CancellationToken stop)
    {
        if (!stores.Open(store).TryGet(out var open, out var error))
        {
            await ApplyAllAsync(all, _ => error, stop);
            return;
        }

        var outages = new ConcurrentQueue<Error>();
        await Parallel.ForEachAsync(all.GroupBy(secret => secret.From!.Path, StringComparer.Ordinal), new ParallelOptions { MaxDegreeOfParallelism = AtOnceMax, CancellationToken = stop }, async (path, cancel) =>
        {
            var read = outages.TryPeek(out var outage) ? outage : await open.Reader.ReadAsync(open.Store, open.Token, path.Key, open.Http, cancel);
            if (read.Error is StoreOutage)
            {
                outages.Enqueue(read.Error);
            }

            await ApplyAllAsync(path, secret => read.TryGet(out var fields, out var why) ? Pick(secret.Name, secret.From!, fields) : why, cancel);
        });
    }

    private async Task ApplyAllAsync(IEnumerable<StoredSecret> all, Func<StoredSecret, Result<SecretValue>> got, CancellationToken stop)
    {
        foreach (var secret in all)
        {
            await ApplyAsync(secret, secret.From!, got(secret), stop);
        }
    }

    private async Task ApplyAsync(StoredSecret secret, RemoteReference from, Result<SecretValue> got, CancellationToken stop)
    {
        var news = fetches.Note(secret.Scope, secret.Name, from, got.Error);
        if (news && got.Error is { } problem)
        {
            log.LogWarning("The secret {Name} of {Scope} cannot be fetched: {Why} Its last value is used", secret.Name, secret.Scope.Words, problem.Message);
        }

        var fetched = got.TryGet(out var value, out _) ? secrets.Fetched(secret.Scope, secret.Name, value, from) : null;
        if (news || fetched is not null)
        {
            await projection.WriteAsync(secret.Scope, secret.Name, SecretEntities.System, fetched is null ? null : $"version {fetched.Current!.Number}, from {from}", stop);
        }
    }

    private static Result<SecretValue> Pick(string name, RemoteReference from, IReadOnlyDictionary<string, SecretValue> fields) =>
        !fields.TryGetValue(from.Field, out var value) ? new FieldMissing(from)
        : SecretNames.RefuseValue(name, value.Reveal()) is { } refusal ? refusal
        : value;
}
