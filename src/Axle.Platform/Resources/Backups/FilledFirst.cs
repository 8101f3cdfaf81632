using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources.Backups;

/// <summary>A claim that is made by a restore gets its data first, all of it, and is nobody's before.</summary>
internal static class FilledFirst
{
    /// <summary>What a new claim waits for; null when its data is there, or does not come from a restore.</summary>
    /// <param name="state">What its driver remembers meanwhile.</param>
    public static Result<Provisioned?> Lacks(IEntityStore entities, Claim claim, JsonElement state = default)
    {
        if (claim.Status.ReadyAt is not null || claim.Spec.FilledBy is not { } restore)
        {
            return (Provisioned?)null;
        }

        var name = claim.Ref.Name;
        switch (entities.Find(BackupKinds.Restore, restore))
        {
            case { Status.Phase: BackupPhases.Succeeded }:
                return (Provisioned?)null;
            case { Status.Phase: BackupPhases.Failed } failed:
                return new RestoreFailed(claim.Ref, Conditions.Of(failed.Status.Conditions, "Ready")?.Message.TrimEnd('.') ?? "no reason is known");
            case { } running:
                return Waiting($"its data is being restored from {running.Spec.From.Name} ({running.Status.Step})");
            case null:
                // The claim is written before its restore; a kill in between is so rare that its owner may clear it away.
                return Waiting($"its data is about to be restored; if that never begins, remove it: axle resource delete {name} --now");
        }

        Provisioned Waiting(string why) => new() { Waiting = why, RootCause = restore, State = state };
    }
}

/// <summary>A new resource that has no data.</summary>
internal sealed record RestoreFailed(EntityRef Claim, string Reason)
    : Error("resources.restore_failed", $"{Claim.Name} has no data: {Reason}.", $"Remove it, and try again: axle resource delete {Claim.Name} --now", 500);
