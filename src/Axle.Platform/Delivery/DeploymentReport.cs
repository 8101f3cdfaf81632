using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;

namespace Axle.Platform.Delivery;

/// <summary>Words what the engine sees as a deployment's status. Pure.</summary>
internal static class DeploymentReport
{
    public static DeploymentStatus From(
        Entity<DeploymentSpec, DeploymentStatus> deployment,
        WorkloadStatus seen,
        WorkloadSpec workload,
        string? url,
        Func<string?, EntityRef?> releaseOf,
        DateTimeOffset now)
    {
        // The engine may not have begun on the newest wish yet: then this status still answers the one before.
        var current = seen.WantedRevision == workload.Revision;
        var phase = current ? Phase(seen, workload) : DeploymentPhases.RollingOut;
        var serving = releaseOf(seen.ServingRelease) ?? deployment.Status.Serving;
        return new DeploymentStatus
        {
            Phase = phase,
            ObservedGeneration = current ? deployment.Metadata.Generation : deployment.Status.ObservedGeneration,
            Serving = serving,
            Target = deployment.Spec.Release,
            Url = url,
            Instances = seen.Instances,
            Steps = current ? seen.Steps : [],
            StartedAt = seen.StartedAt,
            FinishedAt = current ? seen.FinishedAt : null,
            Failure = current ? seen.Failure : null,
            Conditions = Ready(deployment, seen, phase, workload.Release, now),
        };
    }

    /// <summary>The engine's word, unless instances are still coming or going: a new number of them is no new revision, but takes time too.</summary>
    private static string Phase(WorkloadStatus seen, WorkloadSpec workload)
    {
        if (seen.Phase is "RollingOut" or "Failed" or "Degraded")
        {
            return seen.Phase;
        }

        var live = seen.Instances.Where(i => i.State is not ("Draining" or "Stopped")).ToList();
        var settled = workload.Stopped
            ? live.Count == 0
            : workload.Groups.Where(g => g.Kind is GroupKind.Web or GroupKind.Worker).All(g => live.Count(i => i.Process == g.Name) == g.Instances);
        return !settled ? DeploymentPhases.RollingOut : workload.Stopped ? DeploymentPhases.Stopped : DeploymentPhases.Healthy;
    }

    /// <summary>The wish cannot even be told to the engine; what serves goes on.</summary>
    public static DeploymentStatus Refused(Entity<DeploymentSpec, DeploymentStatus> deployment, Error error, DateTimeOffset now) => deployment.Status with
    {
        Phase = DeploymentPhases.Failed,
        ObservedGeneration = deployment.Metadata.Generation,
        Target = deployment.Spec.Release,
        Steps = [],
        Failure = new RolloutFailure("CannotStart", Sentence(error), null, null, null, []),
        Conditions = Conditions.Set(deployment.Status.Conditions, "Ready", "False", "CannotStart", Sentence(error), now, error.Next),
    };

    private static string Sentence(Error error) => error.Problems.Count == 0 ? error.Message : $"{error.Message} {string.Join("; ", error.Problems)}";

    private static IReadOnlyList<Condition> Ready(Entity<DeploymentSpec, DeploymentStatus> deployment, WorkloadStatus seen, string phase, string release, DateTimeOffset now)
    {
        var component = deployment.Spec.Component.Name;
        var environment = deployment.Spec.Environment.Name;
        var engine = Conditions.Set(deployment.Status.Conditions, "Engine", "True", "Available", "The agent answers.", now);
        return phase switch
        {
            DeploymentPhases.Healthy => Conditions.Set(engine, "Ready", "True", "Healthy", $"{component} {release} serves in {environment}.", now),
            DeploymentPhases.Stopped => Conditions.Set(engine, "Ready", "False", "Stopped", $"{component} is stopped in {environment}.", now, $"axle start {component} --environment {environment}"),
            DeploymentPhases.RollingOut => Conditions.Set(engine, "Ready", seen.ServingRelease is null ? "False" : "True", "RollingOut", $"{component} {release} is being rolled out to {environment}{StillServing(seen)}.", now, $"axle cancel {component}"),
            DeploymentPhases.Failed => Conditions.Set(engine, "Ready", seen.ServingRelease is null ? "False" : "True", seen.Failure?.Reason ?? "Failed", $"The rollout of {component} {release} to {environment} failed: {seen.Failure?.Message ?? "no reason was given"}{StillServing(seen)}.", now, $"axle logs {component} --environment {environment}"),
            _ => Conditions.Set(engine, "Ready", "False", "Degraded", Degraded(component, environment, seen), now, $"axle logs {component} --environment {environment}"),
        };
    }

    private static string StillServing(WorkloadStatus seen) => seen.ServingRelease is null ? "; nothing serves yet" : $"; {seen.ServingRelease} goes on serving";

    private static string Degraded(string component, string environment, WorkloadStatus seen)
    {
        var bad = seen.Instances.Where(i => i.State is not ("Ready" or "Draining" or "Stopped")).ToList();
        return $"{bad.Count} of {seen.Instances.Count} instances of {component} in {environment} are not ready{(bad.FirstOrDefault(i => i.Message is not null) is { } first ? $": {first.Process} {first.Message}" : "")}.";
    }
}
