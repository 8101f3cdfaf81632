using Axle.Contracts;

namespace Axle.Platform.Resources.Drivers;

/// <summary>A provisioner that needs what this engine does not have.</summary>
internal sealed record ProvisionerNotRunnable(string Uri, string Why)
    : Error("resources.provisioner_not_runnable", $"{Uri} cannot run here. {Why}", "axle get provisioners", 422);

/// <summary>What a provisioner made is not what one may make.</summary>
internal sealed record ProvisionerFailed(string Uri, string What, string Advice)
    : Error("resources.provisioner_failed", $"{Uri}: {What}", Advice, 502);

/// <summary>A program that a provisioner needs is not where it should be.</summary>
internal sealed record ProgramNotThere(string Program, string Where, string Advice)
    : Error("resources.program_missing", $"The program '{Program}' is not {Where}.", Advice, 503);

/// <summary>A provisioner names a secret of the organisation that there is none of.</summary>
internal sealed record NoSuchSecret(string Name, string Environment)
    : Error("resources.secret_missing", $"The organisation has no secret '{Name}' for the environment {Environment}.", $"axle secret set {Name}", 422);
