using System.Collections.Concurrent;
using Axle.Contracts;

namespace Axle.Platform.Secrets.Stores;

/// <summary>How the last fetch of each secret went. In memory: after a restart everything is fetched again at once.</summary>
internal sealed class LastFetches
{
    private readonly ConcurrentDictionary<(SecretScope Scope, string Name), (RemoteReference From, Error? Problem)> _last = new();

    /// <summary>Whether it was tried since the start.</summary>
    public bool Known(StoredSecret secret) => Of(secret) is not null;

    /// <summary>Why the last try failed; null when it did not, or there was none.</summary>
    public Error? Problem(StoredSecret secret) => Of(secret)?.Problem;

    /// <returns>Whether that is news.</returns>
    public bool Note(SecretScope scope, string name, RemoteReference from, Error? problem)
    {
        var news = !_last.TryGetValue((scope, name), out var before) || before.From != from || before.Problem?.Message != problem?.Message;
        _last[(scope, name)] = (from, problem);
        return news;
    }

    /// <summary>What is known of a store's last answers: a problem of any of its secrets that concerns all of it.</summary>
    public StoreOutage? Outage(string store) => _last.Values.Where(one => one.From.Store == store).Select(one => one.Problem).OfType<StoreOutage>().FirstOrDefault();

    private (RemoteReference From, Error? Problem)? Of(StoredSecret secret) =>
        secret.From is { } from && _last.TryGetValue((secret.Scope, secret.Name), out var last) && last.From == from ? last : null;
}
