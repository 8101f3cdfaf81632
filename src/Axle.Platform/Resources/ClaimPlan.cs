using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources;

/// <summary>What would happen to a resource, before it does.</summary>
internal sealed class ClaimPlan(IEntityStore entities, KnownProvisioners provisioners)
{
    /// <summary>What a workload's need would do to its claim.</summary>
    public async Task<ResourcePlan> OfAsync(EntityRef which, ResourceNeed need, CancellationToken stop)
    {
        var now = entities.Find(ResourceKinds.Claim, which);
        if (now is null)
        {
            return new ResourcePlan(which, need.Type, ForeseenActions.Create, [$"a {need.Type} is made for {need.Workload}"], LosesData: false);
        }

        var foreseen = await OfAsync(now, now.Spec with { Params = need.Params }, stop);
        return now.Spec.Removal is null
            ? foreseen
            : foreseen with { Action = ForeseenActions.Change, Lines = ["it was being removed and comes back with its data", .. foreseen.Lines] };
    }

    /// <summary>What a new wish would do to an existing claim.</summary>
    public async Task<ResourcePlan> OfAsync(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, ResourceClaimSpec wish, CancellationToken stop)
    {
        if (claim.Status.Phase != ResourcePhases.Ready || claim.Status.Provisioner is null || Claims.SameParams(claim.Status.Params, wish.Params)
            || provisioners.Find(claim.Status.Provisioner) is not { } provisioner || provisioners.DriverOf(provisioner) is not { } driver)
        {
            return new ResourcePlan(claim.Ref, wish.Type, ForeseenActions.Unchanged, [], LosesData: false);
        }

        return (await driver.PlanAsync(new Claim(claim with { Spec = wish }, provisioner), stop)).TryGet(out var foreseen, out var error)
            ? new ResourcePlan(claim.Ref, wish.Type, foreseen.Action, foreseen.Lines, LosesData: foreseen.Action == ForeseenActions.Replace)
            : new ResourcePlan(claim.Ref, wish.Type, "refused", [error.Message], LosesData: false);
    }

    public static ResourcePlan Unused(Entity<ResourceClaimSpec, ResourceClaimStatus> claim, EntityRef component) =>
        claim.Spec.Consumers.Any(consumer => consumer != component) || claim.Spec.Retain
            ? new ResourcePlan(claim.Ref, claim.Spec.Type, ForeseenActions.Unchanged, [$"{component.Name} does not use it any more; it stays for {(claim.Spec.Retain ? "its owner" : "the others")}"], LosesData: false)
            : new ResourcePlan(claim.Ref, claim.Spec.Type, ForeseenActions.Remove, [$"nobody uses it any more: it is switched off, and destroyed after {Claims.KeptFor.TotalDays:0} days; until then axle undo {claim.Metadata.Name} brings it back"], LosesData: false);
}
