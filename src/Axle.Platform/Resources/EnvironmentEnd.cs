using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources;

/// <summary>
/// Forgets what provisioners kept for a whole environment, once that is gone and so is the last resource in it: until then
/// somebody may bring one back, or its provisioner needs what it shares with others to take it away.
/// </summary>
internal sealed class EnvironmentEnd(IEntityStore entities, ISecrets secrets) : IReconciler
{
    private static readonly TimeSpan s_sealedLook = TimeSpan.FromSeconds(30);

    public string Name => "environment-end";

    /// <summary>Secrets too, so that one whose environment went while this process was not there is found by its own.</summary>
    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Environment, Contracts.Kinds.ResourceClaim, Contracts.Kinds.Secret];

    public IEnumerable<EntityRef> KeysFor(Change change) => change.Ref.Kind switch
    {
        "environment" => change.Verb == "delete" ? [change.Ref] : [],
        "resourceclaim" => change.Verb == "delete" ? Targets(change, "runsIn") : [],
        _ => change.Verb == "delete" ? [] : Targets(change, "secretOf").Where(of => of.Kind == "environment"),
    };

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(which) is not null || entities.All(ResourceKinds.Claim, new Relation("runsIn", which)).Any())
        {
            return Again.Never;
        }

        if (secrets.Sealed is not null)
        {
            return Again.In(s_sealedLook);
        }

        await secrets.ForgetAsync(which, Claims.Actor, stop);
        return Again.Never;
    }

    private static IEnumerable<EntityRef> Targets(Change change, string relation) => change.Entity.Relations.Where(edge => edge.Type == relation).Select(edge => edge.TargetRef);
}
