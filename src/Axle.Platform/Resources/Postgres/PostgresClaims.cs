using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Postgres;

/// <summary>The servers that databases stand on, as claims of the platform's own: one for each environment, and one for each <c>postgres-instance</c>.</summary>
internal sealed class PostgresClaims(IEntityStore entities, ClaimWriter writer)
{
    /// <summary>The server that all databases of an environment share.</summary>
    public static EntityRef Shared(EntityRef environment) => ResourceKinds.Claim.Ref($"postgres.{environment.Name}");

    /// <summary>The server that belongs to one claim alone.</summary>
    public static EntityRef Of(EntityRef claim) => ResourceKinds.Claim.Ref(BoundedName.Of($"{claim.Name}.server", ResourceKinds.NameMax), claim.Namespace);

    /// <summary>Its claim when it is ready; what to wait for otherwise. Asks for it when there is none.</summary>
    public async Task<Result<(Entity<ResourceClaimSpec, ResourceClaimStatus>? Server, string Waiting)>> EnsureAsync(EntityRef server, EntityRef environment, EntityRef? owner, CancellationToken stop)
    {
        var found = entities.Find(ResourceKinds.Claim, server);
        if (found is null || found.Spec.Removal is not null)
        {
            var written = await writer.ChangeAsync(server, now => now is null ? New(server, environment, owner) : now with { Removal = null }, "a database stands on it", Claims.Actor, stop);
            if (!written.TryGet(out _, out var error))
            {
                return error;
            }
        }

        return found is { Status.Phase: ResourcePhases.Ready, Spec.Removal: null }
            ? (found, "")
            : (null, $"its server {server.Name} is not ready{(found is not null && Conditions.Of(found.Status.Conditions, "Ready") is { Message: var why } ? $": {why}" : "")}");
    }

    /// <summary>Nobody else stands on it: it goes the way of what it was made for.</summary>
    public Task RemoveAsync(EntityRef server, CancellationToken stop) => entities.Find(server) is null
        ? Task.CompletedTask
        : entities.DeleteAsync(server, Claims.Actor, force: true, stop: stop);

    private static ResourceClaimSpec New(EntityRef server, EntityRef environment, EntityRef? owner) => new()
    {
        Uid = $"{PostgresServerDriver.Type}.default#{server.Name}",
        Type = PostgresServerDriver.Type,
        Environment = environment,
        Owner = owner,
        Retain = true,
        RotateEveryDays = 0,
    };
}
