using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Environments;
using Axle.Platform.Source;

namespace Axle.Platform.Delivery;

/// <summary>Puts together what people want to see of a component, from memory only.</summary>
internal sealed class Views(IEntityStore entities, IEnvironments environments, IRepositories repositories, DeploymentWriter writer)
{
    public Result<ComponentView> View(EntityRef which, int limit)
    {
        if (!writer.Component(which).TryGet(out var component, out var unknown))
        {
            return unknown;
        }

        var deployments = Deployments(which);
        var releases = writer.Releases(which).Take(limit)
            .Select(r => new ReleaseView(
                r.Ref,
                $"v{r.Spec.Number}",
                r.Spec.Commit,
                r.Spec.Message,
                r.Spec.Author,
                r.Metadata.CreatedAt ?? default,
                [.. deployments.Where(d => d.Status.Serving == r.Ref).Select(d => d.Environment)]))
            .ToList();
        var builds = entities.All(BuildKind.Instance, new Relation("buildOf", which))
            .OrderByDescending(b => b.Metadata.CreatedAt)
            .Take(limit)
            .Select(b => new BuildView(b.Ref, b.Spec.Commit, b.Spec.Message, b.Spec.Author, b.Status, b.Metadata.CreatedAt ?? default))
            .ToList();
        return new ComponentView(component, Owner(component), CloneUrl(component), deployments, releases, builds);
    }

    public IReadOnlyList<ComponentView> Summaries(EntityRef? owner) =>
        [.. entities.Query(new EntityQuery { Kinds = [Contracts.Kinds.Component], Related = owner is { } by ? [new Relation("ownedBy", by)] : [], All = true }).Items
            .Select(Summary)];

    public ComponentView Summary(Entity component) => new(component, Owner(component), CloneUrl(component), Deployments(component.Ref), [], []);

    private List<DeploymentView> Deployments(EntityRef component) =>
        [.. environments.InOrder()
            .Select(e => (Environment: e, Deployment: writer.Find(component, e.Ref)))
            .Where(d => d.Deployment is not null)
            .Select(d => new DeploymentView(
                d.Environment.Metadata.Name,
                d.Environment.Spec.Production,
                d.Deployment!.Ref,
                d.Deployment.Metadata.Generation,
                d.Deployment.Spec,
                d.Deployment.Status,
                Number(d.Deployment.Spec.Release) ?? d.Deployment.Spec.Release.Name,
                d.Deployment.Status.Serving is { } serving ? Number(serving) ?? serving.Name : null)
            {
                Processes = entities.Find(DeliveryKinds.Release, d.Deployment.Spec.Release) is { } release ? WorkloadPlan.Scalable(release.Spec.Plan, d.Deployment.Spec.Instances) : [],
            })];

    private string? Number(EntityRef release) => entities.Find(DeliveryKinds.Release, release) is { } found ? $"v{found.Spec.Number}" : null;

    private static string? Owner(Entity component) => component.TargetOf("ownedBy")?.Short;

    private string? CloneUrl(Entity component) =>
        component.Metadata.Annotations.TryGetValue(Annotations.Repository, out var name) ? repositories.Find(name)?.CloneUrl : null;
}
