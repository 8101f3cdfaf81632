using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Secrets.Stores;

/// <summary>Lets a secret come from another store: sets the reference, and fetches it again when somebody cannot wait a minute.</summary>
internal sealed class ReferSecret(SecretStore secrets, RemoteStores stores, RemoteSecrets remote, IEntityStore entities)
{
    public static async Task<IResult> RefreshEndpoint(string name, [AsParameters] SecretAddress address, Caller caller, ReferSecret self, SecretViews views, CancellationToken stop) =>
        (await self.RefreshAsync(name, address, caller, stop)).ToHttp(secret => TypedResults.Ok(views.Of(secret)));

    public async Task<Result<StoredSecret>> SetAsync(SecretScope scope, string name, string text, Caller caller, CancellationToken stop)
    {
        // 1. Does it name a place in a store that is there?
        if (!RemoteReference.TryParse(text, out var from))
        {
            return new ReferenceRefused(text, "PATH#FIELD");
        }

        if (stores.Find(from.Store) is not { } store)
        {
            return new StoreUnknown(from.Store);
        }

        if (stores.Reader(store).Refuse(from) is { } refusal)
        {
            return refusal;
        }

        // 2. May they have what lies there? Asked before the store is: its answer would tell what is there.
        if (caller.Refuse(Verb.Administer) is not null && !store.Permits(Team(scope), from.Path))
        {
            return new ReferenceNotPermitted(store.Name, from.Path, scope.Words);
        }

        // 3. A reference that leads nowhere is not taken.
        return (await remote.FetchAsync(name, from, stop)).TryGet(out var value, out var error)
            ? await remote.SetAsync(scope, name, value, from, caller.Actor, stop)
            : error;
    }

    private async Task<Result<StoredSecret>> RefreshAsync(string name, SecretAddress address, Caller caller, CancellationToken stop)
    {
        if (!address.For(caller, Verb.WriteSecrets, entities).TryGet(out var scope, out var error)
            || !ReadSecret.Present(secrets, scope, name).TryGet(out var secret, out error))
        {
            return error;
        }

        return secret.From is not { } from ? new SecretNotReference(name, scope)
            : await remote.RefreshAsync(secret, from, stop) is { } problem ? problem
            : ReadSecret.Present(secrets, scope, name);
    }

    /// <summary>The team whose secret it is; null for the organisation's and for what no team owns.</summary>
    private EntityRef? Team(SecretScope scope) =>
        scope.Subject is not { } subject ? null
        : scope.IsTeam ? subject
        : entities.Find(subject)?.TargetOf("ownedBy");
}
