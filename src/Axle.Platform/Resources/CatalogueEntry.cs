using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources;

/// <summary>
/// Keeps the <c>Resource</c> that the catalogue shows for a claim: owner, consumers, what it stands on, and how it is. It is
/// derived, so it is written whenever it differs.
/// </summary>
internal sealed class CatalogueEntry(IEntityStore entities)
{
    /// <summary>Owner of what the platform made for itself.</summary>
    private static readonly EntityRef s_platform = EntityRef.Of(Kinds.Group, "platform");

    private sealed record Spec(string Type, string Owner, IReadOnlyList<string> DependencyOf, IReadOnlyList<string> DependsOn, string Environment);

    /// <param name="Live">The platform itself provides and checks it.</param>
    private sealed record Status(string Phase, bool Live, string Claim, ResourceFacts? Facts, IReadOnlyList<Condition> Conditions);

    public async Task WriteAsync(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, ResourceClaimStatus status, CancellationToken stop)
    {
        var which = ResourceKinds.ResourceRef(claim.Ref);
        string[] standsOn = ServerTenant.StandsOn(status) is { } server ? [ResourceKinds.ResourceRef(server).ToString()] : [];
        var spec = new Spec(claim.Spec.Type, (claim.Spec.Owner ?? s_platform).ToString(), [.. claim.Spec.Consumers.Select(consumer => consumer.ToString())], standsOn, claim.Spec.Environment.Name);
        var wish = new Entity
        {
            ApiVersion = Kinds.BackstageApi,
            Kind = Kinds.Resource,
            Metadata = new Metadata { Namespace = which.Namespace, Name = which.Name, Annotations = new Dictionary<string, string> { [Annotations.ResourceClaim] = claim.Ref.ToString() } },
            Spec = JsonSerializer.SerializeToElement(spec, EntityJson.Options),
        };
        (await entities.PutAsync(wish, Claims.Actor, message: $"provisioned for {claim.Ref.Short}", stop: stop)).OrThrow(which);
        (await entities.PutStatusAsync(which, new Status(status.Phase, status.Phase == ResourcePhases.Ready, claim.Ref.ToString(), status.Facts, status.Conditions), Claims.Actor, stop: stop)).OrThrow(which);
    }

    public Task RemoveAsync(EntityRef claim, CancellationToken stop) => entities.RemoveAsync(ResourceKinds.ResourceRef(claim), Claims.Actor, stop);
}
