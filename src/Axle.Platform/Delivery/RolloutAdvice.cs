using Axle.Contracts;

namespace Axle.Platform.Delivery;

/// <summary>What to do about a failed rollout. Pure: the cases that people meet most are answered, for all others there is the log.</summary>
internal static class RolloutAdvice
{
    public static string Next(RolloutFailure? failure, EntityRef component, string environment)
    {
        var logs = $"axle logs {component.Name} -e {environment}";
        return failure switch
        {
            // The app's folder is one artifact for all instances and releases; what one of them wrote there would be lost with it.
            { LogTail: { } tail } when tail.Any(IsReadOnly) => $"the application's folder is read-only while it runs: write to /tmp, or to a volume of score.yaml; {logs}",
            { Reason: "NotListening", Message: { } message } when message.Contains("did not listen", StringComparison.Ordinal) =>
                $"let it listen on the port in $PORT; if it is to serve nothing, take 'service' out of score.yaml, and it runs as a worker; {logs}",
            { Reason: "NotListening" } => $"let it listen on the port in $PORT, at 0.0.0.0, instead of a fixed one; {logs}",
            _ => logs,
        };
    }

    private static bool IsReadOnly(string line) =>
        line.Contains("Read-only file system", StringComparison.OrdinalIgnoreCase) || line.Contains("EROFS", StringComparison.Ordinal);
}
