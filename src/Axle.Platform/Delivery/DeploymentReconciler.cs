using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Resources;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Delivery;

/// <summary>
/// Tells the engine what a deployment asks for and writes down what the engine sees. The rollout itself is the engine's:
/// it goes on while this process is away.
/// </summary>
internal sealed partial class DeploymentReconciler(
    IEntityStore entities,
    IBuilds builds,
    WorkloadPlan plan,
    IResources resources,
    IEngine engine,
    EngineIds ids,
    TimeProvider clock,
    ILogger<DeploymentReconciler> log) : IReconciler
{
    private static readonly TimeSpan s_engineAway = TimeSpan.FromSeconds(1);

    /// <summary>Changes are told by the engine's watch; this only covers a lost one.</summary>
    private static readonly TimeSpan s_rolloutLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_refusedLook = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_sealedLook = TimeSpan.FromSeconds(30);

    /// <summary>What the engine was last told by this process, so that a look that finds nothing new says nothing.</summary>
    private readonly ConcurrentDictionary<EntityRef, string> _told = new();

    public string Name => "deployment";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Deployment, Contracts.Kinds.Component, Contracts.Kinds.ResourceClaim, Contracts.Kinds.Secret];

    public IReadOnlyList<string> KindsAtStart => [Contracts.Kinds.Deployment];

    /// <summary>What a workload is made of wakes it: a resource that became ready or has another credential, a secret that was set.</summary>
    public IEnumerable<EntityRef> KeysFor(Change change) => change.Ref.Kind switch
    {
        "deployment" => [change.Ref],

        // A component that goes takes its deployments along.
        "component" => change.Verb == "delete" ? Of(change.Ref) : [],
        "resourceclaim" => change.Entity.Relations.Where(relation => relation.Type == "dependencyOf").SelectMany(relation => Of(relation.TargetRef)),
        _ => SecretUsers(change.Entity),
    };

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(DeliveryKinds.Deployment, which) is not { } deployment)
        {
            return Again.Never;
        }

        if (deployment.Metadata.DeletedAt is null && entities.Find(deployment.Spec.Component) is null)
        {
            await entities.DeleteAsync(which, $"system:{Name}", force: true, stop: stop);
            return Again.Never;
        }

        try
        {
            return deployment.Metadata.DeletedAt is null
                ? await ConvergeAsync(deployment, stop)
                : await RemoveAsync(deployment, stop);
        }
        catch (EngineUnavailableException e)
        {
            // Not ours to mend, and no reason to give up: the condition says why, the loop comes back.
            LogUnavailable(log, e, which);
            _told.TryRemove(which, out _);
            await WriteAsync(deployment, deployment.Status with
            {
                Conditions = Conditions.Set(deployment.Status.Conditions, "Engine", "False", "Unavailable", "The agent of this machine does not answer; what runs goes on running.", clock.GetUtcNow(), "axle up"),
            }, stop);
            return Again.In(s_engineAway);
        }
    }

    private IEnumerable<EntityRef> Of(EntityRef component) => entities.All(DeliveryKinds.Deployment, new Relation("partOf", component)).Select(d => d.Ref);

    /// <summary>A component's secret concerns that one and those that it is shared with; what a team or everybody has may concern anybody. Credentials of resources come by their claims.</summary>
    private IEnumerable<EntityRef> SecretUsers(Entity secret)
    {
        var users = secret.Relations.Where(relation => relation.Type is "secretOf" or "sharedWith").Select(relation => relation.TargetRef).ToList();
        return users.Count > 0 && users.All(user => user.Kind != "group")
            ? users.Where(user => user.Kind == "component").SelectMany(Of)
            : entities.All(DeliveryKinds.Deployment).Select(d => d.Ref);
    }

    private async Task<Again> RemoveAsync(Entity<DeploymentSpec, DeploymentStatus> deployment, CancellationToken stop)
    {
        await engine.RemoveAsync(DeliveryKinds.EngineId(deployment.Ref), stop);
        await resources.LetGoAsync(deployment.Spec.Component, deployment.Spec.Environment, stop);
        _told.TryRemove(deployment.Ref, out _);
        ids.Forget(deployment.Ref);
        await entities.RemoveAsync(deployment.Ref, $"system:{Name}", stop);
        return Again.Never;
    }

    private async Task<Again> ConvergeAsync(Entity<DeploymentSpec, DeploymentStatus> deployment, CancellationToken stop)
    {
        if (plan.Sealed is { } closed)
        {
            await WriteAsync(deployment, deployment.Status with { Conditions = Conditions.Set(deployment.Status.Conditions, "Secrets", Conditions.False, "Sealed", $"{closed.Message} What runs goes on running.", clock.GetUtcNow(), closed.Next) }, stop);
            return Again.In(s_sealedLook);
        }

        // 1. What should run, down to the last variable; what it needs for that is claimed, and waited for.
        var found = plan.Resources(deployment);
        var made = Workload(deployment, found);
        if (!(await resources.ClaimAsync(found, stop)).TryGet(out _, out var error))
        {
            await WriteAsync(deployment, DeploymentReport.Refused(deployment, error, clock.GetUtcNow()), stop);
            return Again.Never;
        }

        if (found.Waits.Count > 0)
        {
            await WriteAsync(deployment, DeploymentReport.Waiting(deployment, found.Waits, clock.GetUtcNow()), stop);
            return Again.Never;
        }

        if (!made.TryGet(out var workload, out error))
        {
            // Another component that it names may appear.
            await WriteAsync(deployment, DeploymentReport.Refused(deployment, error, clock.GetUtcNow()), stop);
            return Again.In(s_refusedLook);
        }

        // 2. The engine hears it once; saying it twice would do no harm.
        ids.Learn(deployment.Ref);
        var seen = await engine.ObserveAsync(workload.Id, stop);
        var digest = plan.Digest(workload);
        if (seen is null || !_told.TryGetValue(deployment.Ref, out var told) || told != digest)
        {
            try
            {
                await engine.ApplyAsync(workload, stop);
            }
            catch (EngineRefusedException e)
            {
                await WriteAsync(deployment, DeploymentReport.Refused(deployment, new Error("delivery.engine_refused", e.Message, null, 422), clock.GetUtcNow()), stop);
                return Again.Never;
            }

            _told[deployment.Ref] = digest;
            seen = await engine.ObserveAsync(workload.Id, stop);
        }

        // 3. What it sees is the status.
        if (seen is null)
        {
            return Again.In(s_engineAway);
        }

        var status = DeploymentReport.From(deployment, seen, workload, plan.Url(workload), ReleaseOf, clock.GetUtcNow()) with { Credentials = Credentials(deployment, seen, workload, found) };
        await WriteAsync(deployment, status, stop);
        await RememberServedAsync(deployment, status, stop);
        if (status.Phase is DeploymentPhases.Healthy or DeploymentPhases.Stopped && status.Serving == deployment.Spec.Release)
        {
            // Not before: what served until now may use what the new release does not ask for.
            await resources.LetGoAsync(found, stop);
        }

        return status.Phase is DeploymentPhases.RollingOut ? Again.In(s_rolloutLook) : Again.Never;

        EntityRef? ReleaseOf(string? name) => name is not null && int.TryParse(name.AsSpan(1), out var number) ? DeliveryKinds.ReleaseRef(deployment.Spec.Component, number) : null;
    }

    /// <summary>Known to be in use only once nothing else runs any more.</summary>
    private static IReadOnlyDictionary<string, int> Credentials(Entity<DeploymentSpec, DeploymentStatus> deployment, WorkloadStatus seen, WorkloadSpec workload, ResourceSet found)
    {
        var alone = seen.ServingRevision == workload.Revision && seen.Instances.All(instance => instance.Revision == workload.Revision) && seen.Runs.All(run => run.FinishedAt is not null);
        return alone ? found.Credentials : deployment.Status.Credentials;
    }

    private Result<WorkloadSpec> Workload(Entity<DeploymentSpec, DeploymentStatus> deployment, ResourceSet found)
    {
        if (entities.Find(DeliveryKinds.Release, deployment.Spec.Release) is not { } release)
        {
            return new ReleaseUnknown(deployment.Spec.Component, deployment.Spec.Release.Name, null);
        }

        return builds.ArtifactFolder(release.Spec.Artifact) is { } folder
            ? plan.Make(deployment, release, folder, found)
            : new ArtifactMissing(release.Ref, deployment.Spec.Component);
    }

    private async Task WriteAsync(Entity<DeploymentSpec, DeploymentStatus> deployment, DeploymentStatus status, CancellationToken stop)
    {
        var written = await entities.PutStatusAsync(deployment.Ref, status, $"system:{Name}", stop: stop);
        if (!written.TryGet(out _, out var error) && error.Status != 404)
        {
            throw new InvalidOperationException($"The status of {deployment.Ref.Short} cannot be written: {error.Message}");
        }
    }

    /// <summary>A release that served somewhere may be promoted from there, and be rolled back to.</summary>
    private async Task RememberServedAsync(Entity<DeploymentSpec, DeploymentStatus> deployment, DeploymentStatus status, CancellationToken stop)
    {
        if (status.Serving is not { } serving || entities.Find(DeliveryKinds.Release, serving) is not { } release || release.Status.ServedIn.ContainsKey(deployment.Spec.Environment.Name))
        {
            return;
        }

        var served = new Dictionary<string, DateTimeOffset>(release.Status.ServedIn) { [deployment.Spec.Environment.Name] = clock.GetUtcNow() };
        var written = await entities.PutStatusAsync(serving, release.Status with { ServedIn = served }, $"system:{Name}", release.Metadata.Revision, stop);
        if (!written.Ok)
        {
            // Another environment's deployment wrote at the same moment; the next look adds ours.
            throw new InvalidOperationException($"{serving.Short} changed meanwhile.");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine does not answer while looking at {Deployment}")]
    private static partial void LogUnavailable(ILogger logger, Exception e, EntityRef deployment);
}
