using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>
/// Stops running builds and rollouts of a component. A cancelled rollout goes back to what serves; a first one, with
/// nothing to go back to, ends as failed.
/// </summary>
internal sealed class Cancel(DeploymentWriter writer, IEntityStore entities, IEnvironments environments, Deploy deploy, IEngine engine)
{
    public async Task<Result<CancelAccepted>> RunAsync(EntityRef component, EnvironmentRequest request, Caller caller, CancellationToken stop)
    {
        if (!writer.Component(component, caller, Verb.Deploy).TryGet(out _, out var refusal))
        {
            return refusal;
        }

        if (request.Environment is not null && !environments.Find(request.Environment).TryGet(out _, out refusal))
        {
            return refusal;
        }

        var cancelled = new List<EntityRef>();
        if (request.Environment is null)
        {
            await CancelBuildsAsync(component, caller, cancelled, stop);
        }

        foreach (var environment in environments.InOrder().Where(e => request.Environment is null || e.Metadata.Name.Equals(request.Environment, StringComparison.OrdinalIgnoreCase)))
        {
            if (writer.Find(component, environment.Ref) is { Status.Phase: DeploymentPhases.RollingOut or DeploymentPhases.Pending } deployment)
            {
                await CancelRolloutAsync(component, environment, deployment, caller, stop);
                cancelled.Add(deployment.Ref);
            }
        }

        return cancelled.Count == 0 ? new NothingRuns(component) : new CancelAccepted(cancelled);
    }

    private async Task CancelBuildsAsync(EntityRef component, Caller caller, List<EntityRef> cancelled, CancellationToken stop)
    {
        foreach (var build in entities.All(BuildKind.Instance, new Relation("buildOf", component)))
        {
            if (build.Status.Phase is not (BuildPhases.Pending or BuildPhases.Running) || build.Spec.Cancelled)
            {
                continue;
            }

            var wish = BuildKind.Instance.Make(build.Ref, build.Spec with { Cancelled = true });
            if ((await entities.PutAsync(wish, caller.Actor, message: "cancel", stop: stop)).Ok)
            {
                cancelled.Add(build.Ref);
            }
        }
    }

    private async Task CancelRolloutAsync(
        EntityRef component,
        Entity<EnvironmentSpec, EnvironmentStatus> environment,
        Entity<DeploymentSpec, DeploymentStatus> deployment,
        Caller caller,
        CancellationToken stop)
    {
        await engine.CancelRolloutAsync(DeliveryKinds.EngineId(deployment.Ref), stop);
        if (deployment.Status.Serving is { } serving && serving != deployment.Spec.Release && entities.Find(DeliveryKinds.Release, serving) is { } release)
        {
            await deploy.PutAsync(component, environment, release, "cancel", caller.Actor, stop);
        }
    }
}
