using Axle.Contracts;

namespace Axle.Platform.Resources.Backups;

/// <summary>Nothing of this type can be backed up.</summary>
internal sealed record NoBackups(EntityRef Claim, string Type)
    : Error("resources.no_backups", $"{Claim.Name} is of type {Type}, which Axle does not back up.", "axle resource list --type postgres", 422);

/// <summary>A live resource is never written over.</summary>
internal sealed record NotInPlace(EntityRef Claim)
    : Error("resources.restore_in_place", $"{Claim.Name} is not written over: a restore goes into a new resource, so that nothing is lost if it was the wrong one.", $"axle db restore {Claim.Name} --to NEW-ID, look at it, and give the workload the id NEW-ID", 409);

internal sealed record TargetExists(EntityRef Claim)
    : Error("resources.restore_target_exists", $"There is a resource {Claim.Name} already, and it is not written over.", "Give another id with --to.", 409);

internal sealed record BackupUnknown(string Claim, string? Id)
    : Error("resources.backup_unknown", Id is null ? $"{Claim} has no finished backup." : $"{Claim} has no backup '{Id}'.", Id is null ? $"axle db backup {Claim}" : $"axle db backups {Claim}", 404);

internal sealed record RestoreUnknown(string Claim, string Id)
    : Error("resources.restore_unknown", $"{Claim} has no restore '{Id}'.", $"axle db backups {Claim}", 404);

internal sealed record BackupUnfinished(string Id, string Phase)
    : Error("resources.backup_unfinished", $"The backup {Id} cannot be restored: it is {Phase}.", "Choose one that succeeded: axle db backups NAME", 409);

/// <summary>The file is not what was written.</summary>
internal sealed record BackupDamaged(string Id, string What)
    : Error("resources.backup_damaged", $"The backup {Id} is damaged: {What}.", "Choose another one: axle db backups NAME", 500);

/// <summary>Restored, and not the same.</summary>
internal sealed record BackupDiffers(string Id, string Difference)
    : Error("resources.backup_differs", $"What {Id} gives back is not what was there: {Difference}.", "Look at the server's log: axle resource logs NAME", 500);

internal sealed record OutsideWindow(EntityRef Claim, DateTimeOffset At, RestoreWindow? Window)
    : Error(
        "resources.restore_window",
        Window is null
            ? $"No moment of {Claim.Name} can be restored yet: there is no physical copy of its server."
            : $"{At:yyyy-MM-dd HH:mm:ss} UTC cannot be restored; {Claim.Name} can go back to any moment from {Window.Oldest:yyyy-MM-dd HH:mm:ss} to {Window.Newest:yyyy-MM-dd HH:mm:ss} UTC.",
        $"axle db backups {Claim.Name}",
        422);

internal sealed record ScheduleInvalid(string Schedule, string Reason)
    : Error("resources.backup_schedule", $"'{Schedule}' is no schedule: {Reason}.", "Use five fields in UTC, as in \"0 3 * * *\", or \"\" for never.", 422);

internal sealed record MaskInvalid : Error
{
    public MaskInvalid(IReadOnlyList<Problem> problems)
        : base("resources.mask", $"The masking rules cannot be used: {string.Join("; ", problems)}.", "Correct the file; nothing was copied.", 422) => Problems = problems;
}

internal sealed record ImportFailed(EntityRef Claim, string Reason)
    : Error("resources.import", $"Nothing was imported into {Claim.Name}: {Reason}.", "Correct the file; for pg_dump's own: use --no-owner --no-privileges.", 422);
