using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Servers;

/// <summary>The servers that resources stand on, as claims of the platform's own: one of a program for each environment, or one for a single claim.</summary>
internal sealed class ServerClaims(IEntityStore entities, ClaimWriter writer)
{
    /// <summary>The server that all resources of one kind share in an environment.</summary>
    /// <param name="program">What the server is, for instance <c>postgres</c>.</param>
    public static EntityRef Shared(string program, EntityRef environment) => ResourceKinds.Claim.Ref(BoundedName.Of($"{program}.{environment.Name}", ResourceKinds.NameMax));

    /// <summary>The server that belongs to one claim alone.</summary>
    public static EntityRef Of(EntityRef claim) => ResourceKinds.Claim.Ref(BoundedName.Of($"{claim.Name}.server", ResourceKinds.NameMax), claim.Namespace);

    /// <summary>Its claim when it is ready; what to wait for otherwise. Asks for it when there is none.</summary>
    /// <param name="server">One of <see cref="Shared"/> or <see cref="Of"/>.</param>
    /// <param name="type">Of the claim: which driver makes it.</param>
    /// <param name="environment">Where it is.</param>
    /// <param name="owner">The team of a server that belongs to one claim; null is the platform.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <param name="parameters">For its driver, when it is asked for.</param>
    public async Task<Result<(Entity<ResourceClaimSpec, ResourceClaimStatus>? Server, string Waiting)>> EnsureAsync(
        EntityRef server, string type, EntityRef environment, EntityRef? owner, CancellationToken stop, JsonElement parameters = default)
    {
        var found = entities.Find(ResourceKinds.Claim, server);
        if (found is null || found.Spec.Removal is not null)
        {
            var written = await writer.ChangeAsync(server, now => now is null ? New(server, type, environment, owner, parameters) : now with { Removal = null }, "a resource stands on it", Claims.Actor, stop);
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

    private static ResourceClaimSpec New(EntityRef server, string type, EntityRef environment, EntityRef? owner, JsonElement parameters) => new()
    {
        Uid = $"{type}.default#{server.Name}",
        Type = type,
        Environment = environment,
        Owner = owner,
        Params = parameters,
        Retain = true,
        RotateEveryDays = 0,
    };
}
