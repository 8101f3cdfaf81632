using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Workloads;

namespace Axle.Platform.Delivery;

/// <summary>The kinds of delivery: what is run (Release) and where (Deployment).</summary>
public static class DeliveryKinds
{
    /// <summary>Backstage's bound for names.</summary>
    private const int NameMax = 63;

    public static readonly EntityKind<ReleaseSpec, ReleaseStatus> Release = new(Contracts.Kinds.AxleApi, Contracts.Kinds.Release)
    {
        Internal = true,
        Immutable = true,
        Edges = spec => [new Relation("releaseOf", spec.Component), new Relation("builtFrom", spec.Build)],
    };

    public static readonly EntityKind<DeploymentSpec, DeploymentStatus> Deployment = new(Contracts.Kinds.AxleApi, Contracts.Kinds.Deployment)
    {
        Internal = true,
        Finalized = true,
        Edges = spec => [new Relation("partOf", spec.Component), new Relation("runsIn", spec.Environment), new Relation("deploys", spec.Release)],
    };

    /// <summary>The one release with this number of a component.</summary>
    public static EntityRef ReleaseRef(EntityRef component, int number) => Release.Ref(BoundedName.Of($"{component.Name}-v{number}", NameMax), component.Namespace);

    /// <summary>The one deployment of a component in an environment.</summary>
    public static EntityRef DeploymentRef(EntityRef component, EntityRef environment) => Deployment.Ref(BoundedName.Of($"{component.Name}.{environment.Name}", NameMax), component.Namespace);

    /// <summary>What the engine calls a deployment.</summary>
    public static string EngineId(EntityRef deployment) =>
        deployment.Namespace == EntityRef.DefaultNamespace ? deployment.Name : $"{deployment.Name}.{deployment.Namespace}";
}

/// <summary>What a release went through.</summary>
public sealed record ReleaseStatus
{
    /// <summary>Environments that it has served in, and since when last.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> ServedIn { get; init; } = new Dictionary<string, DateTimeOffset>();
}
