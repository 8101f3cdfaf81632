using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Resources.Backups;

/// <summary>Asks for the backups that are due. It only writes what is wanted; <see cref="BackupReconciler"/> makes it so.</summary>
internal sealed class BackupScheduler(BackupLedger ledger, IEntityStore entities, TimeProvider clock) : IReconciler
{
    private static readonly TimeSpan s_lookMax = TimeSpan.FromMinutes(5);

    public string Name => "backup-schedule";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.ResourceClaim];

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(ResourceKinds.Claim, which) is not { Status.Phase: ResourcePhases.Ready, Spec.Removal: null } claim || ledger.DriverOf(claim) is null)
        {
            return Again.Never;
        }

        var (now, policy) = (clock.GetUtcNow(), claim.Spec.Backup ?? new BackupPolicy());
        var last = ledger.Of(which).Where(backup => backup.Spec.Trigger == BackupTriggers.Schedule).Select(backup => backup.Spec.RequestedAt).FirstOrDefault(claim.Status.ReadyAt ?? now);
        if (BackupTimes.Due(which, policy, last, now) is { } due)
        {
            (await ledger.AskAsync(claim, BackupKinds.Id(which, due, BackupTriggers.Schedule), BackupTriggers.Schedule, due, BackupLedger.Actor, "due by its schedule", stop)).TryGet(out _, out var error);
            if (error is not null)
            {
                throw new InvalidOperationException($"The backup of {which.Name} cannot be written: {error.Message}");
            }

            last = due;
        }

        return BackupTimes.Next(which, policy, last > now ? last : now) is { } next ? Again.In(next - now < s_lookMax ? next - now : s_lookMax) : Again.Never;
    }
}
