using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Npgsql;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>Which moments of a database can be restored.</summary>
internal sealed class PgWindow(BackupLedger ledger, PgPrograms programs, PostgresServers servers, IEntityStore entities, TimeProvider clock)
{
    /// <summary>The newest physical copy that was complete at a moment; null when there is none.</summary>
    public Entity<BaseBackupSpec, BaseBackupStatus>? BaseFor(EntityRef server, DateTimeOffset at) => Bases(server).Where(one => one.Status.FinishedAt <= at).MaxBy(one => one.Status.FinishedAt);

    /// <summary>Null while there is no physical copy.</summary>
    public async Task<RestoreWindow?> OfAsync(Claim claim, CancellationToken stop)
    {
        if (claim.State<PostgresState>() is not { } state || Bases(state.ServerRef).Min(one => one.Status.FinishedAt) is not { } oldest)
        {
            return null;
        }

        if (programs.PlaceOf(state.ServerRef) is not { } place)
        {
            return new RestoreWindow(oldest, oldest, null);
        }

        try
        {
            await using var admin = await servers.OpenAsync(place.Server, place.Port, "postgres", stop);
            await using var look = new NpgsqlCommand("SELECT last_archived_time FROM pg_stat_archiver", admin);
            var archived = await look.ExecuteScalarAsync(stop) is DateTime time ? new DateTimeOffset(time) : default(DateTimeOffset?);
            return new RestoreWindow(oldest, clock.GetUtcNow(), archived);
        }
        catch (NpgsqlException)
        {
            return new RestoreWindow(oldest, oldest, null);
        }
    }

    private IEnumerable<Entity<BaseBackupSpec, BaseBackupStatus>> Bases(EntityRef server)
    {
        var uid = entities.Find(server)?.Metadata.Uid;
        return ledger.BasesOf(server).Where(one => one.Status.Phase == BackupPhases.Succeeded && one.Spec.ServerUid == uid);
    }
}
