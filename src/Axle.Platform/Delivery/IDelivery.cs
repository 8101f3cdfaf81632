using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>What other capabilities and the portal may use of delivery: the same verbs as the API, with the same rights.</summary>
public interface IDelivery
{
    /// <summary>A component with where it runs, its releases and builds (newest first).</summary>
    Result<ComponentView> View(EntityRef component, int limit = 20);

    /// <summary>Components with where they run, without releases and builds.</summary>
    IReadOnlyList<ComponentView> Summaries(EntityRef? owner = null);

    /// <summary>One component with where it runs, without releases and builds.</summary>
    ComponentView Summary(Entity component);

    Task<Result<DeploymentAccepted>> DeployAsync(EntityRef component, DeployRequest request, Caller caller, CancellationToken stop);

    Task<Result<DeploymentAccepted>> PromoteAsync(EntityRef component, PromoteRequest request, Caller caller, CancellationToken stop);

    Task<Result<DeploymentAccepted>> RollbackAsync(EntityRef component, RollbackRequest request, Caller caller, CancellationToken stop);

    Task<Result<DeploymentAccepted>> ScaleAsync(EntityRef component, ScaleRequest request, Caller caller, CancellationToken stop);

    Task<Result<DeploymentAccepted>> RestartAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop);

    Task<Result<DeploymentAccepted>> StopAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop);

    Task<Result<DeploymentAccepted>> StartAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop);

    Task<Result<CancelAccepted>> CancelAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop);

    /// <summary>Log lines of a component in an environment (null is the first it is deployed to), oldest first.</summary>
    Result<IAsyncEnumerable<LogLine>> Logs(EntityRef component, string? environment, LogQuery query, Caller caller, CancellationToken stop);
}
