using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Postgres;
using Npgsql;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>
/// Asks for a physical copy of each server when it is new, and every night; removes scratch databases whose work was cut off.
/// </summary>
internal sealed class BaseBackupScheduler(BackupLedger ledger, PgPrograms programs, PgScratch scratch, IEntityStore entities, TimeProvider clock) : IReconciler
{
    private static readonly TimeSpan s_lookMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromMinutes(15);

    public string Name => "base-backup-schedule";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.ResourceClaim];

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(ResourceKinds.Claim, which) is not { Spec.Type: PostgresServerDriver.Type } server || programs.PlaceOf(which) is not { } place)
        {
            return Again.Never;
        }

        // 1. Due?
        var (now, uid) = (clock.GetUtcNow(), server.Metadata.Uid ?? "");
        var last = ledger.BasesOf(which).Where(one => one.Spec.ServerUid == uid).MaxBy(one => one.Spec.RequestedAt);
        if (IsDue(which, last?.Spec.RequestedAt, last?.Status.Phase, now))
        {
            var backup = BackupKinds.BaseBackup.Ref(BackupKinds.Id(which, now, "base"), which.Namespace);
            (await entities.PutAsync(BackupKinds.BaseBackup.Make(backup, new BaseBackupSpec(which, uid, now)), BackupLedger.Actor, stop: stop)).OrThrow(backup);
        }

        // 2. Left over?
        try
        {
            await SweepAsync(place, stop);
        }
        catch (NpgsqlException)
        {
            // The server is away; what is left over does no harm until it is back.
        }

        return Again.In(s_lookMax);
    }

    /// <summary>Pure.</summary>
    internal static bool IsDue(EntityRef server, DateTimeOffset? last, string? phase, DateTimeOffset now) => (last, phase) switch
    {
        (null, _) => true,
        (_, BackupPhases.Pending or BackupPhases.Running) => false,
        (_, BackupPhases.Failed) => now - last.Value > s_afterFailure,
        _ => BackupTimes.Due(server, new BackupPolicy(), last.Value, now) is not null,
    };

    private async Task SweepAsync(PgPlace place, CancellationToken stop)
    {
        var left = await scratch.LeftAsync(place, stop);
        if (left.Count == 0)
        {
            return;
        }

        var alive = entities.All(BackupKinds.Backup).Where(one => one.Status.Phase is BackupPhases.Pending or BackupPhases.Running).Select(one => one.Metadata.Name)
            .Concat(entities.All(BackupKinds.Restore).Where(one => one.Status.Phase is BackupPhases.Pending or BackupPhases.Running).Select(one => one.Metadata.Name))
            .SelectMany(id => new[] { PgScratch.Proof(id), PgScratch.Fill(id) })
            .ToHashSet(StringComparer.Ordinal);
        foreach (var name in left.Where(name => !alive.Contains(name)))
        {
            var login = PgScratch.LoginPrefix + name[(name.StartsWith(PgScratch.ProofPrefix, StringComparison.Ordinal) ? PgScratch.ProofPrefix : PgScratch.FillPrefix).Length..];
            await scratch.RemoveAsync(place, name, stop, name.StartsWith(PgScratch.ProofPrefix, StringComparison.Ordinal) ? [login, name] : [login]);
        }
    }
}
