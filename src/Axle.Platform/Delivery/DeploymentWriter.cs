using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>
/// What all verbs on a deployment share: find the things by name, check the right, write the wish. Only the wish is
/// written; <see cref="DeploymentReconciler"/> makes it so.
/// </summary>
internal sealed class DeploymentWriter(IEntityStore entities, IEnvironments environments)
{
    /// <summary>Status writes bump the same revision, so a verb may lose the race a few times during a rollout.</summary>
    private const int TriesMax = 10;

    /// <summary>The component, when the caller may use the verb on it.</summary>
    public Result<Entity> Component(EntityRef which, Caller caller, Verb verb) =>
        !Component(which).TryGet(out var component, out var unknown) ? unknown
        : caller.Refuse(verb, component) is { } refusal ? refusal
        : component;

    public Result<Entity> Component(EntityRef which) => entities.Find(which) is { } component ? component : new ComponentUnknown(which, Near(which));

    public Result<Entity<EnvironmentSpec, EnvironmentStatus>> Environment(string? name) => environments.Find(name);

    /// <summary>The component's releases, newest first.</summary>
    public IReadOnlyList<Entity<ReleaseSpec, ReleaseStatus>> Releases(EntityRef component) =>
        [.. entities.All(DeliveryKinds.Release, new Relation("releaseOf", component)).OrderByDescending(r => r.Spec.Number)];

    /// <summary>The release that a person means by <c>v7</c>, <c>7</c>, a name or a commit; null is the newest.</summary>
    public Result<Entity<ReleaseSpec, ReleaseStatus>> Release(EntityRef component, string? wanted)
    {
        var releases = Releases(component);
        if (releases.Count == 0)
        {
            return new NoRelease(component);
        }

        if (string.IsNullOrEmpty(wanted))
        {
            return releases[0];
        }

        var found = releases.FirstOrDefault(r => $"v{r.Spec.Number}".Equals(wanted, StringComparison.OrdinalIgnoreCase) || r.Metadata.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? releases.FirstOrDefault(r => wanted.Length >= 7 && r.Spec.Commit.StartsWith(wanted, StringComparison.OrdinalIgnoreCase))
            ?? releases.FirstOrDefault(r => int.TryParse(wanted, out var number) && r.Spec.Number == number);
        return found is null ? new ReleaseUnknown(component, wanted, $"v{releases[0].Spec.Number}") : found;
    }

    public Entity<DeploymentSpec, DeploymentStatus>? Find(EntityRef component, EntityRef environment) =>
        entities.Find(DeliveryKinds.Deployment, DeliveryKinds.DeploymentRef(component, environment));

    /// <summary>Changes the wish of a deployment, which must exist.</summary>
    /// <param name="change">From the deployment as it is to the new spec, or a refusal. May run several times.</param>
    public Task<Result<DeploymentAccepted>> ChangeAsync(
        EntityRef component,
        Entity<EnvironmentSpec, EnvironmentStatus> environment,
        string actor,
        string message,
        Func<Entity<DeploymentSpec, DeploymentStatus>, Result<DeploymentSpec>> change,
        CancellationToken stop) =>
        WriteAsync(component, environment, actor, message, now => now is null ? new NotDeployed(component, environment.Metadata.Name) : change(now), stop);

    /// <summary>Changes the wish of a deployment, or makes the first.</summary>
    public async Task<Result<DeploymentAccepted>> WriteAsync(
        EntityRef component,
        Entity<EnvironmentSpec, EnvironmentStatus> environment,
        string actor,
        string message,
        Func<Entity<DeploymentSpec, DeploymentStatus>?, Result<DeploymentSpec>> change,
        CancellationToken stop)
    {
        var which = DeliveryKinds.DeploymentRef(component, environment.Ref);
        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            var now = entities.Find(DeliveryKinds.Deployment, which);
            if (!change(now).TryGet(out var spec, out var refusal))
            {
                return refusal;
            }

            var wish = DeliveryKinds.Deployment.Make(which, spec);
            var put = await entities.PutAsync(wish, actor, now?.Metadata.Revision ?? 0, message, stop);
            if (put.TryGet(out var written, out var error))
            {
                var release = entities.Find(DeliveryKinds.Release, spec.Release)?.Spec;
                return new DeploymentAccepted(which, written.Metadata.Generation, spec.Release, release?.Number ?? 0, environment.Metadata.Name, message)
                {
                    Processes = release is null ? [] : WorkloadPlan.Scalable(release.Plan, spec.Instances),
                };
            }

            if (error.Code != "entities.conflict")
            {
                return error;
            }
        }

        return new TooBusy(which);
    }

    private List<string> Near(EntityRef which) =>
        [.. entities.Query(new EntityQuery { Kinds = [Contracts.Kinds.Component], All = true }).Items
            .Select(e => (e.Metadata.Name, Distance: Distance(e.Metadata.Name, which.Name)))
            .Where(n => n.Distance <= Math.Max(2, which.Name.Length / 3))
            .OrderBy(n => n.Distance)
            .Take(3)
            .Select(n => n.Name)];

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
