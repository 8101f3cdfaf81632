using System.Data.Common;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources.Backups;

/// <summary>Makes one backup: copied, kept, proved by restoring it. Killed anywhere, the next look starts the step over.</summary>
internal sealed class BackupReconciler(BackupLedger ledger, BackupFiles files, BackupSlots slots, IEntityStore entities, TimeProvider clock) : IReconciler
{
    private const string Ready = "Ready";
    private const int AttemptsMax = 3;
    private static readonly TimeSpan s_noSlot = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(10);

    /// <summary>How long the backups of a resource that is gone for good are kept.</summary>
    private static readonly TimeSpan s_orphansKept = TimeSpan.FromDays(30);

    /// <summary>No export or import takes longer.</summary>
    private static readonly TimeSpan s_transferMax = TimeSpan.FromDays(1);

    public string Name => "backups";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Backup];

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(BackupKinds.Backup, which) is not { } backup)
        {
            return Again.Never;
        }

        // 1. Is it to go?
        var now = clock.GetUtcNow();
        var orphan = backup.Status.FinishedAt is { } finished && now - finished > s_orphansKept && ledger.Find(backup.Spec.Claim) is null;
        if (backup.Metadata.DeletedAt is not null || orphan || (BackupTriggers.IsRecord(backup.Spec.Trigger) && now - backup.Spec.RequestedAt > s_transferMax))
        {
            return await RemoveAsync(backup, stop);
        }

        if (BackupTriggers.IsRecord(backup.Spec.Trigger) || backup.Status.Phase is BackupPhases.Succeeded or BackupPhases.Failed)
        {
            return Again.Never;
        }

        if (backup.Status.RetryAt is { } retry && retry > now)
        {
            return Again.In(retry - now);
        }

        // 2. Is there something to copy, and room to do it?
        if (ledger.Find(backup.Spec.Claim) is not { Status.Phase: ResourcePhases.Ready } claim || ledger.DriverOf(claim.Entity) is not { } driver)
        {
            return await FailedAsync(backup, backup.Status, new NotReady(backup.Spec.Claim, entities.Find(ResourceKinds.Claim, backup.Spec.Claim)?.Status.Phase ?? "gone"), stop);
        }

        using var slot = slots.Copy();
        if (slot is null)
        {
            return Again.In(s_noSlot);
        }

        // 3. Do it.
        var status = backup.Status with { Phase = BackupPhases.Running, StartedAt = now, RetryAt = null };
        await ledger.WriteAsync(which, status, stop);
        Error error;
        try
        {
            if (!(await RunAsync(backup, status, claim, driver, stop)).TryGet(out status, out error!))
            {
                return await FailedAsync(backup, entities.Find(BackupKinds.Backup, which)?.Status ?? backup.Status, error, stop);
            }
        }
        catch (Exception e) when (e is DbException or IOException or TimeoutException or ProgramMissingException or EngineUnavailableException or EngineRefusedException)
        {
            return await FailedAsync(backup, entities.Find(BackupKinds.Backup, which)?.Status ?? backup.Status, new Error("resources.backup", $"{backup.Spec.Claim.Name} cannot be backed up: {e.Message.TrimEnd('.')}.", null, 500), stop);
        }

        await RetainAsync(claim, stop);
        return Again.Never;
    }

    private async Task<Result<BackupStatus>> RunAsync(Entity<BackupSpec, BackupStatus> backup, BackupStatus status, Claim claim, IBackups driver, CancellationToken stop)
    {
        // 1. The copy. One that is finished is not made again, for its proof may be all that is missing.
        var (id, file) = (backup.Metadata.Name, files.Dump(claim.Ref, backup.Metadata.Name));
        await driver.TidyAsync(claim, id, stop);
        if (status.Sha256 is null || !File.Exists(file))
        {
            var part = $"{file}.part";
            File.Delete(part);
            if (!(await driver.DumpAsync(claim, part, stop)).TryGet(out var dumped, out var error))
            {
                return error;
            }

            var (bytes, digest) = await BackupFiles.FinishAsync(part, file, dumped, stop);
            status = await ledger.WriteAsync(backup.Ref, status with { SnapshotAt = dumped.At, SizeBytes = bytes, Sha256 = digest, Checksum = dumped.Checksum() }, stop);
        }

        if (!(await files.OpenAsync(claim.Ref, id, status, stop)).TryGet(out var expected, out var damaged))
        {
            await ledger.WriteAsync(backup.Ref, status with { Sha256 = null }, stop);
            return damaged;
        }

        // 2. The proof.
        var began = clock.GetTimestamp();
        if (!(await driver.ProveAsync(claim, id, file, expected, stop)).TryGet(out var seen, out var unproved))
        {
            return unproved;
        }

        var words = ContentsWords.Of(claim.Spec.Type);
        if (expected.Difference(seen, words) is { } difference)
        {
            // Perhaps the file was written wrongly: the next attempt makes another one.
            await ledger.WriteAsync(backup.Ref, status with { Sha256 = null }, stop);
            return new BackupDiffers(id, difference);
        }

        var now = clock.GetUtcNow();
        var proof = new BackupProof(now, seen.Tables.Count, seen.Rows, seen.Checksum(), Math.Round(clock.GetElapsedTime(began).TotalSeconds, 2), seen.CountedOnly);
        return await ledger.WriteAsync(backup.Ref, status with
        {
            Phase = BackupPhases.Succeeded,
            FinishedAt = now,
            Proof = proof,
            Conditions = Conditions.Set(status.Conditions, Ready, Conditions.True, "Proved", $"restored {words.Aside} and found equal: {proof.Tables} {words.Things}, {proof.Rows} {words.Units}{(expected.Changing > 0 ? $"; {expected.Changing} changed each time they were read" : "")}", now),
        }, stop);
    }

    private async Task<Again> FailedAsync(Entity<BackupSpec, BackupStatus> backup, BackupStatus status, Error error, CancellationToken stop)
    {
        var (now, attempts) = (clock.GetUtcNow(), status.Attempts + 1);
        var final = attempts >= AttemptsMax || error is NotReady;
        await ledger.WriteAsync(backup.Ref, status with
        {
            Attempts = attempts,
            RetryAt = final ? null : now + s_between,
            Phase = final ? BackupPhases.Failed : BackupPhases.Pending,
            FinishedAt = final ? now : null,
            Conditions = Conditions.Set(status.Conditions, Ready, Conditions.False, error.Code, error.Message, now, error.Next ?? $"axle resource backup {backup.Spec.Claim.Name}"),
        }, stop);
        if (final)
        {
            files.Remove(backup.Spec.Claim, backup.Metadata.Name);
            return Again.Never;
        }

        return Again.In(s_between);
    }

    private async Task<Again> RemoveAsync(Entity<BackupSpec, BackupStatus> backup, CancellationToken stop)
    {
        files.Remove(backup.Spec.Claim, backup.Metadata.Name);
        await entities.RemoveAsync(backup.Ref, BackupLedger.Actor, stop);
        return Again.Never;
    }

    private async Task RetainAsync(Claim claim, CancellationToken stop)
    {
        var all = ledger.Of(claim.Ref);
        var expired = BackupTimes.Expired(
            all.Select(one => new BackupTimes.Kept(one.Metadata.Name, one.Spec.Trigger, one.Spec.RequestedAt, one.Status.Phase, one.Status.Proof is not null)),
            claim.Spec.Backup?.Keep ?? 0).ToHashSet(StringComparer.Ordinal);
        foreach (var one in all.Where(one => expired.Contains(one.Metadata.Name) && !ledger.InUse(one.Ref)))
        {
            await entities.DeleteAsync(one.Ref, BackupLedger.Actor, force: true, stop: stop);
        }
    }
}
