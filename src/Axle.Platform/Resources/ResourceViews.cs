using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Resources;

/// <summary>What people see of resources, from memory.</summary>
internal sealed class ResourceViews(IEntityStore entities)
{
    public IReadOnlyList<ResourceView> All(string? component = null, string? environment = null, string? type = null, string? owner = null) =>
        [.. entities.All(ResourceKinds.Claim)
            .Where(claim => component is null || claim.Spec.Consumers.Any(consumer => Is(consumer, component)))
            .Where(claim => environment is null || claim.Spec.Environment.Name.Equals(environment, StringComparison.OrdinalIgnoreCase))
            .Where(claim => type is null || claim.Spec.Type == type)
            .Where(claim => owner is null || (claim.Spec.Owner is { } group && Is(group, owner)))
            .Select(Of)
            .OrderBy(view => view.Name, StringComparer.Ordinal)];

    public static ResourceView Of(Entity<ResourceClaimSpec, ResourceClaimStatus> claim)
    {
        var said = Conditions.Of(claim.Status.Conditions, "UpToDate") is { Status: Conditions.False } stale ? stale : Conditions.Of(claim.Status.Conditions, "Ready");
        return new ResourceView
        {
            Name = claim.Metadata.Name,
            Ref = claim.Ref,
            Type = claim.Spec.Type,
            Class = claim.Spec.Class,
            Environment = claim.Spec.Environment.Name,
            Owner = claim.Spec.Owner?.Short,
            Consumers = [.. claim.Spec.Consumers.Select(consumer => consumer.Short)],
            Phase = claim.Status.Phase,
            Message = said?.Message,
            Next = said?.Next,
            Provisioner = claim.Status.Provisioner,
            Outputs = claim.Status.Outputs,
            Facts = claim.Status.Facts,
            CredentialVersion = claim.Status.CredentialVersion,
            CredentialAt = claim.Status.CredentialAt,
            RotateEveryDays = claim.Spec.RotateEveryDays,
            Rotation = claim.Status.Rotation,
            Removal = claim.Spec.Removal,
        };
    }

    private static bool Is(EntityRef which, string name) => which.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || which.ToString().Equals(name, StringComparison.OrdinalIgnoreCase) || which.Short.Equals(name, StringComparison.OrdinalIgnoreCase);
}
