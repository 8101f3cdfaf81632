using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Delivery;

/// <summary>
/// What a failed rollout means, and what to do about it, beyond reading its log. Pure: the cases that people meet most
/// are answered, for all others there is the log.
/// </summary>
internal static partial class RolloutAdvice
{
    private const int CauseMax = 200;

    /// <summary>The failure with the line of its log that most likely says why, so that nobody has to look for it.</summary>
    public static RolloutFailure? WithCause(RolloutFailure? failure)
    {
        var line = failure switch
        {
            { Reason: "Exited", ExitCode: not 0 } => failure.LogTail.LastOrDefault(l => Exception().IsMatch(l)),
            { Reason: "ReleaseCommandFailed" } => failure.LogTail.LastOrDefault(l => Exception().IsMatch(l)) ?? failure.LogTail.LastOrDefault(l => !string.IsNullOrWhiteSpace(l)),
            _ => null,
        };
        return line is null ? failure : failure! with { Message = $"{failure.Message.TrimEnd('.')}: {Cut(line.Trim())}" };
    }

    public static string Next(RolloutFailure? failure, EntityRef component, string environment)
    {
        var logs = $"axle logs {component.Name} -e {environment}";
        return failure switch
        {
            // The app's folder is one artifact for all instances and releases; what one of them wrote there would be lost with it.
            { LogTail: { } tail } when tail.Any(IsReadOnly) => $"the application's folder is read-only while it runs: write to /tmp, or to a volume of score.yaml; {logs}",
            { Reason: "NotListening", Message: { } message } when message.Contains("did not listen", StringComparison.Ordinal) =>
                $"let it listen on the port in $PORT; if it is to serve nothing, take 'service' and its probes out of score.yaml, and it runs as a worker; {logs}",
            { Reason: "NotListening" } => $"let it listen on the port in $PORT, at 0.0.0.0, instead of a fixed one; {logs}",
            _ => logs,
        };
    }

    private static bool IsReadOnly(string line) =>
        line.Contains("Read-only file system", StringComparison.OrdinalIgnoreCase) || line.Contains("EROFS", StringComparison.Ordinal);

    private static string Cut(string line) => line.Length > CauseMax ? $"{line[..CauseMax].TrimEnd()}…" : line;

    // "TypeError: x is not a function", "ModuleNotFoundError: No module named 'x'", "Unhandled exception. System.IO.IOException: x".
    [GeneratedRegex(@"^(?:Unhandled exception\. )?(?:[A-Za-z_]\w*\.)*\w*(?:Error|Exception)(?: \[\w+\])?: \S", RegexOptions.CultureInvariant)]
    private static partial Regex Exception();
}
