using Cronos;

namespace Axle.Agent.Workloads;

/// <summary>When a schedule is due; pure.</summary>
internal static class Cron
{
    /// <summary>Older ticks, missed while no agent was there, are passed over.</summary>
    public static readonly TimeSpan LatestAge = TimeSpan.FromMinutes(5);

    /// <param name="Run">The tick to run now, at most one: ticks before it are passed over.</param>
    /// <param name="Passed">A tick that came too long ago; it counts as done.</param>
    /// <param name="Again">When to look again.</param>
    public sealed record Answer(DateTimeOffset? Run, DateTimeOffset? Passed, DateTimeOffset? Again);

    /// <param name="lastTick">The last one that was run or passed over.</param>
    /// <param name="running">A run is going on: the next tick waits for its end.</param>
    public static Answer Look(CronExpression schedule, DateTimeOffset lastTick, bool running, DateTimeOffset now)
    {
        if (running)
        {
            return new Answer(null, null, null);
        }

        DateTimeOffset? due = null;
        var next = schedule.GetNextOccurrence(lastTick, TimeZoneInfo.Utc);

        // After a long time away only the last few minutes matter; this also bounds the loop.
        if (next is { } first && now - first > LatestAge)
        {
            due = first;
            next = schedule.GetNextOccurrence(now - LatestAge, TimeZoneInfo.Utc, inclusive: true);
        }

        while (next is { } tick && tick <= now)
        {
            due = tick;
            next = schedule.GetNextOccurrence(tick, TimeZoneInfo.Utc);
        }

        return due switch
        {
            null => new Answer(null, null, next),
            { } old when now - old > LatestAge => new Answer(null, now - LatestAge, next),
            { } tick => new Answer(tick, null, next),
        };
    }

    /// <summary>Null when the text is no five-field schedule.</summary>
    public static CronExpression? Parse(string? schedule) => CronExpression.TryParse(schedule ?? "", CronFormat.Standard, out var parsed) ? parsed : null;
}
