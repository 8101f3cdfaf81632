using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Secrets.Stores;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Secrets;

/// <summary>What everybody who reads the catalogue may know of secrets: names, versions, ages, who did what.</summary>
internal sealed class SecretViews(SecretStore store, LastFetches fetches, IEntityStore entities, TimeProvider clock)
{
    private const int DaysDefault = 90;
    private const int UsesMax = 1000;

    public static IResult ListEndpoint([AsParameters] SecretAddress address, SecretViews self, int? maxDays = null, int? limit = null) =>
        self.List(address).ToHttp(secrets => TypedResults.Ok(new SecretList([.. secrets.Select(secret => self.Of(secret, maxDays ?? DaysDefault)).Take(limit ?? int.MaxValue)])));

    public static IResult VersionsEndpoint(string name, [AsParameters] SecretAddress address, SecretViews self) =>
        self.Find(name, address).ToHttp(secret => TypedResults.Ok(new SecretVersions(secret.Name, secret.Scope.Path, [.. secret.Versions.Select(Version)])));

    public static IResult UsesEndpoint(string name, [AsParameters] SecretAddress address, SecretViews self, int limit = 100) =>
        address.Existing(self.Entities).ToHttp(scope => TypedResults.Ok(new SecretUses(name, scope.Path, self.Uses(scope, name, limit))));

    public SecretView Of(StoredSecret secret, int maxDays = DaysDefault)
    {
        var current = secret.Removed ? null : secret.Current;
        var age = current is null ? 0 : (int)(clock.GetUtcNow() - current.CreatedAt).TotalDays;
        return new SecretView(secret.Name, secret.Scope.Path, secret.Scope.Words, current?.Number ?? 0, current?.CreatedAt, current?.CreatedBy)
        {
            AgeDays = age,
            Overdue = current is not null && age > maxDays,
            SharedWith = [.. secret.Shares.Select(scope => scope.Subject).OfType<EntityRef>()],
            From = secret.From?.ToString(),
            Problem = fetches.Problem(secret)?.Message,
            RestorableUntil = secret.RemovedAt + SecretSweep.Grace,
        };
    }

    private IEntityStore Entities => entities;

    public Result<IReadOnlyList<StoredSecret>> List(SecretAddress address)
    {
        var all = store.All.Where(secret => !secret.Scope.IsOwn);
        if (!address.IsEmpty)
        {
            if (!address.Existing(entities).TryGet(out var scope, out var error))
            {
                return error;
            }

            all = all.Where(secret => Reaches(secret, scope));
        }

        return Result<IReadOnlyList<StoredSecret>>.Of([.. all.OrderBy(secret => secret.Scope.Path, StringComparer.Ordinal).ThenBy(secret => secret.Name, StringComparer.Ordinal)]);
    }

    // What a component gets is what people look for there: also its team's, the organisation's, and what is shared with it.
    private bool Reaches(StoredSecret secret, SecretScope scope)
    {
        if (secret.Scope == scope || secret.Shares.Contains(scope))
        {
            return true;
        }

        if (scope == SecretScope.Organisation || scope.IsTeam)
        {
            return false;
        }

        var component = scope.Subject!.Value;
        if (secret.Scope == SecretScope.Organisation || secret.Scope == SecretScope.Component(component) || (scope.Environment is null && secret.Scope.Subject == component))
        {
            return true;
        }

        return entities.Find(component)?.TargetOf("ownedBy") is { } owner
            && (secret.Scope == SecretScope.Team(owner) || secret.Shares.Contains(SecretScope.Team(owner)) || secret.Shares.Contains(SecretScope.Component(component)));
    }

    public Result<StoredSecret> Find(string name, SecretAddress address) =>
        !address.Existing(entities).TryGet(out var scope, out var error) ? error
        : store.Find(scope, name) is { } secret ? secret
        : new SecretUnknown(name, scope);

    public IReadOnlyList<SecretUse> Uses(SecretScope scope, string name, int limit) => store.Uses(scope, name, Math.Clamp(limit, 1, UsesMax));

    public static SecretVersion Version(StoredVersion version) => new(version.Number, version.State, version.CreatedAt, version.CreatedBy);
}
