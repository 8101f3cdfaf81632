using System.Text.Json;
using Axle.Cli.Api;
using Axle.Cli.Output;
using Axle.Contracts;

namespace Axle.Cli.Verbs;

/// <summary>Waits for a rollout and shows its steps with their times.</summary>
internal sealed class Rollout(Session session)
{
    /// <summary>Waits as a verb does: a failure is refused with exit code 4, an interruption says what goes on.</summary>
    public async Task<DeploymentStatus> WaitAsync(DeploymentAccepted accepted, string component, CancellationToken stop)
    {
        await using var progress = new Progress(session.Terminal);
        progress.Say(accepted.Message);
        try
        {
            return await WaitAsync(accepted.Deployment, accepted.Generation, component, accepted.Environment, progress, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            progress.Say($"The rollout goes on without us. Follow it: axle status {component} --watch. Stop it: axle cancel {component} -e {accepted.Environment}.", Tone.Strong);
            throw;
        }
    }

    /// <param name="generation">The spec that must have been acted upon.</param>
    public async Task<DeploymentStatus> WaitAsync(EntityRef deployment, long generation, string component, string environment, Progress progress, CancellationToken stop)
    {
        DeploymentStatus? last = null;
        var told = new HashSet<(string, DateTimeOffset)>();
        progress.Begin("waiting for the rollout to begin");
        await new EntityWatch(session.Client, session.Host).UntilAsync(
            deployment,
            entity =>
            {
                if (entity is null || entity.Status.ValueKind != JsonValueKind.Object)
                {
                    return false;
                }

                last = entity.Status.Deserialize(AxleJson.Default.DeploymentStatus)!;
                if (last.ObservedGeneration < generation)
                {
                    return false;
                }

                Tell(last, told, progress);
                return last.Phase is not (DeploymentPhases.Pending or DeploymentPhases.RollingOut);
            },
            EntityWatch.Remark(progress),
            stop);
        if (last!.Phase == DeploymentPhases.Failed || last.Failure is not null && last.Phase != DeploymentPhases.Healthy && last.Phase != DeploymentPhases.Stopped)
        {
            throw Failed(last, component, environment);
        }

        return last;
    }

    /// <summary>Why a rollout failed, in the words of the platform, with the last lines of the log.</summary>
    public static RefusedException Failed(DeploymentStatus status, string component, string environment)
    {
        var failure = status.Failure;
        var serves = status.Serving is { } serving ? $"; {ReleaseName(serving)} still serves" : "";
        var details = new List<string>();
        if (failure?.Check is { } check)
        {
            details.Add($"check: {check}{(failure.LastAnswer is null ? "" : $" → {failure.LastAnswer}")}");
        }

        if (failure?.ExitCode is { } code)
        {
            details.Add($"exit code: {code}");
        }

        if (failure?.LogTail is { Count: > 0 } tail)
        {
            details.Add($"last {tail.Count} lines of its log:");
            details.AddRange(tail.Select(line => "  " + line));
        }

        var cancelled = failure?.Reason == "Cancelled";
        return new RefusedException(
            new Error(
                "cli.rollout_failed",
                $"the rollout of {(status.Target is { } target ? $"{component} {ReleaseName(target)}" : component)} in {environment} {(cancelled ? "was cancelled" : "failed")}{(failure is null ? "" : $": {failure.Message.TrimEnd('.')}")}{serves}",
                cancelled ? $"axle status {component}" : Advice(status) ?? $"axle logs {component} -e {environment}, or axle describe deployment:{component}.{environment}",
                0),
            ExitCodes.RolloutFailed)
        {
            Details = details,
        };
    }

    private static string? Advice(DeploymentStatus status) => status.Conditions.FirstOrDefault(condition => condition is { Type: "RolledOut", Status: "False" })?.Next;

    /// <summary><c>v7</c> from a ref to <c>orders-v7</c>.</summary>
    public static string ReleaseName(EntityRef release) => release.Name[(release.Name.LastIndexOf('-') + 1)..];

    private static void Tell(DeploymentStatus status, HashSet<(string, DateTimeOffset)> told, Progress progress)
    {
        foreach (var step in status.Steps)
        {
            var text = step.Message is { Length: > 0 } message ? $"{step.Name}: {message}" : step.Name;
            if (step.State == "Running")
            {
                progress.Begin(text);
            }
            else if (told.Add((step.Name, step.At)))
            {
                (step.State == "Failed" ? progress.Failed : (Action<string?, double?>)progress.Done)(text, step.Seconds);
            }
        }
    }
}
