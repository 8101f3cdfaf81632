using System.Globalization;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Processes;
using Axle.Platform.Resources.Postgres;
using Npgsql;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>
/// Makes one physical copy of a server, and afterwards lets go of those that are too old, with the part of the archived log
/// that only they needed.
/// </summary>
internal sealed class BaseBackupReconciler(BackupLedger ledger, BackupFiles files, BackupSlots slots, PgPrograms programs, PostgresServers servers, IEntityStore entities, TimeProvider clock) : IReconciler
{
    /// <summary>The oldest of them is where the restorable time begins.</summary>
    public const int KeptMax = 3;

    private const string Ready = "Ready";
    private const int AttemptsMax = 3;
    private const int FailedKept = 3;
    private const long SegmentBytes = 16L << 20;
    private static readonly TimeSpan s_noSlot = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(20);

    public string Name => "base-backups";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.BaseBackup];

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(BackupKinds.BaseBackup, which) is not { } backup)
        {
            return Again.Never;
        }

        // 1. Another server has another history; this copy is of no use to it.
        var (server, id) = (backup.Spec.Server, backup.Metadata.Name);
        if (backup.Metadata.DeletedAt is not null || entities.Find(server)?.Metadata.Uid != backup.Spec.ServerUid)
        {
            files.RemoveBase(server, id);
            await entities.RemoveAsync(which, BackupLedger.Actor, stop);
            return Again.Never;
        }

        if (backup.Status.Phase is BackupPhases.Succeeded or BackupPhases.Failed)
        {
            return Again.Never;
        }

        if (backup.Status.RetryAt is { } retry && retry - clock.GetUtcNow() is { Ticks: > 0 } pause)
        {
            return Again.In(pause);
        }

        if (programs.PlaceOf(server) is not { } place)
        {
            return Again.In(s_between);
        }

        using var slot = slots.Copy();
        if (slot is null)
        {
            return Again.In(s_noSlot);
        }

        // 2. The copy.
        await ledger.WriteAsync(which, backup.Status with { Phase = BackupPhases.Running, RetryAt = null }, stop);
        try
        {
            if (await CopyAsync(backup, place, stop) is { } error)
            {
                return await FailedAsync(backup, error, stop);
            }

            await RetainAsync(server, place, stop);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or ProgramMissingException)
        {
            return await FailedAsync(backup, new Error("resources.base_backup", $"{server.Name} cannot be copied: {e.Message.TrimEnd('.')}.", null, 500), stop);
        }

        return Again.Never;
    }

    /// <summary>The name of the file of the log that holds a place, as the manifest gives it: <c>0/2000028</c>. Pure.</summary>
    internal static string WalFile(long timeline, string place)
    {
        var (high, low) = (place[..place.IndexOf('/', StringComparison.Ordinal)], place[(place.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var segment = long.Parse(low, NumberStyles.HexNumber, CultureInfo.InvariantCulture) / SegmentBytes;
        return string.Create(CultureInfo.InvariantCulture, $"{timeline:X8}{long.Parse(high, NumberStyles.HexNumber, CultureInfo.InvariantCulture):X8}{segment:X8}");
    }

    private async Task<Error?> CopyAsync(Entity<BaseBackupSpec, BaseBackupStatus> backup, PgPlace place, CancellationToken stop)
    {
        var folder = files.Base(backup.Spec.Server, backup.Metadata.Name);
        var part = $"{folder}.part";
        BackupFiles.RemoveFolder(part);
        BackupFiles.RemoveFolder(folder);
        var failed = await programs.RunAsync(
            place,
            programs.Admin(place, "postgres"),
            "pg_basebackup",
            [$"--pgdata={part}", "--format=tar", "--gzip", "--compress=1", "--wal-method=none", "--checkpoint=fast", $"--label={backup.Metadata.Name}"],
            null,
            stop);
        if (failed is not null)
        {
            return failed;
        }

        // The server's own user reads it when it is recovered from; the folders above are closed to everybody else.
        File.SetUnixFileMode(part, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Path.Combine(part, "base.tar.gz"), (UnixFileMode)0b110_100_100);
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(part, "backup_manifest"), stop));
        var range = manifest.RootElement.GetProperty("WAL-Ranges")[0];
        var from = WalFile(range.GetProperty("Timeline").GetInt64(), range.GetProperty("Start-LSN").GetString()!);
        Directory.Move(part, folder);
        var now = clock.GetUtcNow();
        await ledger.WriteAsync(backup.Ref, backup.Status with
        {
            Phase = BackupPhases.Succeeded,
            RetryAt = null,
            FinishedAt = now,
            SizeBytes = BackupFiles.Size(folder),
            WalFrom = from,
            Conditions = Conditions.Set(backup.Status.Conditions, Ready, Conditions.True, "Copied", $"every moment of {backup.Spec.Server.Name} from now on can be restored", now),
        }, stop);
        return null;
    }

    private async Task RetainAsync(EntityRef server, PgPlace place, CancellationToken stop)
    {
        var all = ledger.BasesOf(server).OrderByDescending(one => one.Spec.RequestedAt).ToList();
        var whole = all.Where(one => one.Status.Phase == BackupPhases.Succeeded).ToList();
        var gone = whole.Skip(KeptMax).Where(one => !ledger.InUse(one.Ref)).ToList();
        foreach (var one in gone.Concat(all.Where(one => one.Status.Phase == BackupPhases.Failed).Skip(FailedKept)))
        {
            await entities.DeleteAsync(one.Ref, BackupLedger.Actor, force: true, stop: stop);
        }

        // Of the log only what leads on from the oldest of those that stay.
        if (whole.Except(gone).Select(one => one.Status.WalFrom).Order(StringComparer.Ordinal).FirstOrDefault() is { } oldest && oldest.All(char.IsAsciiHexDigit))
        {
            await PgShell.RunAsync(servers, place, $"{place.Program.Program("pg_archivecleanup")} -x .gz /data/wal {oldest}", stop);
        }
    }

    private async Task<Again> FailedAsync(Entity<BaseBackupSpec, BaseBackupStatus> backup, Error error, CancellationToken stop)
    {
        BackupFiles.RemoveFolder($"{files.Base(backup.Spec.Server, backup.Metadata.Name)}.part");
        var status = entities.Find(BackupKinds.BaseBackup, backup.Ref)?.Status ?? backup.Status;
        if (status.Phase == BackupPhases.Succeeded)
        {
            // The copy is there; only letting go of old ones failed, which the next one does too.
            return Again.Never;
        }

        var final = status.Attempts + 1 >= AttemptsMax;
        await ledger.WriteAsync(backup.Ref, status with
        {
            Phase = final ? BackupPhases.Failed : BackupPhases.Pending,
            Attempts = status.Attempts + 1,
            RetryAt = final ? null : clock.GetUtcNow() + s_between,
            Conditions = Conditions.Set(status.Conditions, Ready, Conditions.False, error.Code, error.Message, clock.GetUtcNow(), error.Next),
        }, stop);
        return final ? Again.Never : Again.In(s_between);
    }
}
