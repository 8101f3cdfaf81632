using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>Verbs on what runs: scale, restart, stop and start. None of them changes the release.</summary>
internal sealed class Operate(DeploymentWriter writer, IEntityStore entities, TimeProvider clock)
{
    /// <summary>More of one process on one machine is a mistake, not a wish.</summary>
    private const int InstancesMax = 100;

    public Task<Result<DeploymentAccepted>> ScaleAsync(EntityRef component, ScaleRequest request, Caller caller, CancellationToken stop) =>
        ChangeAsync(component, request.Environment, caller, $"scale {string.Join(' ', request.Instances.Select(i => $"{i.Key}={i.Value}"))}", now => Scaled(component, now, request.Instances), stop);

    public Task<Result<DeploymentAccepted>> RestartAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop) =>
        ChangeAsync(component, request.Environment, caller, "restart", now => now.Spec with { RestartedAt = clock.GetUtcNow(), Stopped = false }, stop);

    public Task<Result<DeploymentAccepted>> StopAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop) =>
        ChangeAsync(component, request.Environment, caller, "stop", now => now.Spec with { Stopped = true }, stop);

    public Task<Result<DeploymentAccepted>> StartAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop) =>
        ChangeAsync(component, request.Environment, caller, "start", now => now.Spec with { Stopped = false }, stop);

    private async Task<Result<DeploymentAccepted>> ChangeAsync(
        EntityRef component,
        string? environmentName,
        Caller caller,
        string message,
        Func<Entity<DeploymentSpec, DeploymentStatus>, Result<DeploymentSpec>> change,
        CancellationToken stop)
    {
        if (!writer.Component(component, caller, Verb.Deploy).TryGet(out _, out var refusal)
            || !writer.Environment(environmentName).TryGet(out var environment, out refusal))
        {
            return refusal;
        }

        return await writer.ChangeAsync(component, environment, caller.Actor, message, change, stop);
    }

    private Result<DeploymentSpec> Scaled(EntityRef component, Entity<DeploymentSpec, DeploymentStatus> now, IReadOnlyDictionary<string, int> wanted)
    {
        var processes = entities.Find(DeliveryKinds.Release, now.Spec.Release) is { } release
            ? WorkloadPlan.Scalable(release.Spec.Plan, now.Spec.Instances).Select(p => p.Process).ToList()
            : [];
        foreach (var (process, count) in wanted)
        {
            if (!processes.Contains(process))
            {
                return new ProcessUnknown(component, process, processes);
            }

            if (count is < 0 or > InstancesMax)
            {
                return new InstancesOutOfRange(process, count, InstancesMax);
            }
        }

        var instances = new Dictionary<string, int>(now.Spec.Instances);
        foreach (var (process, count) in wanted)
        {
            instances[process] = count;
        }

        return now.Spec with { Instances = instances };
    }
}
