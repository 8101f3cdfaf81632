using System.Globalization;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;

namespace Axle.Platform.Resources.Backups.Postgres;

/// <summary>
/// Brings a person's file into a database, in one transaction. psql obeys commands in the file that start programs, so it runs
/// as a job of the engine, where a program of anybody's may run; its login is for this import only, and no administrator's.
/// </summary>
internal sealed class PgImport(IEngine engine, PgScratch scratch, ServerWorkloads workloads)
{
    private const double SecondsMax = 3600;
    private const int LinesMax = 5;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    public async Task<Error?> RunAsync(Claim claim, PgDatabase database, string id, string folder, string name, CancellationToken stop)
    {
        var (place, owner, job) = (database.Place, database.State.Database, $"import--{id}");
        File.Copy(Path.Combine(workloads.Scripts("import.sh"), "import.sh"), Path.Combine(folder, "import.sh"), overwrite: true);
        Open(folder);
        try
        {
            var login = await scratch.LoginAsync(place, owner, owner, id, stop);
            await engine.StartJobAsync(
                new JobSpec
                {
                    Id = job,
                    Owner = $"import--{claim.Ref.Name}",
                    Folder = folder,
                    Command = ["/bin/sh", "import.sh", place.Program.Bin, name, owner],
                    Variables = new Dictionary<string, string>
                    {
                        ["PGHOST"] = ServerWorkloads.Host,
                        ["PGPORT"] = login.Port.ToString(CultureInfo.InvariantCulture),
                        ["PGUSER"] = login.User,
                        ["PGDATABASE"] = login.Database,
                        ["PGPASSWORD"] = login.Password.Reveal(),
                        ["PGSSLMODE"] = "disable",
                        ["PGGSSENCMODE"] = "disable",
                        ["PGOPTIONS"] = $"-c role={owner} -c statement_timeout=0",
                    },
                    Redact = [login.Password.Reveal()],
                    TimeoutSeconds = SecondsMax,
                },
                stop);
            JobStatus? seen;
            while ((seen = await engine.ObserveJobAsync(job, stop)) is { Phase: "Running" })
            {
                await Task.Delay(s_look, stop);
            }

            return seen is { Phase: "Succeeded" } ? null : new ImportFailed(claim.Ref, await WhyAsync(job, seen, stop));
        }
        finally
        {
            await EndAsync(place, owner, id, job);
        }
    }

    private async Task EndAsync(PgPlace place, string owner, string id, string job)
    {
        await engine.CancelJobAsync(job, CancellationToken.None);
        await scratch.EndLoginAsync(place, owner, owner, id, CancellationToken.None);
        if (await engine.ObserveJobAsync(job, CancellationToken.None) is { Phase: not "Running" })
        {
            await engine.RemoveJobAsync(job, CancellationToken.None);
        }
    }

    private async Task<string> WhyAsync(string job, JobStatus? seen, CancellationToken stop)
    {
        var lines = new List<string>();
        await foreach (var line in engine.LogsAsync(new LogQuery($"job:{job}"), stop))
        {
            lines.Add(line.Text);
        }

        var telling = lines.Where(line => line.Contains("ERROR", StringComparison.Ordinal) || line.Contains("error:", StringComparison.Ordinal)).Take(LinesMax).ToList();
        return string.Join("; ", telling.Count > 0 ? telling : [.. lines.TakeLast(LinesMax)]) is { Length: > 0 } text ? text.TrimEnd('.') : seen?.Message ?? "the engine lost it";
    }

    /// <summary>The job's user is another one; the folders above are closed to it anyway.</summary>
    private static void Open(string folder)
    {
        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        File.SetUnixFileMode(folder, Read | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.SetUnixFileMode(file, Read);
        }
    }
}
