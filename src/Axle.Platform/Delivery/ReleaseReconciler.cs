using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Environments;
using Microsoft.Extensions.Logging;

namespace Axle.Platform.Delivery;

/// <summary>
/// Turns each successful build of a component into exactly one release, numbered in the order of the builds, and sends the newest to
/// the environments that take new releases by themselves. Keyed by component, so that numbers are given one after the other.
/// </summary>
internal sealed partial class ReleaseReconciler(IEntityStore entities, IEnvironments environments, DeploymentWriter writer, Deploy deploy, ILogger<ReleaseReconciler> log) : IReconciler
{
    public string Name => "release";

    /// <summary>Until the deployment of a component that was deleted is gone, and the one that came after it can have its own.</summary>
    private static readonly TimeSpan s_removed = TimeSpan.FromSeconds(1);

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Build, Contracts.Kinds.Release, Contracts.Kinds.Environment, Contracts.Kinds.Component];

    /// <summary>These name all components that have something to release.</summary>
    public IReadOnlyList<string> KindsAtStart => [Contracts.Kinds.Build, Contracts.Kinds.Release];

    public IEnumerable<EntityRef> KeysFor(Change change) => change.Ref.Kind switch
    {
        // One that was deleted and comes back has its releases still.
        "component" => change.Verb != "delete" && IsBuilt(change.Ref) ? [change.Ref] : [],
        "environment" => entities.Heads(new EntityQuery { Kinds = KindsAtStart }).SelectMany(head => ComponentsOf(head.Relations)).Distinct(),
        _ => ComponentsOf(change.Entity.Relations),
    };

    private static IEnumerable<EntityRef> ComponentsOf(IEnumerable<Relation> edges) => edges.Where(edge => edge.Type is "buildOf" or "releaseOf").Select(edge => edge.TargetRef);

    /// <summary>A catalogue has many components that are only described; those are never released.</summary>
    private bool IsBuilt(EntityRef component)
    {
        foreach (var edge in entities.EdgesTo(component))
        {
            if (edge.Type is "buildOf" or "releaseOf")
            {
                return true;
            }
        }

        return false;
    }

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(which) is null)
        {
            return Again.Never;
        }

        // 1. A release for each successful build that has none.
        var releases = writer.Releases(which);
        var released = releases.Select(r => r.Spec.Build).ToHashSet();
        var number = releases.Count == 0 ? 0 : releases[0].Spec.Number;
        foreach (var build in entities.All(BuildKind.Instance, new Relation("buildOf", which))
            .Where(b => b.Status is { Phase: BuildPhases.Succeeded, Artifact: not null, Plan: not null } && !released.Contains(b.Ref))
            .OrderBy(b => b.Metadata.CreatedAt).ThenBy(b => b.Metadata.Name, StringComparer.Ordinal))
        {
            number++;
            var release = DeliveryKinds.Release.Make(DeliveryKinds.ReleaseRef(which, number), new ReleaseSpec
            {
                Component = which,
                Number = number,
                Build = build.Ref,
                Commit = build.Spec.Commit,
                Message = build.Spec.Message,
                Author = build.Spec.Author,
                Artifact = build.Status.Artifact!,
                Plan = build.Status.Plan!,
            });

            // "Must not exist" makes a release that is there already a conflict, never a second one.
            var made = await entities.PutAsync(release, $"system:{Name}", expected: 0, message: $"v{number}", stop: stop);
            if (!made.TryGet(out _, out var error))
            {
                throw new InvalidOperationException($"Release v{number} of {which.Short} cannot be written: {error.Message}");
            }

            LogReleased(log, which, number, build.Spec.Commit);
        }

        // 2. The newest goes where releases go by themselves, unless someone holds it back or a newer one is there.
        if (writer.Releases(which) is not [var newest, ..])
        {
            return Again.Never;
        }

        var again = Again.Never;
        foreach (var environment in environments.InOrder().Where(e => e.Spec.AutoDeploy))
        {
            var deployment = writer.Find(which, environment.Ref);
            if (deployment?.Metadata.DeletedAt is not null)
            {
                again = Again.In(s_removed);
                continue;
            }

            var there = deployment is null ? 0 : entities.Find(DeliveryKinds.Release, deployment.Spec.Release)?.Spec.Number ?? 0;
            if (newest.Spec.Number > Math.Max(there, deployment?.Spec.HeldUpToNumber ?? 0))
            {
                await deploy.PutAsync(which, environment, newest, "push", $"system:{Name}", stop);
            }
        }

        return again;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Component} v{Number} released from {Commit}")]
    private static partial void LogReleased(ILogger logger, EntityRef component, int number, string commit);
}
