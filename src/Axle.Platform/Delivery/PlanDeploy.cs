using Axle.Contracts;
using Axle.Platform.Builds;
using Axle.Platform.Ownership;
using Axle.Platform.Resources;

namespace Axle.Platform.Delivery;

/// <summary>What deploying a release would do: to what runs, and to each resource. Changes nothing.</summary>
internal sealed class PlanDeploy(DeploymentWriter writer, WorkloadPlan plan, IResources resources, IBuilds builds)
{
    public async Task<Result<DeployPlan>> RunAsync(EntityRef component, DeployRequest request, Caller caller, CancellationToken stop)
    {
        if (!writer.Component(component, caller, Verb.Read).TryGet(out _, out var refusal)
            || !writer.Environment(request.Environment).TryGet(out var environment, out refusal)
            || !writer.Release(component, request.Release).TryGet(out var release, out refusal))
        {
            return refusal;
        }

        if (builds.ArtifactFolder(release.Spec.Artifact) is not { } folder)
        {
            return new ArtifactMissing(release.Ref, component);
        }

        var now = writer.Find(component, environment.Ref);
        var wish = now ?? DeliveryKinds.Deployment.Read(DeliveryKinds.Deployment.Make(
            DeliveryKinds.DeploymentRef(component, environment.Ref), new DeploymentSpec { Component = component, Environment = environment.Ref, Release = release.Ref }));
        var found = plan.Resources(wish);
        if (!plan.Make(wish, release, folder, found).TryGet(out _, out var error) && found.Waits.Count == 0)
        {
            return error;
        }

        var serving = now?.Status.Serving?.Name;
        return new DeployPlan(component, environment.Metadata.Name, $"v{release.Spec.Number}", serving is null ? null : serving[(serving.LastIndexOf("-v", StringComparison.Ordinal) + 1)..], await resources.PlanAsync(found, stop));
    }
}
