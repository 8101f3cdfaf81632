using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Platform.Builds;

/// <summary>Words a failed step: which one, how it ended, and the lines that most likely say why.</summary>
internal static partial class BuildFailure
{
    public const int LinesMax = 30;
    private const int ShownMax = 10;
    private const int LastMax = 3;

    public static Error Of(EntityRef build, BuildStep step, JobStatus job, TimeSpan timeout, IReadOnlyList<LogLine> tail)
    {
        var lines = Essence([.. tail.Select(l => l.Text)]);
        var why = lines.FirstOrDefault(Tells) ?? (lines.Count > 0 ? lines[^1] : null);
        return new Error(
            "builds.failed",
            $"The step '{step.Words}' {Ending(job, timeout)}{(why is null ? "." : $": {why.TrimEnd('.')}.")}",
            $"axle logs --build {build.Name}",
            422)
        {
            Problems = [.. lines.Select(l => new Problem(l))],
        };
    }

    private static string Ending(JobStatus job, TimeSpan timeout) => job.Phase switch
    {
        "TimedOut" => $"took longer than a build may take ({timeout.TotalMinutes:0.#} minutes) and was stopped",
        _ when !string.IsNullOrWhiteSpace(job.Message) => $"failed ({job.Message})",
        _ => job.ExitCode switch
        {
            126 => "could not be started: the program is not executable (exit code 126)",
            127 => "could not be started: there is no such program (exit code 127)",
            134 => "aborted itself (exit code 134)",
            137 => "was killed (exit code 137), most often for using too much memory",
            139 => "crashed (segmentation fault, exit code 139)",
            143 => "was told to stop (SIGTERM, exit code 143)",
            { } code => $"failed (exit code {code})",
            null => "ended without an exit code",
        },
    };

    /// <summary>Lines that speak of errors, and the last ones; in order, each once.</summary>
    internal static IReadOnlyList<string> Essence(IReadOnlyList<string> lines)
    {
        var clean = lines.Select(l => Escape().Replace(l, "").Trim()).Where(l => l.Length > 0).Distinct().ToList();
        var telling = clean.Where(Tells).Take(ShownMax - LastMax).ToHashSet(StringComparer.Ordinal);
        telling.UnionWith(clean.TakeLast(telling.Count == 0 ? ShownMax : LastMax));
        return [.. clean.Where(telling.Contains)];
    }

    private static bool Tells(string line) => Cause().IsMatch(line) && !Noise().IsMatch(line);

    // Warnings that an attempt is repeated, source lines that a stack trace quotes, npm's bare codes and the commands it repeats come before what really happened.
    [GeneratedRegex(@"^(?:warning\b.*\bretry|throw\b|npm warn\b|npm (?:error|ERR!) (?:code|errno|syscall|path)\b|> )", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Noise();

    [GeneratedRegex(@"\berror\b|\bERR!|\bfatal\b|\bfailed\b|exception|cannot find|not found|no such", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Cause();

    [GeneratedRegex(@"\x1b\[[0-9;?]*[A-Za-z]", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
