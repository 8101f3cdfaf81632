using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Resources;

/// <summary>What people see of resources, from memory; what servers say by themselves is asked when somebody looks.</summary>
internal sealed class ResourceViews(IEntityStore entities, LiveFacts live)
{
    /// <summary>All that fit, without waiting for anything.</summary>
    public IReadOnlyList<ResourceView> All(string? component = null, string? environment = null, string? type = null, string? owner = null) =>
        [.. Fitting(component, environment, type, owner).Select(View).OrderBy(view => view.Name, StringComparer.Ordinal)];

    /// <summary>All that fit, as they are now.</summary>
    public async Task<IReadOnlyList<ResourceView>> NowAsync(string? component, string? environment, string? type, string? owner, CancellationToken stop)
    {
        await live.LookAsync(Fitting(component, environment, type, owner), stop);
        return All(component, environment, type, owner);
    }

    /// <summary>One, as it is now.</summary>
    public async Task<ResourceView> NowAsync(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, CancellationToken stop)
    {
        await live.LookAsync([claim], stop);
        return View(claim);
    }

    /// <summary>One, as it was seen last.</summary>
    public ResourceView View(Entity<ResourceClaimSpec, ResourceClaimStatus> claim) => Of(claim) with { Facts = live.Of(claim) };

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

    private IEnumerable<Entity<ResourceClaimSpec, ResourceClaimStatus>> Fitting(string? component, string? environment, string? type, string? owner) => entities.All(ResourceKinds.Claim)
        .Where(claim => component is null || claim.Spec.Consumers.Any(consumer => Is(consumer, component)))
        .Where(claim => environment is null || claim.Spec.Environment.Name.Equals(environment, StringComparison.OrdinalIgnoreCase))
        .Where(claim => type is null || claim.Spec.Type == type)
        .Where(claim => owner is null || (claim.Spec.Owner is { } group && Is(group, owner)));

    private static bool Is(EntityRef which, string name) => which.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || which.ToString().Equals(name, StringComparison.OrdinalIgnoreCase) || which.Short.Equals(name, StringComparison.OrdinalIgnoreCase);
}
