using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>
/// Goes back to a release that served before, and holds automatic deploys of every release known so far, so that the
/// bad one does not return by itself. Data and migrations are not undone.
/// </summary>
internal sealed class Rollback(DeploymentWriter writer, IEnvironments environments, Deploy deploy)
{
    public async Task<Result<DeploymentAccepted>> RunAsync(EntityRef component, RollbackRequest request, Caller caller, CancellationToken stop)
    {
        if (!writer.Component(component, caller, Verb.Deploy).TryGet(out _, out var refusal)
            || !Where(component, request.Environment).TryGet(out var environment, out refusal))
        {
            return refusal;
        }

        if (writer.Find(component, environment.Ref) is not { } deployment)
        {
            return new NotDeployed(component, environment.Metadata.Name);
        }

        if (!Target(component, environment, deployment, request.To).TryGet(out var release, out refusal))
        {
            return refusal;
        }

        return await deploy.PutAsync(component, environment, release, "rollback", caller.Actor, stop);
    }

    private Result<Entity<EnvironmentSpec, EnvironmentStatus>> Where(EntityRef component, string? name)
    {
        if (name is not null)
        {
            return environments.Find(name);
        }

        var deployed = environments.InOrder().Where(e => writer.Find(component, e.Ref) is not null).ToList();
        return deployed.Count switch
        {
            0 => new NoWay($"{component.Name} is not deployed anywhere."),
            1 => deployed[0],
            _ => new NoWay($"{component.Name} is deployed to {string.Join(" and ", deployed.Select(e => e.Metadata.Name))}: say which one with --in."),
        };
    }

    private Result<Entity<ReleaseSpec, ReleaseStatus>> Target(
        EntityRef component,
        Entity<EnvironmentSpec, EnvironmentStatus> environment,
        Entity<DeploymentSpec, DeploymentStatus> deployment,
        string? wanted)
    {
        var name = environment.Metadata.Name;
        if (wanted is not null)
        {
            return !writer.Release(component, wanted).TryGet(out var asked, out var error)
                ? error
                : asked.Status.ServedIn.ContainsKey(name) ? asked : new NoWay($"{component.Name} v{asked.Spec.Number} never served in {name}, so it is nothing to go back to.");
        }

        var served = writer.Releases(component).Where(r => r.Status.ServedIn.ContainsKey(name)).ToList();
        var serving = served.FirstOrDefault(r => r.Ref == deployment.Status.Serving);

        // After a failed rollout what serves is already what to go back to; only the wish is wrong.
        if (serving is not null && deployment.Spec.Release != serving.Ref)
        {
            return serving;
        }

        var earlier = served.FirstOrDefault(r => serving is null || r.Spec.Number < serving.Spec.Number);
        return earlier is null ? new NothingBefore(component, name, serving is null ? null : $"v{serving.Spec.Number}") : earlier;
    }
}
