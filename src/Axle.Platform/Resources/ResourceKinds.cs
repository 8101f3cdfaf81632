using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources;

/// <summary>The kinds of this folder: what was asked for (ResourceClaim) and who makes it (Provisioner).</summary>
public static class ResourceKinds
{
    private const int RotateEveryDaysMax = 3650;

    /// <summary>Backstage's bound for names.</summary>
    internal const int NameMax = 63;

    public static readonly EntityKind<ResourceClaimSpec, ResourceClaimStatus> Claim = new(Kinds.AxleApi, Kinds.ResourceClaim)
    {
        Internal = true,
        Finalized = true,
        Edges = spec =>
        [
            .. spec.Owner is { } owner ? [new Relation("ownedBy", owner)] : Array.Empty<Relation>(),
            new Relation("runsIn", spec.Environment),
            .. spec.Consumers.Select(consumer => new Relation("dependencyOf", consumer)),
        ],
    };

    public static readonly EntityKind<ProvisionerSpec, ProvisionerStatus> Provisioner = new(Kinds.AxleApi, Kinds.Provisioner) { Rules = Rules };

    /// <summary>
    /// The one claim of a resource in an environment: <c>orders.db.staging</c> for a workload's own, <c>events-amqp.staging</c> for
    /// one that workloads share by id.
    /// </summary>
    public static EntityRef ClaimRef(ResourceNeed need, EntityRef environment, string @namespace)
    {
        var id = need.Uid[(need.Uid.IndexOf('#', StringComparison.Ordinal) + 1)..];
        var own = id == $"{need.Workload}.{need.Name}";
        var @class = need.Class == ScoreResource.DefaultClass ? "" : $"-{need.Class}";
        return Claim.Ref(BoundedName.Of(own ? $"{id}.{environment.Name}" : $"{id}-{need.Type}{@class}.{environment.Name}", NameMax), @namespace);
    }

    /// <summary>What the catalogue shows for a claim: the same name, Backstage's kind.</summary>
    public static EntityRef ResourceRef(EntityRef claim) => new(Kinds.Resource, claim.Namespace, claim.Name);

    private static IEnumerable<Problem> Rules(ProvisionerSpec spec)
    {
        if (!spec.Uri.Contains("://", StringComparison.Ordinal))
        {
            yield return new Problem($"'{spec.Uri}' is no address of a provisioner; it begins with axle://, template://, cmd://, terraform:// or external://", Path: "spec.uri");
        }

        if (string.IsNullOrWhiteSpace(spec.Type))
        {
            yield return new Problem("is empty", Path: "spec.type");
        }
    }

    /// <summary>Whether a number of days can be meant.</summary>
    internal static bool IsInterval(int days) => days is >= 0 and <= RotateEveryDaysMax;
}
