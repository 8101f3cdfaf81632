using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Resources.Backups;

/// <summary>Whether a new claim's data is there. Both parts null: it is.</summary>
internal sealed record FilledFirst(string? Waiting = null, Error? Failed = null)
{
    public static FilledFirst Look(IEntityStore entities, Entity<ResourceClaimSpec, ResourceClaimStatus> claim, EntityRef restore) => entities.Find(BackupKinds.Restore, restore) switch
    {
        { Status.Phase: BackupPhases.Succeeded } => new FilledFirst(),
        { Status.Phase: BackupPhases.Failed } failed => new FilledFirst(Failed: new RestoreFailed(claim.Ref, Why(failed.Status))),

        // The claim is written before its restore; a kill in between is so rare that its owner may clear it away.
        null => new FilledFirst($"its data is about to be restored; if that never begins, remove it: axle resource delete {claim.Metadata.Name} --now"),
        var running => new FilledFirst($"its data is being restored from {running.Spec.From.Name} ({running.Status.Step})"),
    };

    public static string Why(RestoreStatus status) => Conditions.Of(status.Conditions, "Ready")?.Message.TrimEnd('.') ?? "no reason is known";
}

/// <summary>A new resource that has no data.</summary>
internal sealed record RestoreFailed(EntityRef Claim, string Reason)
    : Error("resources.restore_failed", $"{Claim.Name} has no data: {Reason}.", $"Remove it, and try again: axle resource delete {Claim.Name} --now", 500);
