using Axle.Contracts;

namespace Axle.Platform.Workloads;

/// <summary>What is refused here, and how it is said.</summary>
internal static class ScoreErrors
{
    /// <summary>Mistakes shown at most; more help nobody.</summary>
    public const int ProblemsMax = 100;

    public static Error Invalid(string? file, IReadOnlyList<Problem> problems) =>
        new("workloads.invalid", $"{file ?? "The workload"} has {Count(problems.Count, "mistake")}: {First(problems)}", $"Correct {file ?? "it"} and try again.", 422) { Problems = Ordered(problems) };

    public static Error Unresolved(string workload, IReadOnlyList<Problem> problems) =>
        new("workloads.unresolved", $"The workload {workload} cannot run as it is: {First(problems)}", $"axle describe component:{workload}", 422) { Problems = Ordered(problems) };

    public static Error NoProvisioner(string workload, IReadOnlyList<Problem> problems) =>
        new("workloads.no_provisioner", $"The workload {workload} needs what this platform cannot provide: {First(problems)}", $"Remove it from {ScoreFile.Name}, or give the value by a resource of type environment.", 422) { Problems = Ordered(problems) };

    private static string First(IReadOnlyList<Problem> problems) =>
        problems.Count == 0 ? "" : $"{Ordered(problems)[0]}{(problems.Count == 1 ? "" : $" (and {problems.Count - 1} more)")}";

    private static string Count(int number, string word) => number == 1 ? $"a {word}" : $"{number} {word}s";

    private static List<Problem> Ordered(IReadOnlyList<Problem> problems) =>
        [.. problems.OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line ?? 0).ThenBy(p => p.Column ?? 0).Take(ProblemsMax)];
}
