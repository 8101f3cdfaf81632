using System.Globalization;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Workloads;
using Cronos;

namespace Axle.Platform.Resources.Backups;

/// <summary>When backups are due, and which of them are kept. Pure.</summary>
internal static class BackupTimes
{
    /// <summary>Without a schedule: somewhere in these hours of the night (UTC), each resource at a time of its own.</summary>
    private const int FirstHour = 1;

    private const int Hours = 4;
    private const int FailedKept = 5;
    private const int KeepMax = 1000;

    /// <summary>The time of a schedule, as cron; null where there is none.</summary>
    public static string? Cron(EntityRef claim, string? schedule) => schedule switch
    {
        null => int.Parse(BoundedName.Digest(claim.ToString(), 6), NumberStyles.HexNumber, CultureInfo.InvariantCulture) % (Hours * 60) is var minute
            ? string.Create(CultureInfo.InvariantCulture, $"{minute % 60} {FirstHour + (minute / 60)} * * *")
            : null,
        "" => null,
        _ => schedule,
    };

    /// <summary>The first time after a moment; null is never.</summary>
    public static DateTimeOffset? Next(EntityRef claim, BackupPolicy policy, DateTimeOffset after) =>
        Cron(claim, policy.Schedule) is { } cron && CronExpression.TryParse(cron, out var expression)
            ? expression.GetNextOccurrence(after, TimeZoneInfo.Utc)
            : null;

    /// <summary>The latest time that has come since a moment, however many were missed; null while none has.</summary>
    public static DateTimeOffset? Due(EntityRef claim, BackupPolicy policy, DateTimeOffset last, DateTimeOffset now)
    {
        var due = default(DateTimeOffset?);
        for (var next = Next(claim, policy, last); next <= now; next = Next(claim, policy, next.Value))
        {
            due = next;

            // After a long time away only about the last day is of interest.
            if (now - next.Value > TimeSpan.FromDays(2))
            {
                next = now - TimeSpan.FromDays(1);
            }
        }

        return due;
    }

    public static Error? Wrong(BackupPolicy policy)
    {
        if (policy.Keep is < 0 or > KeepMax)
        {
            return new Error("resources.backup_keep", $"{policy.Keep} backups cannot be kept.", $"Give 1 to {KeepMax}, or 0 for the default.", 422);
        }

        if (string.IsNullOrEmpty(policy.Schedule))
        {
            return null;
        }

        try
        {
            _ = CronExpression.Parse(policy.Schedule);
            return null;
        }
        catch (CronFormatException e)
        {
            return new ScheduleInvalid(SafePath.Shown(policy.Schedule), e.Message.TrimEnd('.'));
        }
    }

    /// <summary>A backup as retention sees it.</summary>
    public sealed record Kept(string Id, string Trigger, DateTimeOffset At, string Phase, bool Proved);

    /// <summary>
    /// Those that can go: beyond the newest <paramref name="keep"/> of each trigger, but never the newest proved one, and nothing
    /// that is not done. A few failures stay, to be read.
    /// </summary>
    public static IReadOnlyList<string> Expired(IEnumerable<Kept> all, int keep)
    {
        var newestFirst = all.OrderByDescending(one => one.At).ToList();
        var proved = newestFirst.FirstOrDefault(one => one is { Proved: true, Phase: BackupPhases.Succeeded });
        return
        [
            .. newestFirst.Where(one => one.Phase == BackupPhases.Succeeded && one.Trigger is BackupTriggers.Schedule or BackupTriggers.Manual)
                .GroupBy(one => one.Trigger)
                .SelectMany(group => group.Skip(keep > 0 ? keep : BackupPolicy.KeepDefault))
                .Where(one => one != proved)
                .Select(one => one.Id),
            .. newestFirst.Where(one => one.Phase == BackupPhases.Failed).Skip(FailedKept).Select(one => one.Id),
        ];
    }
}
