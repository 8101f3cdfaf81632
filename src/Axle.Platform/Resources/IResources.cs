using Axle.Contracts;

namespace Axle.Platform.Resources;

/// <summary>What deliveries need of resources: to say what a workload wants, and to hear what it gets.</summary>
public interface IResources
{
    /// <summary>The outputs that a component's workload finds in an environment; it takes down what was asked for.</summary>
    ResourceSet Open(EntityRef component, EntityRef environment);

    /// <summary>Writes down what the set was asked for: new claims, and this component as a consumer of those it shares. What was being removed comes back.</summary>
    Task<Result<IReadOnlyList<EntityRef>>> ClaimAsync(ResourceSet set, CancellationToken stop);

    /// <summary>The component uses only what the set was asked for; what nobody uses any more begins its deferred removal.</summary>
    Task LetGoAsync(ResourceSet set, CancellationToken stop);

    /// <summary>The component uses nothing there any more.</summary>
    Task LetGoAsync(EntityRef component, EntityRef environment, CancellationToken stop);

    /// <summary>What claiming the set would do; changes nothing.</summary>
    Task<IReadOnlyList<ResourcePlan>> PlanAsync(ResourceSet set, CancellationToken stop);
}

/// <summary>Something that a workload waits for.</summary>
public sealed record ResourceWait(EntityRef Claim, string Message);
