using Axle.Contracts;

namespace Axle.Platform.Delivery;

/// <summary>No such component.</summary>
public sealed record ComponentUnknown(EntityRef Component, IReadOnlyList<string> Near)
    : Error(
        "delivery.component_unknown",
        $"There is no component '{Component.Name}'{(Component.Namespace == EntityRef.DefaultNamespace ? "" : $" in namespace '{Component.Namespace}'")}{(Near.Count == 0 ? "" : $"; did you mean {string.Join(" or ", Near)}?")}",
        Near.Count == 0 ? "axle get component" : $"axle status {Near[0]}",
        404);

/// <summary>The component has no release yet.</summary>
public sealed record NoRelease(EntityRef Component)
    : Error("delivery.no_release", $"{Component.Name} has no release yet: nothing was built successfully.", $"axle status {Component.Name}", 409);

/// <summary>No release of this name, number or commit.</summary>
public sealed record ReleaseUnknown(EntityRef Component, string Wanted, string? Newest)
    : Error("delivery.release_unknown", $"{Component.Name} has no release '{Wanted}'{(Newest is null ? "" : $"; the newest is {Newest}")}.", $"axle status {Component.Name}", 404);

/// <summary>The release never ran where it must have run first.</summary>
public sealed record NotYetServed(EntityRef Component, string Release, string Environment, string Before)
    : Error("delivery.not_promoted", $"{Component.Name} {Release} cannot go to {Environment}: it has not served in {Before} yet.", $"axle deploy {Component.Name} -e {Before} --release {Release}", 409);

/// <summary>Nothing serves in the environment that a release should be taken from.</summary>
public sealed record NothingServes(EntityRef Component, string Environment)
    : Error("delivery.nothing_serves", $"Nothing of {Component.Name} serves in {Environment}, so there is nothing to promote from there.", $"axle status {Component.Name}", 409);

/// <summary>There is no environment after, or before, this one.</summary>
public sealed record NoWay(string Message)
    : Error("delivery.no_way", Message, "axle env list", 409);

/// <summary>The component was never deployed to the environment.</summary>
public sealed record NotDeployed(EntityRef Component, string Environment)
    : Error("delivery.not_deployed", $"{Component.Name} is not deployed to {Environment}.", $"axle deploy {Component.Name} -e {Environment}", 409);

/// <summary>There is no earlier release to go back to.</summary>
public sealed record NothingBefore(EntityRef Component, string Environment, string? Serving)
    : Error("delivery.nothing_before", $"{Component.Name} in {Environment} has no earlier release to go back to{(Serving is null ? "" : $": {Serving} is the first that served")}.", $"axle status {Component.Name}", 409);

/// <summary>The process is not among those of the release.</summary>
public sealed record ProcessUnknown(EntityRef Component, string Process, IReadOnlyList<string> Known)
    : Error("delivery.process_unknown", $"{Component.Name} has no process '{Process}'; it has {string.Join(", ", Known)}.", $"axle ps {Component.Name}", 422);

/// <summary>An instance count out of range.</summary>
public sealed record InstancesOutOfRange(string Process, int Wanted, int Max)
    : Error("delivery.instances_range", $"{Wanted} instances of {Process} are not possible: use 0 to {Max}.", $"axle scale … {Process}=2", 422);

/// <summary>Nothing to cancel.</summary>
public sealed record NothingRuns(EntityRef Component)
    : Error("delivery.nothing_runs", $"No build and no rollout of {Component.Name} is running.", $"axle status {Component.Name}", 409);

/// <summary>A command is missing.</summary>
public sealed record CommandMissing()
    : Error("delivery.command_missing", "No command was given.", "axle run orders -- node migrate.js", 422);

/// <summary>The artifact of a release is not on this machine any more.</summary>
public sealed record ArtifactMissing(EntityRef Release, EntityRef Component)
    : Error("delivery.artifact_missing", $"The artifact of {Release.Short} is not on this machine any more.", $"axle build {Component.Name}", 409);

/// <summary>Others kept changing the deployment at the same time.</summary>
public sealed record TooBusy(EntityRef Deployment)
    : Error("delivery.too_busy", $"{Deployment.Short} is being changed by others at this moment.", "Try again.", 409);

/// <summary>The engine does not answer.</summary>
public sealed record EngineAway(string Message)
    : Error("delivery.engine_away", Message, "axle status", 503);

/// <summary>Something that the workload needs is not there (yet).</summary>
public sealed record ResourceMissing(EntityRef Component, string Reason, EntityRef Claim)
    : Error("delivery.resource_missing", $"{Component.Name} cannot run: {Reason}.", $"axle describe {Claim.Short}", 409);
