using Axle.Contracts;

namespace Axle.Platform.Resources;

/// <summary>No provisioner makes this type here.</summary>
public sealed record NoProvisioner(string Type, string Class, string Environment, IReadOnlyList<string> Known)
    : Error("resources.no_provisioner", $"Nobody provides the type '{Type}', class '{Class}', in {Environment}; types provided here: {string.Join(", ", Known)}.", "axle provisioner list; to add one: axle provisioner add FILE", 422);

/// <summary>Several provisioners fit equally well; guessing would be wrong half of the time.</summary>
public sealed record ProvisionersTie(string Type, string Class, IReadOnlyList<string> Names)
    : Error("resources.provisioners_tie", $"{string.Join(" and ", Names)} fit the type '{Type}', class '{Class}', equally well.", $"Give one of them a class, an id or an environment: axle get provisioner {(Names.Count > 0 ? Names[0] : "")} -o yaml", 409);

/// <summary>Two workloads share a resource and ask it to be different things.</summary>
public sealed record ParamsDiffer(string Uid, EntityRef Other)
    : Error("resources.params_differ", $"{Uid} is shared with {Other.Short}, whose workload gives it other params.", "Give both the same params, or resources of their own (another id).", 409);

/// <summary>A shared resource of another team that has not been shared with this one.</summary>
public sealed record NotShared(string Uid, EntityRef Owner, EntityRef Claim)
    : Error("resources.not_shared", $"{Uid} belongs to {Owner.Short} and is not shared with your team.", $"Ask {Owner.Short}: axle resource share {Claim.Name} --with YOUR-TEAM", 403);

/// <summary>No such claim.</summary>
public sealed record ClaimUnknown(string Name, IReadOnlyList<string> Near)
    : Error("resources.unknown", $"There is no resource '{Name}'{(Near.Count == 0 ? "" : $"; did you mean {string.Join(" or ", Near)}?")}.", "axle resource list", 404);

/// <summary>The verb is for another type of resource.</summary>
public sealed record WrongType(EntityRef Claim, string Type, string Wanted)
    : Error("resources.wrong_type", $"{Claim.Name} is of type {Type}; this works for {Wanted}.", "axle resource list", 422);

/// <summary>It is not there (yet, or any more), so nothing can be done with it.</summary>
public sealed record NotReady(EntityRef Claim, string Phase)
    : Error("resources.not_ready", $"{Claim.Name} is not ready: it is {Phase}.", $"axle describe {Claim.Short}", 409);

/// <summary>What is asked would lose data, and nobody said that it may.</summary>
public sealed record WouldLoseData(EntityRef Claim, IReadOnlyList<string> Lines)
    : Error("resources.would_lose_data", $"{Claim.Name} would be made anew, and its data lost: {string.Join("; ", Lines)}.", $"Restore the old params, or accept the loss: axle resource replace {Claim.Name} --accept-data-loss", 409);

/// <summary>A volume has one workload at a time.</summary>
public sealed record VolumeTaken(string Uid, EntityRef User)
    : Error("resources.volume_taken", $"{Uid} is used by {User.Short}, and a volume has one workload at a time.", $"Give it another id, or take it out of the score.yaml of {User.Name} first.", 409);

/// <summary>Its time is up, and it cannot go yet.</summary>
public sealed record InUse(EntityRef Claim, string Reason)
    : Error("resources.in_use", $"{Claim.Name} is not destroyed yet: {Reason}", $"axle describe {Claim.Short}", 409);

/// <summary>Somebody still uses it.</summary>
public sealed record StillUsed(EntityRef Claim, IReadOnlyList<EntityRef> Consumers)
    : Error("resources.still_used", $"{Claim.Name} is used by {string.Join(", ", Consumers.Select(one => one.Short))}.", $"Remove it from their score.yaml first, or: axle resource delete {Claim.Name} --force", 409);

/// <summary>There is nothing to bring back.</summary>
public sealed record NothingRemoved(string? Name)
    : Error("resources.nothing_removed", Name is null ? "Nothing was removed lately." : $"{Name} is not being removed.", "axle resource list --removed", 404);

/// <summary>The program that provides this type is not on this machine.</summary>
public sealed record ProgramNeeded(string Type, string Program, string Package)
    : Error("resources.program_missing", $"Resources of type {Type} need {Program}, which is not installed on this machine.", $"sudo apt-get install {Package}", 422);

/// <summary>Params that the provisioner cannot use.</summary>
public sealed record ParamsInvalid : Error
{
    public ParamsInvalid(string uid, IReadOnlyList<Problem> problems)
        : base("resources.params", $"The params of {uid} cannot be used: {string.Join("; ", problems)}.", "Correct them in score.yaml.", 422) => Problems = problems;
}

/// <summary>A rotation cannot go back any more.</summary>
public sealed record RotationUnderWay(EntityRef Claim, string State)
    : Error("resources.rotation_under_way", $"The credential of {Claim.Name} is being rotated ({State}).", $"axle describe {Claim.Short}", 409);

/// <summary>Its credential is not made by Axle.</summary>
public sealed record NoLogin(EntityRef Claim)
    : Error("resources.no_login", $"{Claim.Name} has no login of Axle's making, so there is nothing to rotate.", null, 422);

/// <summary>Another writer was faster, again and again.</summary>
public sealed record ClaimBusy(EntityRef Claim)
    : Error("resources.busy", $"{Claim.Name} changes too often right now.", "Try again.", 409);

/// <summary>The program behind a resource does not start.</summary>
public sealed record ServerFailed(EntityRef Server, string Reason)
    : Error("resources.server_failed", $"The server does not start: {Reason}.", $"axle resource logs {Server.Name}", 500);

/// <summary>No program of the platform's stands behind it, so there is no log of one.</summary>
public sealed record NoServer(EntityRef Claim, string Provisioner)
    : Error("resources.no_server", $"{Claim.Name} is made by the provisioner {Provisioner}: no server that Axle runs stands behind it, so Axle has no log of one.", $"Look where {Provisioner} made it: axle describe provisioner:{Provisioner}", 422);

/// <summary>A login was made as it should be, and the server refuses it.</summary>
public sealed record LoginFails(EntityRef Claim, string Reason)
    : Error("resources.login_fails", $"The login of {Claim.Name} does not work: {Reason}.", $"axle describe {Claim.Short}", 500);

/// <summary>No such provisioner.</summary>
public sealed record ProvisionerUnknown(string Name)
    : Error("resources.provisioner_unknown", $"There is no provisioner '{Name}' that was registered.", "axle provisioner list", 404);
