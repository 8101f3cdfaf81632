using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Secrets;

/// <summary>
/// Keeps the catalogue's picture of secrets right: after a crash, and when a component gets another owner. What a component
/// that is gone leaves behind is unset, and comes back with it within the time of grace.
/// </summary>
internal sealed class SecretReconciler(SecretStore store, SecretEntities projection, IEntityStore entities) : IReconciler
{
    public string Name => "secrets";

    public IReadOnlyList<string> Kinds { get; } = [Contracts.Kinds.Secret, Contracts.Kinds.Component];

    public IEnumerable<EntityRef> KeysFor(Change change) => change.Ref.Kind.Equals(SecretKind.Instance.Name, StringComparison.OrdinalIgnoreCase)
        ? [change.Ref]
        : Of(change.Ref).Select(secret => SecretKind.RefOf(secret.Scope, secret.Name));

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (store.Sealed is not null)
        {
            return Again.Never;
        }

        if (Find(which) is not { } secret)
        {
            if (entities.Find(which) is not null)
            {
                await entities.DeleteAsync(which, SecretEntities.System, force: true, stop: stop);
            }

            return Again.Never;
        }

        if (!secret.Scope.IsOwn && !secret.Scope.IsTeam && secret.Scope.Subject is { } component)
        {
            var there = entities.Find(component) is not null;
            if (!there && !secret.Removed)
            {
                store.Remove(secret.Scope, secret.Name, SecretEntities.System);
            }
            else if (there && secret.RemovedBy == SecretEntities.System)
            {
                store.Restore(secret.Scope, secret.Name, SecretEntities.System);
            }
        }

        await projection.WriteAsync(secret.Scope, secret.Name, SecretEntities.System, "repair", stop);
        return Again.Never;
    }

    // The entity names its secret; only one that somebody took out has to be searched for.
    private StoredSecret? Find(EntityRef which) => entities.Find(SecretKind.Instance, which) is { Spec: var spec }
        ? store.Find(new SecretScope(spec.Scope), spec.Name)
        : store.All.FirstOrDefault(secret => SecretKind.RefOf(secret.Scope, secret.Name) == which);

    private IEnumerable<StoredSecret> Of(EntityRef component) => store.All.Where(secret => !secret.Scope.IsOwn && secret.Scope.Subject == component);
}
