using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets.Stores;

namespace Axle.Platform.Secrets;

/// <summary>
/// Makes the catalogue say what <see cref="SecretStore"/> holds. The store is the truth: what a crash left out is written
/// again, at start and by <see cref="SecretReconciler"/>.
/// </summary>
internal sealed class SecretEntities(SecretStore store, LastFetches fetches, IEntityStore entities, TimeProvider clock)
{
    public const string System = "system:secrets";

    private const string Fetched = "Fetched";

    /// <summary>Writes one secret's entity, or takes it out when the secret is gone.</summary>
    /// <param name="message">What happened, for the history; never a value.</param>
    public async Task WriteAsync(SecretScope scope, string name, string actor, string? message, CancellationToken stop)
    {
        if (store.Sealed is not null)
        {
            return;
        }

        var which = SecretKind.RefOf(scope, name);
        if (store.Find(scope, name) is not { } secret)
        {
            if (entities.Find(which) is not null)
            {
                await entities.DeleteAsync(which, actor, force: true, stop: stop);
            }

            return;
        }

        var put = await entities.PutAsync(SecretKind.Instance.Make(which, Spec(secret)), actor, message: message, stop: stop);
        if (!put.TryGet(out _, out var error))
        {
            throw new InvalidOperationException($"The catalogue did not take {which}: {error.Message}");
        }

        await WriteStatusAsync(which, secret, stop);
    }

    // Conditions belong to what is fetched: they go when the secret gets a value of its own.
    private async Task WriteStatusAsync(EntityRef which, StoredSecret secret, CancellationToken stop)
    {
        var known = entities.Find(SecretKind.Instance, which)?.Status ?? new SecretStatus();
        var conditions = secret.From is not { } from ? []
            : !fetches.Known(secret) ? known.Conditions
            : fetches.Problem(secret) is { } problem ? Conditions.Set(known.Conditions, Fetched, Conditions.False, "NotFetched", $"{problem.Message} The value fetched before is used.", clock.GetUtcNow(), problem.Next)
            : Conditions.Set(known.Conditions, Fetched, Conditions.True, "Fetched", $"The value is that of {from}.", clock.GetUtcNow());
        if (!conditions.SequenceEqual(known.Conditions))
        {
            // Gone in between: there is nothing left to say of it.
            _ = await entities.PutStatusAsync(which, new SecretStatus { Conditions = conditions }, System, stop: stop);
        }
    }

    /// <summary>Every secret's entity, and no other.</summary>
    public async Task RepairAsync(CancellationToken stop)
    {
        if (store.Sealed is not null)
        {
            return;
        }

        var known = store.All.ToList();
        foreach (var secret in known)
        {
            await WriteAsync(secret.Scope, secret.Name, System, "repair", stop);
        }

        var wanted = known.Select(secret => SecretKind.RefOf(secret.Scope, secret.Name)).ToHashSet();
        foreach (var orphan in entities.All(SecretKind.Instance).Where(entity => !wanted.Contains(entity.Ref)).ToList())
        {
            await entities.DeleteAsync(orphan.Ref, System, force: true, stop: stop);
        }
    }

    private SecretSpec Spec(StoredSecret secret)
    {
        var subject = secret.Scope.Subject;
        return new SecretSpec
        {
            Scope = secret.Scope.Path,
            Name = secret.Name,
            Owner = secret.Scope.IsTeam ? subject : subject is { } which && entities.Find(which) is { } found ? found.TargetOf("ownedBy") : null,
            Of = secret.Scope.IsTeam ? null : subject,
            Environment = secret.Scope.Environment,
            Current = secret.Removed ? 0 : secret.Current?.Number ?? 0,
            Versions = [.. secret.Versions.Select(version => new SecretVersion(version.Number, version.State, version.CreatedAt, version.CreatedBy))],
            SharedWith = [.. secret.Shares.Select(scope => scope.Subject).OfType<EntityRef>()],
            From = secret.From?.ToString(),
            RemovedAt = secret.RemovedAt,
        };
    }
}
