using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Builds;
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
    IEngine engine,
    EngineIds ids,
    TimeProvider clock,
    ILogger<DeploymentReconciler> log) : IReconciler
{
    private static readonly TimeSpan s_engineAway = TimeSpan.FromSeconds(1);

    /// <summary>Changes are told by the engine's watch; this only covers a lost one.</summary>
    private static readonly TimeSpan s_rolloutLook = TimeSpan.FromSeconds(2);

    /// <summary>What the engine was last told by this process, so that a look that finds nothing new says nothing.</summary>
    private readonly ConcurrentDictionary<EntityRef, string> _told = new();

    public string Name => "deployment";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Deployment, Contracts.Kinds.Component];

    /// <summary>A component that goes takes its deployments along, so they must look when it does.</summary>
    public IEnumerable<EntityRef> KeysFor(Change change) => change.Ref.Kind == "deployment"
        ? [change.Ref]
        : change.Verb == "delete" ? entities.All(DeliveryKinds.Deployment, new Relation("partOf", change.Ref)).Select(d => d.Ref) : [];

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

    private async Task<Again> RemoveAsync(Entity<DeploymentSpec, DeploymentStatus> deployment, CancellationToken stop)
    {
        await engine.RemoveAsync(DeliveryKinds.EngineId(deployment.Ref), stop);
        _told.TryRemove(deployment.Ref, out _);
        ids.Forget(deployment.Ref);
        await entities.RemoveAsync(deployment.Ref, $"system:{Name}", stop);
        return Again.Never;
    }

    private async Task<Again> ConvergeAsync(Entity<DeploymentSpec, DeploymentStatus> deployment, CancellationToken stop)
    {
        // 1. What should run, down to the last variable.
        if (!Workload(deployment).TryGet(out var workload, out var error))
        {
            await WriteAsync(deployment, DeploymentReport.Refused(deployment, error, clock.GetUtcNow()), stop);
            return Again.Never;
        }

        // 2. The engine hears it once; saying it twice would do no harm.
        ids.Learn(deployment.Ref);
        var seen = await engine.ObserveAsync(workload.Id, stop);
        var digest = WorkloadPlan.Digest(workload);
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

        var status = DeploymentReport.From(deployment, seen, workload, plan.Url(workload), ReleaseOf, clock.GetUtcNow());
        await WriteAsync(deployment, status, stop);
        await RememberServedAsync(deployment, status, stop);
        return status.Phase is DeploymentPhases.RollingOut ? Again.In(s_rolloutLook) : Again.Never;

        EntityRef? ReleaseOf(string? name) => name is not null && int.TryParse(name.AsSpan(1), out var number) ? DeliveryKinds.ReleaseRef(deployment.Spec.Component, number) : null;
    }

    private Result<WorkloadSpec> Workload(Entity<DeploymentSpec, DeploymentStatus> deployment)
    {
        if (entities.Find(DeliveryKinds.Release, deployment.Spec.Release) is not { } release)
        {
            return new ReleaseUnknown(deployment.Spec.Component, deployment.Spec.Release.Name, null);
        }

        return builds.ArtifactFolder(release.Spec.Artifact) is { } folder
            ? plan.Make(deployment, release, folder)
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
