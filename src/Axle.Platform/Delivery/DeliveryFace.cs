using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>The verbs under one name, for those outside this folder.</summary>
internal sealed class DeliveryFace(Deploy deploy, Promote promote, Rollback rollback, Operate operate, Cancel cancel, Views views, Streams streams) : IDelivery
{
    public Result<ComponentView> View(EntityRef component, int limit) => views.View(component, limit);

    public IReadOnlyList<ComponentView> Summaries(EntityRef? owner) => views.Summaries(owner);

    public ComponentView Summary(Entity component) => views.Summary(component);

    public Task<Result<DeploymentAccepted>> DeployAsync(EntityRef component, DeployRequest request, Caller caller, CancellationToken stop) => deploy.RunAsync(component, request, caller, stop);

    public Task<Result<DeploymentAccepted>> PromoteAsync(EntityRef component, PromoteRequest request, Caller caller, CancellationToken stop) => promote.RunAsync(component, request, caller, stop);

    public Task<Result<DeploymentAccepted>> RollbackAsync(EntityRef component, RollbackRequest request, Caller caller, CancellationToken stop) => rollback.RunAsync(component, request, caller, stop);

    public Task<Result<DeploymentAccepted>> ScaleAsync(EntityRef component, ScaleRequest request, Caller caller, CancellationToken stop) => operate.ScaleAsync(component, request, caller, stop);

    public Task<Result<DeploymentAccepted>> RestartAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop) => operate.RestartAsync(component, request, caller, stop);

    public Task<Result<DeploymentAccepted>> StopAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop) => operate.StopAsync(component, request, caller, stop);

    public Task<Result<DeploymentAccepted>> StartAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop) => operate.StartAsync(component, request, caller, stop);

    public Task<Result<CancelAccepted>> CancelAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop) => cancel.RunAsync(component, request, caller, stop);

    public Result<IAsyncEnumerable<LogLine>> Logs(EntityRef component, string? environment, LogQuery query, Caller caller, CancellationToken stop) => streams.Logs(component, environment, query, caller, stop);
}
