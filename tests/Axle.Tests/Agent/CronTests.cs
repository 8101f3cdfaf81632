using System.Globalization;
using Axle.Agent.Workloads;

namespace Axle.Tests.Agent;

public sealed class CronTests
{
    public static TheoryData<string, string, bool, string, string?, string?, string?> Rules => new()
    {
        // schedule      last tick           running now               run                 passed              again
        { "*/5 * * * *", "2026-01-01 10:00", false, "2026-01-01 10:04", null, null, "2026-01-01 10:05" },
        { "*/5 * * * *", "2026-01-01 10:00", false, "2026-01-01 10:05", "2026-01-01 10:05", null, "2026-01-01 10:10" },
        { "*/5 * * * *", "2026-01-01 10:05", false, "2026-01-01 10:05", null, null, "2026-01-01 10:10" },

        // A run that goes on makes the next wait; missed ticks are one run.
        { "* * * * *", "2026-01-01 10:00", true, "2026-01-01 10:03", null, null, null },
        { "* * * * *", "2026-01-01 10:00", false, "2026-01-01 10:03", "2026-01-01 10:03", null, "2026-01-01 10:04" },

        // Missed while nobody was there: up to five minutes old it is run, later it is passed over.
        { "0 * * * *", "2026-01-01 09:00", false, "2026-01-01 10:05", "2026-01-01 10:00", null, "2026-01-01 11:00" },
        { "0 * * * *", "2026-01-01 09:00", false, "2026-01-01 10:06", null, "2026-01-01 10:01", "2026-01-01 11:00" },
        { "* * * * *", "2020-01-01 00:00", false, "2026-01-01 10:06", "2026-01-01 10:06", null, "2026-01-01 10:07" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_schedule_knows_what_is_due(string schedule, string last, bool running, string now, string? run, string? passed, string? again) =>
        Assert.Equal(new Cron.Answer(At(run), At(passed), At(again)), Cron.Look(Cron.Parse(schedule)!, At(last)!.Value, running, At(now)!.Value));

    private static DateTimeOffset? At(string? text) =>
        text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
