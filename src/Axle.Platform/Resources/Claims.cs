using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Volumes;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources;

/// <summary>Writes what workloads ask for as claims. Only the wish is written; <see cref="ClaimReconciler"/> makes it so.</summary>
internal sealed class Claims(IEntityStore entities, KnownProvisioners provisioners, ClaimOutputs outputs, ClaimPlan plan, ClaimWriter writer, TimeProvider clock) : IResources
{
    public const string Actor = "system:resources";

    /// <summary>How long the data of what is removed is kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    public ResourceSet Open(EntityRef component, EntityRef environment) => new(component, environment, entities, provisioners, outputs);

    public async Task<Result<IReadOnlyList<EntityRef>>> ClaimAsync(ResourceSet set, CancellationToken stop)
    {
        var claimed = new List<EntityRef>();
        foreach (var need in set.Needs)
        {
            var which = ResourceKinds.ClaimRef(need, set.Environment, set.Component.Namespace);
            var written = await writer.ChangeAsync(which, now => Claimed(now, need, set), $"asked for by {set.Component.Name}", Actor, stop);
            if (!written.TryGet(out _, out var error))
            {
                return error;
            }

            claimed.Add(which);
        }

        return claimed;
    }

    public async Task LetGoAsync(ResourceSet set, CancellationToken stop)
    {
        var used = set.Needs.Select(need => ResourceKinds.ClaimRef(need, set.Environment, set.Component.Namespace)).ToHashSet();
        foreach (var claim in UsedBy(set.Component, set.Environment).Where(claim => !used.Contains(claim.Ref)))
        {
            await DetachAsync(claim.Ref, set.Component, stop);
        }
    }

    public async Task LetGoAsync(EntityRef component, EntityRef environment, CancellationToken stop)
    {
        foreach (var claim in UsedBy(component, environment))
        {
            await DetachAsync(claim.Ref, component, stop);
        }
    }

    public async Task<IReadOnlyList<ResourcePlan>> PlanAsync(ResourceSet set, CancellationToken stop)
    {
        var plans = new List<ResourcePlan>();
        foreach (var need in set.Needs)
        {
            plans.Add(await plan.OfAsync(ResourceKinds.ClaimRef(need, set.Environment, set.Component.Namespace), need, stop));
        }

        var kept = plans.Select(one => one.Claim).ToHashSet();
        plans.AddRange(UsedBy(set.Component, set.Environment).Where(claim => !kept.Contains(claim.Ref)).Select(claim => ClaimPlan.Unused(claim, set.Component)));
        return plans;
    }

    private Result<ResourceClaimSpec> Claimed(ResourceClaimSpec? now, ResourceNeed need, ResourceSet set)
    {
        var owner = entities.Find(set.Component)?.TargetOf("ownedBy");
        if (now is null)
        {
            return new ResourceClaimSpec
            {
                Uid = need.Uid,
                Type = need.Type,
                Class = need.Class,
                Environment = set.Environment,
                Params = need.Params,
                Owner = owner,
                Consumers = [set.Component],
            };
        }

        // 1. Shared only where its owner says so.
        if (now.Owner is { } theirs && theirs != owner && !now.SharedWith.Contains(owner ?? theirs))
        {
            return new NotShared(need.Uid, theirs, ResourceKinds.ClaimRef(need, set.Environment, set.Component.Namespace));
        }

        // 2. Several workloads cannot ask for different things; one alone may change its mind.
        var others = now.Consumers.Where(consumer => consumer != set.Component).ToList();
        if (others.Count > 0 && !SameParams(now.Params, need.Params))
        {
            return new ParamsDiffer(need.Uid, others[0]);
        }

        // 3. Workloads run as users of their own, so that none can read another one's files.
        if (others.Count > 0 && now.Type == VolumeDriver.Type)
        {
            return new VolumeTaken(need.Uid, others[0]);
        }

        // 4. Whoever asks for it again wants it back. One that uses it all the time says nothing new: then a person removed it on purpose.
        return now.Consumers.Contains(set.Component)
            ? now with { Params = need.Params }
            : now with { Params = need.Params, Consumers = [.. now.Consumers, set.Component], Removal = null };
    }

    private async Task DetachAsync(EntityRef which, EntityRef component, CancellationToken stop)
    {
        var at = clock.GetUtcNow();
        var written = await writer.ChangeAsync(which, Without, $"no longer used by {component.Name}", Actor, stop);
        if (!written.TryGet(out _, out var error) && error.Status != 404)
        {
            throw new InvalidOperationException($"{which.Name} cannot be let go: {error.Message}");
        }

        Result<ResourceClaimSpec> Without(ResourceClaimSpec? now)
        {
            if (now is null)
            {
                return new ClaimUnknown(which.Name, []);
            }

            var left = now.Consumers.Where(consumer => consumer != component).ToList();
            return now with
            {
                Consumers = left,
                Removal = left.Count > 0 || now.Retain ? now.Removal : now.Removal ?? new ResourceRemoval(at, Actor, at + KeptFor),
            };
        }
    }

    private IEnumerable<Entity<ResourceClaimSpec, ResourceClaimStatus>> UsedBy(EntityRef component, EntityRef environment) =>
        entities.All(ResourceKinds.Claim, new Relation("dependencyOf", component)).Where(claim => claim.Spec.Environment == environment);

    internal static bool SameParams(JsonElement a, JsonElement b) =>
        (IsEmpty(a) && IsEmpty(b)) || (a.ValueKind != JsonValueKind.Undefined && b.ValueKind != JsonValueKind.Undefined && JsonElement.DeepEquals(a, b));

    private static bool IsEmpty(JsonElement json) => json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null || (json.ValueKind == JsonValueKind.Object && !json.EnumerateObject().Any());
}
