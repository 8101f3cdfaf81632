using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Resources.Backups;

/// <summary>Nothing of this type, or made like this, can be backed up.</summary>
internal sealed record NoBackups : Error
{
    public NoBackups(EntityRef claim, string type, string? provisioner)
        : base("resources.no_backups", $"{claim.Name} is not backed up: {Why(type, provisioner)}.", Then(claim, type, provisioner), 422)
    {
    }

    public static NoBackups Of(Entity<ResourceClaimSpec, ResourceClaimStatus> claim) => new(claim.Ref, claim.Spec.Type, claim.Status.Provisioner);

    private static bool IsForeign(string? provisioner) => provisioner is not null && !provisioner.StartsWith("builtin-", StringComparison.Ordinal);

    private static string Why(string type, string? provisioner) => type switch
    {
        _ when IsForeign(provisioner) => $"it was made by the provisioner {provisioner}, and Axle has no way into it",
        "redis" => "it is a cache, which is filled again by whoever uses it (its param persistent is false)",
        "amqp" => "its queues hold messages on their way; brought back later, they would be delivered twice",
        "nats" => "its streams hold messages on their way; brought back later, they would be delivered twice",
        "postgres-instance" => "a whole server is administered by whoever asked for it",
        "s3" => "buckets may hold more than there is room for twice, and their clients copy them best",
        _ => $"resources of type {type} hold no data of their own",
    };

    private static string Then(EntityRef claim, string type, string? provisioner) => type switch
    {
        _ when IsForeign(provisioner) => "Use the backups of the server behind it.",
        "redis" => "Set params.persistent to true in score.yaml, if its data must last.",
        "s3" => "Copy what must last with an S3 client, as in aws s3 sync, to another place.",
        "amqp" or "nats" => $"Keep what must last in a database (type postgres). Against removal: axle resource retain {claim.Name}",
        "postgres-instance" => "Use the type postgres, or run pg_dump with its login.",
        _ => "axle resource list",
    };
}

/// <summary>Nothing is brought into this type from a file.</summary>
internal sealed record NoImport(EntityRef Claim, string Type)
    : Error("resources.no_import", $"Nothing is imported into {Claim.Name}: for the type {Type} it could not be all or nothing.", "Let the workload bring it in, with the login that it has.", 422);

/// <summary>Nothing of this type is written to a file that others could read.</summary>
internal sealed record NoExport(EntityRef Claim, string Type)
    : Error("resources.no_export", $"{Claim.Name} is not exported: there is no form of data of type {Type} that other programs read.", "Read it with the login that the workload has, or copy it: axle resource clone NAME --to NEW", 422);

/// <summary>Values of this type have no columns that rules could name.</summary>
internal sealed record NoMasking(EntityRef Claim, string Type)
    : Error("resources.no_masking", $"{Claim.Name} cannot be masked: masking works for databases of type postgres, and this is of type {Type}.", "Clone it without --mask, if its data may be there unmasked.", 422);

/// <summary>A live resource is never written over.</summary>
internal sealed record NotInPlace(EntityRef Claim)
    : Error("resources.restore_in_place", $"{Claim.Name} is not written over: a restore goes into a new resource, so that nothing is lost if it was the wrong one.", $"axle resource restore {Claim.Name} --to NEW-ID, look at it, and give the workload the id NEW-ID", 409);

internal sealed record TargetExists(EntityRef Claim)
    : Error("resources.restore_target_exists", $"There is a resource {Claim.Name} already, and it is not written over.", "Give another id with --to.", 409);

internal sealed record BackupUnknown(string Claim, string? Id)
    : Error("resources.backup_unknown", Id is null ? $"{Claim} has no finished backup." : $"{Claim} has no backup '{Id}'.", Id is null ? $"axle resource backup {Claim}" : $"axle resource backups {Claim}", 404);

internal sealed record RestoreUnknown(string Claim, string Id)
    : Error("resources.restore_unknown", $"{Claim} has no restore '{Id}'.", $"axle resource backups {Claim}", 404);

internal sealed record BackupUnfinished(string Id, string Phase)
    : Error("resources.backup_unfinished", $"The backup {Id} cannot be restored: it is {Phase}.", "Choose one that succeeded: axle resource backups NAME", 409);

/// <summary>The file is not what was written.</summary>
internal sealed record BackupDamaged(string Id, string What)
    : Error("resources.backup_damaged", $"The backup {Id} is damaged: {What}.", "Choose another one: axle resource backups NAME", 500);

/// <summary>Restored, and not the same.</summary>
internal sealed record BackupDiffers(string Id, string Difference)
    : Error("resources.backup_differs", $"What {Id} gives back is not what was there: {Difference}.", "Look at the server's log: axle resource logs NAME", 500);

internal sealed record OutsideWindow(EntityRef Claim, DateTimeOffset At, RestoreWindow? Window)
    : Error(
        "resources.restore_window",
        Window is null
            ? $"No moment of {Claim.Name} can be restored yet: there is no physical copy of its server."
            : $"{At:yyyy-MM-dd HH:mm:ss} UTC cannot be restored; {Claim.Name} can go back to any moment from {Window.Oldest:yyyy-MM-dd HH:mm:ss} to {Window.Newest:yyyy-MM-dd HH:mm:ss} UTC.",
        $"axle resource backups {Claim.Name}",
        422);

/// <summary>Only a log of changes leads to a moment between backups.</summary>
internal sealed record NoMoments(EntityRef Claim, string Type)
    : Error("resources.no_moments", $"{Claim.Name} can only go back to a backup: moments between them can be restored of databases of type postgres, and this is of type {Type}.", $"axle resource backups {Claim.Name}", 422);

internal sealed record ScheduleInvalid(string Schedule, string Reason)
    : Error("resources.backup_schedule", $"'{Schedule}' is no schedule: {Reason}.", "Use five fields in UTC, as in \"0 3 * * *\", or \"\" for never.", 422);

internal sealed record MaskInvalid : Error
{
    public MaskInvalid(IReadOnlyList<Problem> problems)
        : base("resources.mask", $"The masking rules cannot be used: {string.Join("; ", problems)}.", "Correct the file; nothing was copied.", 422) => Problems = problems;
}

internal sealed record ImportFailed(EntityRef Claim, string Reason)
    : Error("resources.import", $"Nothing was imported into {Claim.Name}: {Reason}.", "Correct the file; for pg_dump's own: use --no-owner --no-privileges.", 422);
