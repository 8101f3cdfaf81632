namespace Axle.Agent.Runs;

/// <summary>The signals by which a workload may be asked to end, as Linux numbers them on every machine that .NET runs on.</summary>
internal static class StopSignals
{
    public const string Default = "SIGTERM";

    private static readonly Dictionary<string, int> s_numbers = new(StringComparer.Ordinal)
    {
        ["SIGHUP"] = 1,
        ["SIGINT"] = 2,
        ["SIGQUIT"] = 3,
        ["SIGUSR1"] = 10,
        ["SIGUSR2"] = 12,
        [Default] = 15,
        ["SIGWINCH"] = 28,
    };

    public static IEnumerable<string> Names => s_numbers.Keys;

    /// <summary>Null for what is none.</summary>
    public static int? NumberOf(string? name) => name is not null && s_numbers.TryGetValue(name, out var number) ? number : null;
}
