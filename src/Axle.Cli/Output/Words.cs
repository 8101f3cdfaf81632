using System.Globalization;

namespace Axle.Cli.Output;

/// <summary>How values are worded in tables.</summary>
internal static class Words
{
    /// <summary>How long ago: <c>12s</c>, <c>5m</c>, <c>3h</c>, <c>9d</c>.</summary>
    public static string Ago(DateTimeOffset? moment, DateTimeOffset now) => moment is not { } at ? "" : (now - at) switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalMinutes: < 1 } age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalSeconds}s"),
        { TotalHours: < 1 } age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes}m"),
        { TotalDays: < 2 } age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours}h"),
        var age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays}d"),
    };

    public static string Local(DateTimeOffset moment, TimeProvider clock) =>
        TimeZoneInfo.ConvertTime(moment, clock.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Bytes(long? bytes) => bytes switch
    {
        null => "",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.0} GiB"),
    };

    public static string Commit(string? commit) => commit is { Length: > 7 } ? commit[..7] : commit ?? "";

    /// <summary>A state word with its colour.</summary>
    public static Cell State(string? state) => new(state ?? "", state switch
    {
        "Healthy" or "Passed" or "Succeeded" or "Ready" or "Done" or "True" or "completed" => Tone.Good,
        "Failed" or "Removed" or "Degraded" or "Crashed" or "False" or "failed" => Tone.Bad,
        "Pending" or "Testing" or "Provisioning" or "RollingOut" or "Running" or "Starting" or "Draining" or "Unready" or "open" or "processing" or "waiting" => Tone.Busy,
        "Stopped" or "Cancelled" or "cancelled" or "skipped" => Tone.Dim,
        _ => Tone.Plain,
    });
}
