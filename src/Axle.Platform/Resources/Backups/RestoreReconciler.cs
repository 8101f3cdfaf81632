using System.Data.Common;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Backups.Postgres;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources.Backups;

/// <summary>
/// Brings data into a new resource: from a backup, as it is now, or as it was at a moment. The new one takes its name when it is
/// complete and was found equal; until then it is called otherwise, and what a kill leaves of it is removed.
/// </summary>
internal sealed class RestoreReconciler(BackupLedger ledger, BackupFiles files, BackupSlots slots, PgRecovery recovery, IEntityStore entities, TimeProvider clock) : IReconciler
{
    private const string Ready = "Ready";
    private const int AttemptsMax = 3;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_noSlot = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    public string Name => "restores";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Restore];

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(BackupKinds.Restore, which) is not { } restore || restore.Status.Phase is BackupPhases.Succeeded or BackupPhases.Failed)
        {
            return Again.Never;
        }

        if (restore.Status.RetryAt is { } retry && retry - clock.GetUtcNow() is { Ticks: > 0 } pause)
        {
            return Again.In(pause);
        }

        // 1. Is the place there, and still wanted?
        var target = ledger.Find(restore.Spec.To);
        if (entities.Find(ResourceKinds.Claim, restore.Spec.To) is not { Spec.Removal: null, Metadata.DeletedAt: null })
        {
            return await FailedAsync(restore, target, new Error("resources.restore_cancelled", $"{restore.Spec.To.Name} was removed before its data was there.", null, 409), final: true, stop);
        }

        if (target is null || ledger.DriverOf(target.Entity) is not { } driver || !driver.IsPlaced(target))
        {
            return Again.In(s_look);
        }

        try
        {
            // 2. Is there something to restore?
            if (restore.Spec.At is null)
            {
                if (!(await SourceAsync(restore, stop)).TryGet(out var source, out var missing))
                {
                    return await FailedAsync(restore, target, missing, final: true, stop);
                }

                if (source.Status.Phase is BackupPhases.Failed)
                {
                    return await FailedAsync(restore, target, new BackupUnfinished(source.Metadata.Name, $"{source.Status.Phase}: {Conditions.Of(source.Status.Conditions, Ready)?.Message.TrimEnd('.')}"), final: true, stop);
                }

                if (source.Status.Phase is not BackupPhases.Succeeded)
                {
                    await ledger.WriteAsync(which, restore.Status with { Phase = BackupPhases.Running, Step = RestoreSteps.Copying, StartedAt = restore.Status.StartedAt ?? clock.GetUtcNow() }, stop);
                    return Again.In(s_look);
                }
            }

            // 3. Do it.
            using var slot = slots.Restore();
            if (slot is null)
            {
                return Again.In(s_noSlot);
            }

            return await RunAsync(restore, target, driver, stop) is { } error
                ? await FailedAsync(restore, target, error, final: error is MaskInvalid or NoMasking or BackupDamaged or OutsideWindow or DatabaseNotThere, stop)
                : Again.Never;
        }
        catch (Exception e) when (e is DbException or IOException or TimeoutException or ProgramMissingException or EngineUnavailableException or EngineRefusedException)
        {
            return await FailedAsync(restore, target, new Error("resources.restore", $"{restore.Spec.From.Name} cannot be restored: {e.Message.TrimEnd('.')}.", null, 500), final: false, stop);
        }
    }

    /// <summary>The backup that it is made from; a copy of what is there now is asked for under the restore's own id.</summary>
    private async Task<Result<Entity<BackupSpec, BackupStatus>>> SourceAsync(Entity<RestoreSpec, RestoreStatus> restore, CancellationToken stop)
    {
        var which = restore.Spec.Backup;
        if (which is null)
        {
            if (entities.Find(ResourceKinds.Claim, restore.Spec.From) is not { } claim)
            {
                return new ClaimUnknown(restore.Spec.From.Name, []);
            }

            if (!(await ledger.AskAsync(claim, restore.Metadata.Name, BackupTriggers.Clone, restore.Spec.RequestedAt, restore.Spec.RequestedBy, $"for a copy as {restore.Spec.To.Name}", stop)).TryGet(out var copy, out var error))
            {
                return error;
            }

            which = copy;
        }

        return entities.Find(BackupKinds.Backup, which.Value) is { } source ? source : new BackupUnknown(restore.Spec.From.Name, which.Value.Name);
    }

    private async Task<Error?> RunAsync(Entity<RestoreSpec, RestoreStatus> restore, Claim target, IBackups driver, CancellationToken stop)
    {
        var (id, spec, status, words) = (restore.Metadata.Name, restore.Spec, restore.Status, ContentsWords.Of(target.Spec.Type));
        status = status with { Phase = BackupPhases.Running, RetryAt = null, StartedAt = status.StartedAt ?? clock.GetUtcNow() };
        if (status.Step != RestoreSteps.Filled)
        {
            // 1. The copy, and what is in it.
            await driver.TidyAsync(target, id, stop);
            string file;
            Contents? expected;
            Error? error;
            if (spec.At is null)
            {
                var source = (await SourceAsync(restore, stop)).Value;
                file = files.Dump(source.Spec.Claim, source.Metadata.Name);
                if (!(await files.OpenAsync(source.Spec.Claim, source.Metadata.Name, source.Status, stop)).TryGet(out expected, out error))
                {
                    return error;
                }
            }
            else
            {
                status = await ledger.WriteAsync(restore.Ref, status with { Step = RestoreSteps.Recovering }, stop);
                file = Path.Combine(files.WorkFolder(id), "copy.dump");
                if (!(await recovery.RunAsync(restore with { Status = status }, file, stop)).TryGet(out expected, out error))
                {
                    return error;
                }

                status = entities.Find(BackupKinds.Restore, restore.Ref)!.Status;
            }

            // 2. Into the new one, compared, masked.
            status = await ledger.WriteAsync(restore.Ref, status with { Step = RestoreSteps.Filling }, stop);
            if (!(await driver.FillAsync(target, id, file, expected, spec.Mask, stop)).TryGet(out var filled, out error))
            {
                return error;
            }

            if (expected.Difference(filled.Seen, words) is { } difference)
            {
                return new BackupDiffers(id, difference);
            }

            status = await ledger.WriteAsync(restore.Ref, status with { Step = RestoreSteps.Filled, Tables = filled.Seen.Tables.Count, Rows = filled.Seen.Rows, Checksum = filled.Seen.Checksum(), Masked = filled.Masked }, stop);
        }

        // 3. Its name. Whoever waits for it hears of it last, when nothing is left to do.
        await driver.TakeOverAsync(target, id, stop);
        await ForgetAsync(restore, stop);
        var now = clock.GetUtcNow();
        await ledger.WriteAsync(restore.Ref, status with
        {
            Phase = BackupPhases.Succeeded,
            Step = RestoreSteps.Done,
            FinishedAt = now,
            Conditions = Conditions.Set(status.Conditions, Ready, Conditions.True, "Restored", $"{spec.To.Name} has {status.Tables} {words.Things} and {status.Rows} {words.Units}, found equal{(status.Masked > 0 ? $"; then {status.Masked} values were masked" : "")}", now),
        }, stop);
        return null;
    }

    /// <summary>What was made for this restore alone goes.</summary>
    private async Task ForgetAsync(Entity<RestoreSpec, RestoreStatus> restore, CancellationToken stop)
    {
        if (restore.Spec.At is not null)
        {
            await recovery.TidyAsync(restore, stop);
        }

        files.RemoveWork(restore.Metadata.Name);
        var copy = BackupKinds.Backup.Ref(restore.Metadata.Name, restore.Metadata.Namespace);
        if (entities.Find(BackupKinds.Backup, copy) is { Spec.Trigger: BackupTriggers.Clone })
        {
            await entities.DeleteAsync(copy, BackupLedger.Actor, force: true, stop: stop);
        }
    }

    private async Task<Again> FailedAsync(Entity<RestoreSpec, RestoreStatus> restore, Claim? target, Error error, bool final, CancellationToken stop)
    {
        var (now, status) = (clock.GetUtcNow(), entities.Find(BackupKinds.Restore, restore.Ref)?.Status ?? restore.Status);
        var attempts = status.Attempts + 1;
        final |= attempts >= AttemptsMax;
        if (final)
        {
            try
            {
                if (target is not null && ledger.DriverOf(target.Entity) is { } driver)
                {
                    await driver.TidyAsync(target, restore.Metadata.Name, stop);
                }

                await ForgetAsync(restore, stop);
            }
            catch (Exception e) when (e is DbException or EngineUnavailableException or EngineRefusedException)
            {
                // Not the end of it before everything is tidy.
                return Again.In(s_between);
            }
        }

        await ledger.WriteAsync(restore.Ref, status with
        {
            Phase = final ? BackupPhases.Failed : BackupPhases.Running,
            Attempts = attempts,
            RetryAt = final ? null : now + s_between,
            FinishedAt = final ? now : null,
            Conditions = Conditions.Set(status.Conditions, Ready, Conditions.False, error.Code, error.Message, now, error.Next),
        }, stop);
        return final ? Again.Never : Again.In(s_between);
    }
}
