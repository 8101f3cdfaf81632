namespace Axle.Entities.Reconcile;

/// <summary>How long to wait after failures in a row. Pure, so that every case can be read and tested here.</summary>
internal static class Backoff
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(250);

    /// <summary>Most failures are short; in the first minutes nobody should wait long after they end.</summary>
    private static readonly TimeSpan s_early = TimeSpan.FromMinutes(5);

    public static TimeSpan EarlyMax { get; } = TimeSpan.FromSeconds(30);

    public static TimeSpan LateMax { get; } = TimeSpan.FromMinutes(2);

    /// <param name="failures">In a row, from 1.</param>
    /// <param name="failing">Since the first of them.</param>
    /// <param name="random">0 to 1: spreads keys that failed together over the upper half of the wait.</param>
    public static TimeSpan After(int failures, TimeSpan failing, double random)
    {
        var max = failing < s_early ? EarlyMax : LateMax;
        var wait = TimeSpan.FromTicks(Math.Min(s_first.Ticks << Math.Min(failures - 1, 20), max.Ticks));
        return wait * (0.5 + (random / 2));
    }
}
