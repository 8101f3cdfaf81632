using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Backups.Postgres;

namespace Axle.Platform.Resources.Backups;

/// <summary>What people see of backups and restores.</summary>
internal sealed class BackupViews(BackupLedger ledger, PgWindow window, ClaimNames names, IEntityStore entities, TimeProvider clock)
{
    private const string Ready = "Ready";

    /// <summary>Only its log leads to moments between backups.</summary>
    internal const string PostgresType = "postgres";

    /// <summary>By the claim's name; of a resource that is gone, what is left of it.</summary>
    public async Task<Result<BackupsView>> AllAsync(string name, CancellationToken stop)
    {
        if (!names.Find(name).TryGet(out var claim, out var error))
        {
            var left = entities.All(BackupKinds.Backup).Where(backup => backup.Spec.Claim.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(backup => backup.Spec.Claim).Distinct().ToList();
            return left.Count == 0 ? error : new BackupsView { Claim = left[0].Name, Policy = new BackupPolicy(""), Backups = [.. ledger.Of(left[0]).Select(Of)] };
        }

        if (ledger.DriverOf(claim) is null)
        {
            return NoBackups.Of(claim);
        }

        var policy = claim.Spec.Backup ?? new BackupPolicy();
        return new BackupsView
        {
            Claim = claim.Metadata.Name,
            Policy = new BackupPolicy(BackupTimes.Cron(claim.Ref, policy.Schedule) ?? "", policy.Keep > 0 ? policy.Keep : BackupPolicy.KeepDefault),
            NextAt = BackupTimes.Next(claim.Ref, policy, clock.GetUtcNow()),
            Window = claim.Spec.Type == PostgresType && ledger.Find(claim.Ref) is { } asked ? await window.OfAsync(asked, stop) : null,
            Backups = [.. ledger.Of(claim.Ref).Select(Of)],
        };
    }

    public Result<IReadOnlyList<RestoreView>> Restores(string name) =>
        Result<IReadOnlyList<RestoreView>>.Of([.. RestoresOf(name).Select(Of)]);

    public Result<RestoreView> Restore(string name, string id) =>
        RestoresOf(name).FirstOrDefault(restore => restore.Metadata.Name == id) is { } found ? Of(found) : new RestoreUnknown(name, id);

    public static BackupView Of(Entity<BackupSpec, BackupStatus> backup) => new()
    {
        Id = backup.Metadata.Name,
        Claim = backup.Spec.Claim.Name,
        Trigger = backup.Spec.Trigger,
        RequestedBy = backup.Spec.RequestedBy,
        RequestedAt = backup.Spec.RequestedAt,
        Status = backup.Status,
        Things = ContentsWords.Of(backup.Spec.Type).Things,
        Units = ContentsWords.Of(backup.Spec.Type).Units,
        Message = Conditions.Of(backup.Status.Conditions, Ready)?.Message,
        Next = Conditions.Of(backup.Status.Conditions, Ready)?.Next,
    };

    public static RestoreView Of(Entity<RestoreSpec, RestoreStatus> restore) => new()
    {
        Id = restore.Metadata.Name,
        From = restore.Spec.From.Name,
        To = restore.Spec.To.Name,
        Backup = restore.Spec.Backup?.Name,
        At = restore.Spec.At,
        Status = restore.Status,
        Message = Conditions.Of(restore.Status.Conditions, Ready)?.Message,
        Next = Conditions.Of(restore.Status.Conditions, Ready)?.Next,
    };

    private IEnumerable<Entity<RestoreSpec, RestoreStatus>> RestoresOf(string name) => names.Find(name).TryGet(out var claim, out _)
        ? entities.All(BackupKinds.Restore).Where(restore => restore.Spec.From == claim.Ref || restore.Spec.To == claim.Ref).OrderByDescending(restore => restore.Spec.RequestedAt)
        : entities.All(BackupKinds.Restore).Where(restore => restore.Spec.From.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).OrderByDescending(restore => restore.Spec.RequestedAt);
}
