using Axle.Contracts;

namespace Axle.Portal.Components;

/// <summary>A state as people read it: a word and one of five tones.</summary>
/// <param name="Tone"><c>healthy</c>, <c>deploying</c>, <c>degraded</c>, <c>failing</c> or <c>idle</c>: a class of app.css.</param>
public readonly record struct Health(string Word, string Tone)
{
    public static Health Of(DeploymentStatus status) => status.Phase switch
    {
        DeploymentPhases.Healthy => new("Healthy", "healthy"),
        DeploymentPhases.RollingOut => new("Rolling out", "deploying"),
        DeploymentPhases.Degraded => new("Degraded", "degraded"),
        DeploymentPhases.Failed => status.Serving is null ? new("Failed", "failing") : new("Rollout failed", "degraded"),
        DeploymentPhases.Stopped => new("Stopped", "idle"),
        _ => new("Pending", "deploying"),
    };

    public static Health Of(BuildStatus status) => status.Phase switch
    {
        BuildPhases.Succeeded => new("Succeeded", "healthy"),
        BuildPhases.Failed => new("Failed", "failing"),
        BuildPhases.Cancelled => new("Cancelled", "idle"),
        BuildPhases.Running => new("Building", "deploying"),
        _ => new("Pending", "deploying"),
    };

    public static Health Of(InstanceStatus instance) => instance.State switch
    {
        "Ready" => new("Ready", "healthy"),
        "Starting" => new("Starting", "deploying"),
        "Draining" => new("Draining", "idle"),
        "Stopped" => new("Stopped", "idle"),
        "Crashed" => new("Crashed", "failing"),
        _ => new(instance.State, "degraded"),
    };

    public static Health Of(ResourceView resource) => resource switch
    {
        { Phase: ResourcePhases.Removed } => new("Removed", "idle"),
        { Removal: not null } => new("Being removed", "deploying"),
        { Phase: ResourcePhases.Failed } => new("Failed", "failing"),

        // A refused change leaves what was there as it is; what to do about it is the sign.
        { Phase: ResourcePhases.Ready, Next: not null } => new("Out of date", "degraded"),
        { Phase: ResourcePhases.Ready, Rotation: { State: not RotationStates.Done } } => new("Rotating", "deploying"),
        { Phase: ResourcePhases.Ready } => new("Ready", "healthy"),
        { Phase: ResourcePhases.Provisioning } => new("Provisioning", "deploying"),
        _ => new("Pending", "deploying"),
    };

    public static Health Of(SecretView secret) => secret switch
    {
        { RestorableUntil: not null } => new("Unset", "idle"),
        { Version: 0 } => new("No value", "failing"),
        { Overdue: true } => new("Overdue", "degraded"),
        _ => new("Current", "healthy"),
    };

    /// <summary>The worst of a component's deployments; a component that runs nowhere is idle.</summary>
    public static Health Of(IReadOnlyList<DeploymentView> deployments)
    {
        string[] worst = ["failing", "degraded", "deploying", "healthy", "idle"];
        var all = deployments.Select(d => Of(d.Status)).ToList();
        return all.Count == 0 ? new("Not deployed", "idle") : all.MinBy(h => Array.IndexOf(worst, h.Tone));
    }
}
