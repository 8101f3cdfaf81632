using System.Text.Json;
using Axle.Cli.Api;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Waits for a build, with its log on the side.</summary>
internal sealed class BuildWait(Session session)
{
    public static BuildStatus Status(Entity build) => build.Status.ValueKind == JsonValueKind.Object ? build.Status.Deserialize(AxleJson.Default.BuildStatus)! : new BuildStatus();

    public static bool IsOver(BuildStatus status) => status.Phase is BuildPhases.Succeeded or BuildPhases.Failed or BuildPhases.Cancelled;

    /// <summary>The build when it has succeeded; any other end is refused.</summary>
    public async Task<Entity> UntilBuiltAsync(EntityRef build, string component, bool showLog, CancellationToken stop)
    {
        using var logEnds = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var log = showLog ? new LogStream(session).BuildAsync(build.Name, follow: true, session.Host.Error, logEnds.Token) : Task.CompletedTask;
        Entity? last = null;
        await new EntityWatch(session.Client, session.Host).UntilAsync(build, entity => (last = entity ?? last) is not null && IsOver(Status(last)), null, stop);

        // The log ends by itself when the build does; should it not, the result matters more.
        logEnds.CancelAfter(TimeSpan.FromSeconds(2));
        await IgnoreEndAsync(log, stop);
        Refuse(Status(last!), build, component);
        return last!;
    }

    public static void Refuse(BuildStatus status, EntityRef build, string component)
    {
        if (status.Phase == BuildPhases.Cancelled)
        {
            throw RefusedException.Because("build_cancelled", $"the build of {component} ({build.Short}) was cancelled", $"axle build {component}");
        }

        if (status.Phase == BuildPhases.Failed)
        {
            throw new RefusedException(status.Error is { } error
                ? error with { Message = $"the build of {component} failed: {error.Message}", Next = error.Next ?? $"axle logs --build {build.Name}" }
                : new Error("cli.build_failed", $"the build of {component} failed", $"axle logs --build {build.Name}", 0));
        }
    }

    private static async Task IgnoreEndAsync(Task log, CancellationToken stop)
    {
        try
        {
            await log;
        }
        catch (Exception e) when (e is RefusedException || e is OperationCanceledException && !stop.IsCancellationRequested)
        {
            // Only a log that could not be read to its end.
        }
    }
}
