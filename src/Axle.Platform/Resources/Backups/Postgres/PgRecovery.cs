using System.Globalization;
using System.Reflection;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;
using Npgsql;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>
/// Takes a database out of the past: a scratch server, made of a physical copy and the archived log, goes to the moment, and the
/// one database is dumped from there. The scratch server is a job in the place of the server itself: its user, its volume.
/// </summary>
internal sealed class PgRecovery(BackupLedger ledger, BackupFiles files, PgPrograms programs, PgWindow window, PostgresBackups dumps, PostgresServers servers, ServerWorkloads workloads, IEngine engine, IEntityStore entities, TimeProvider clock)
{
    private const double SecondsMax = 3600;
    private const long MemoryBytes = 1L << 30;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_archiveMax = TimeSpan.FromMinutes(2);

    private static readonly Lazy<string> s_script = new(() =>
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Axle.Platform.Resources.Servers.Scripts.recover.sh")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>Dumps the source as it was, into a file. Tidies up whatever happens.</summary>
    public async Task<Result<Contents>> RunAsync(Entity<RestoreSpec, RestoreStatus> restore, string file, CancellationToken stop)
    {
        // 1. From where, and whether the log leads there.
        var (spec, at) = (restore.Spec, restore.Spec.At!.Value);
        if (ledger.Find(spec.From) is not { } from || programs.Find(from) is not { } database)
        {
            return new NotReady(spec.From, entities.Find(ResourceKinds.Claim, spec.From)?.Status.Phase ?? "gone");
        }

        if (window.BaseFor(database.Place.Server, at) is not { } start)
        {
            return new OutsideWindow(spec.From, at, await window.OfAsync(from, stop));
        }

        await TidyAsync(restore, stop);
        var status = await ledger.WriteAsync(restore.Ref, restore.Status with { Base = start.Ref, Port = workloads.Port(null) }, stop);
        await ArchiveAsync(database.Place, stop);

        // 2. There.
        try
        {
            await engine.StartJobAsync(Job(restore.Metadata.Name, database.Place, start.Ref, status.Port!.Value, at), stop);
            if (await UntilThereAsync(restore.Metadata.Name, status.Port.Value, database.Place.Server, stop) is { } error)
            {
                return error;
            }

            // 3. Out of there.
            File.Delete(file);
            return await dumps.DumpAsync(database.Place, programs.Admin(database.Place, database.State.Database) with { Port = status.Port.Value }, file, stop);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return new DatabaseNotThere(spec.From, at);
        }
        finally
        {
            await TidyAsync(restore, CancellationToken.None);
        }
    }

    /// <summary>Ends the scratch server and removes its files; nothing happens when there are none.</summary>
    public async Task TidyAsync(Entity<RestoreSpec, RestoreStatus> restore, CancellationToken stop)
    {
        var job = JobId(restore.Metadata.Name);
        while (await engine.ObserveJobAsync(job, stop) is { } seen)
        {
            if (seen.Phase != "Running")
            {
                await engine.RemoveJobAsync(job, stop);
                break;
            }

            await engine.CancelJobAsync(job, stop);
            await Task.Delay(s_look, stop);
        }

        if (ledger.Find(restore.Spec.From) is { } from && programs.Find(from) is { } database)
        {
            await PgShell.RunAsync(servers, database.Place, $"rm -rf /data/recover/{BackupKinds.Plain(restore.Metadata.Name)}", stop);
        }
    }

    /// <summary>
    /// Everything until now is in the archive afterwards. The mark is a commit later than any moment that can be asked for: without
    /// one, the log would end before the moment and the server could not know that it got there.
    /// </summary>
    private async Task ArchiveAsync(PgPlace place, CancellationToken stop)
    {
        await using var admin = await servers.OpenAsync(place.Server, place.Port, "postgres", stop);
        await PgScratch.RunAsync(admin, "SELECT pg_logical_emit_message(true, 'axle', 'restore')", stop);
        await using var change = new NpgsqlCommand("SELECT pg_walfile_name(pg_switch_wal())", admin);
        var last = (string)(await change.ExecuteScalarAsync(stop))!;
        var began = clock.GetTimestamp();
        await using var look = new NpgsqlCommand("SELECT (pg_stat_file('/data/wal/' || $1 || '.gz', true)).size IS NOT NULL", admin);
        look.Parameters.Add(new NpgsqlParameter<string> { TypedValue = last });
        while (!(bool)(await look.ExecuteScalarAsync(stop))!)
        {
            if (clock.GetElapsedTime(began) > s_archiveMax)
            {
                throw new TimeoutException($"the server {place.Server.Name} did not archive its log within {s_archiveMax.TotalSeconds:0} s");
            }

            await Task.Delay(s_look, clock, stop);
        }
    }

    private async Task<Error?> UntilThereAsync(string id, int port, EntityRef server, CancellationToken stop)
    {
        while (await engine.ObserveJobAsync(JobId(id), stop) is { Phase: "Running" })
        {
            try
            {
                // It takes nobody in before it has arrived.
                await using var there = await servers.OpenAsync(server, port, "postgres", stop);
                return null;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(s_look, clock, stop);
            }
        }

        var lines = new List<string>();
        await foreach (var line in engine.LogsAsync(new LogQuery($"job:{JobId(id)}"), stop))
        {
            lines.Add(line.Text);
        }

        var why = lines.LastOrDefault(line => line.Contains("FATAL", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "it said nothing";
        return new Error("resources.recovery", $"The server of the past does not start: {why.TrimEnd('.')}.", null, 500);
    }

    private JobSpec Job(string id, PgPlace place, EntityRef start, int port, DateTimeOffset at) => new()
    {
        Id = JobId(id),
        Owner = "recover",
        Folder = files.Base(place.Server, start.Name),
        Command = ["/bin/sh", "-c", s_script.Value, "recover.sh", place.Program.Bin, BackupKinds.Plain(id), at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00"],
        TimeoutSeconds = SecondsMax,
        As = new JobContainer(ServerWorkloads.Id(place.Server), new ContainerSpec
        {
            Name = "postgres",
            Command = [],
            Variables = new Dictionary<string, string> { ["PORT"] = port.ToString(CultureInfo.InvariantCulture) },
            Volumes = [new VolumeSpec("/data", "data")],
            Limits = new LimitSpec(MemoryBytes),
        }),
    };

    private static string JobId(string id) => $"recover--{id}";
}

internal sealed record DatabaseNotThere(EntityRef Claim, DateTimeOffset At)
    : Error("resources.restore_not_there", $"{Claim.Name} was not there yet at {At:yyyy-MM-dd HH:mm:ss} UTC.", $"axle db backups {Claim.Name}", 422);
