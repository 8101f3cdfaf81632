using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Secrets;

/// <summary>
/// Makes the catalogue say what <see cref="SecretStore"/> holds. The store is the truth: what a crash left out is written
/// again, at start and by <see cref="SecretReconciler"/>.
/// </summary>
internal sealed class SecretEntities(SecretStore store, IEntityStore entities)
{
    public const string System = "system:secrets";

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
            Owner = secret.Scope.IsTeam ? subject : subject is { } which && entities.Find(which) is { } found ? found.Relations.FirstOrDefault(r => r.Type == "ownedBy")?.TargetRef : null,
            Of = secret.Scope.IsTeam ? null : subject,
            Environment = secret.Scope.Environment,
            Current = secret.Removed ? 0 : secret.Current?.Number ?? 0,
            Versions = [.. secret.Versions.Select(version => new SecretVersion(version.Number, version.State, version.CreatedAt, version.CreatedBy))],
            SharedWith = [.. secret.Shares.Select(scope => scope.Subject).OfType<EntityRef>()],
            RemovedAt = secret.RemovedAt,
        };
    }
}
