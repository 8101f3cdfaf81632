using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources;

namespace Axle.Platform.Delivery;

/// <summary>Words what the engine sees as a deployment's status. Pure.</summary>
internal static class DeploymentReport
{
    /// <summary>Condition: something serves as it should.</summary>
    private const string Ready = "Ready";

    /// <summary>Condition: the newest wish has arrived.</summary>
    private const string RolledOut = "RolledOut";

    public static DeploymentStatus From(
        Entity<DeploymentSpec, DeploymentStatus> deployment,
        WorkloadStatus seen,
        WorkloadSpec workload,
        string? url,
        Func<string?, EntityRef?> releaseOf,
        DateTimeOffset now)
    {
        seen = seen with { Failure = RolloutAdvice.WithCause(seen.Failure) };

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
            Conditions = Worded(deployment, seen, phase, workload.Release, now),
        };
    }

    /// <summary>The engine's word, unless instances are still coming or going: a new number of them is no new revision, but takes time too.</summary>
    private static string Phase(WorkloadStatus seen, WorkloadSpec workload)
    {
        // Right after a new number, or a start, the engine misses instances that nothing is wrong with: they are coming.
        var broken = seen.Instances.Any(i => i.State is "Crashed" or "Unready" || i is { State: "Starting", Restarts: > 0 });
        if (seen.Phase is "RollingOut" or "Failed" || (seen.Phase is "Degraded" && broken))
        {
            return seen.Phase;
        }

        var settled = workload.Stopped
            ? seen.Instances.All(i => i.State is "Stopped")
            : workload.Groups.Where(g => g.Kind is GroupKind.Web or GroupKind.Worker).All(g => seen.Instances.Count(i => i.Process == g.Name && i.State == "Ready") == g.Instances);
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
        Conditions = Conditions.Set(
            Conditions.Set(deployment.Status.Conditions, Ready, deployment.Status.Serving is null ? Conditions.False : Conditions.True, "CannotStart", Sentence(error), now, error.Next),
            RolledOut, Conditions.False, "CannotStart", Sentence(error), now, error.Next),
    };

    /// <summary>What the workload needs is still being made; what serves goes on.</summary>
    public static DeploymentStatus Waiting(Entity<DeploymentSpec, DeploymentStatus> deployment, IReadOnlyList<ResourceWait> waits, DateTimeOffset now)
    {
        var message = $"{deployment.Spec.Component.Name} waits for {string.Join("; ", waits.Select(wait => wait.Message).Distinct())}{(deployment.Status.Serving is null ? "" : "; what served goes on serving")}.";
        var began = deployment.Status.Steps is [{ Name: "resources" } step, ..] && deployment.Status.Target == deployment.Spec.Release ? step.At : now;
        return deployment.Status with
        {
            Phase = DeploymentPhases.RollingOut,
            Target = deployment.Spec.Release,
            Steps = [new RolloutStep("resources", "Running", string.Join("; ", waits.Select(wait => wait.Message).Distinct()), began)],
            FinishedAt = null,
            Failure = null,
            Conditions = Conditions.Set(
                Conditions.Set(deployment.Status.Conditions, Ready, deployment.Status.Serving is null ? Conditions.False : Conditions.True, "WaitingForResources", message, now, rootCause: waits[0].Claim),
                RolledOut, Conditions.Unknown, "WaitingForResources", message, now, rootCause: waits[0].Claim),
        };
    }

    /// <summary>The message often quotes the first problem itself; each is said once.</summary>
    private static string Sentence(Error error) =>
        string.Join("; ", error.Problems.Where(p => !error.Message.Contains(p.Message, StringComparison.Ordinal))) is { Length: > 0 } others ? $"{error.Message} {others}" : error.Message;

    private static IReadOnlyList<Condition> Worded(Entity<DeploymentSpec, DeploymentStatus> deployment, WorkloadStatus seen, string phase, string release, DateTimeOffset now)
    {
        var component = deployment.Spec.Component.Name;
        var environment = deployment.Spec.Environment.Name;
        var logs = $"axle logs {component} -e {environment}";
        var serves = seen.ServingRelease is { } serving
            ? (Status: Conditions.True, Reason: "Healthy", Message: $"{component} {serving} serves in {environment}.", Next: (string?)null)
            : (Status: Conditions.False, Reason: "NothingServes", Message: $"Nothing of {component} serves in {environment} yet.", Next: logs);
        var ready = phase switch
        {
            DeploymentPhases.Stopped => (Status: Conditions.False, Reason: "Stopped", Message: $"{component} is stopped in {environment}.", Next: $"axle start {component} -e {environment}"),
            DeploymentPhases.Failed when seen.ServingRelease is null => (Status: Conditions.False, Reason: "NothingServes", Message: $"Nothing of {component} serves in {environment}: {seen.Failure?.Message.TrimEnd('.') ?? "its rollout failed"}.", Next: RolloutAdvice.Next(seen.Failure, deployment.Spec.Component, environment)),
            DeploymentPhases.Degraded => (Status: Conditions.False, Reason: "Degraded", Message: Degraded(component, environment, seen), Next: logs),
            _ => serves,
        };
        var rolledOut = phase switch
        {
            DeploymentPhases.RollingOut => (Status: Conditions.Unknown, Reason: "RollingOut", Message: $"{component} {release} is being rolled out to {environment}{StillServing(seen)}.", Next: $"axle cancel {component}"),
            DeploymentPhases.Failed => (Status: Conditions.False, Reason: seen.Failure?.Reason ?? "Failed", Message: $"The rollout of {component} {release} to {environment} failed: {seen.Failure?.Message.TrimEnd('.') ?? "no reason was given"}{StillServing(seen)}.", Next: RolloutAdvice.Next(seen.Failure, deployment.Spec.Component, environment)),
            _ => (Status: Conditions.True, Reason: "RolledOut", Message: $"{component} {release} is rolled out to {environment}.", Next: (string?)null),
        };
        var all = Conditions.Set(deployment.Status.Conditions, "Engine", Conditions.True, "Available", "The agent answers.", now);
        all = Conditions.Set(all, Ready, ready.Status, ready.Reason, ready.Message, now, ready.Next);
        return Conditions.Set(all, RolledOut, rolledOut.Status, rolledOut.Reason, rolledOut.Message, now, rolledOut.Next);
    }

    private static string StillServing(WorkloadStatus seen) => seen.ServingRelease is null ? "; nothing serves yet" : $"; {seen.ServingRelease} goes on serving";

    private static string Degraded(string component, string environment, WorkloadStatus seen)
    {
        var bad = seen.Instances.Where(i => i.State is not ("Ready" or "Draining" or "Stopped")).ToList();
        return $"{bad.Count} of {seen.Instances.Count} instances of {component} in {environment} are not ready{(bad.FirstOrDefault(i => i.Message is not null) is { } first ? $": {first.Process} {first.Message}" : "")}.";
    }
}
