using System.Runtime.CompilerServices;
using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Builds;
using Axle.Platform.Environments;
using Axle.Platform.Ownership;

namespace Axle.Platform.Delivery;

/// <summary>What flows rather than changes: logs, one-off commands, commands inside a running instance.</summary>
internal sealed class Streams(DeploymentWriter writer, IEnvironments environments, IEntityStore entities, IBuilds builds, WorkloadPlan plan, IEngine engine)
{
    private static readonly TimeSpan s_runPoll = TimeSpan.FromMilliseconds(200);

    public Result<IAsyncEnumerable<LogLine>> Logs(EntityRef component, string? environment, LogQuery query, Caller caller, CancellationToken stop) =>
        Deployed(component, environment, caller, Verb.ReadLogs).TryGet(out var found, out var error)
            ? Result(engine.LogsAsync(query with { Id = DeliveryKinds.EngineId(found.Ref) }, stop))
            : error;

    public Result<IAsyncEnumerable<ExecOutput>> Exec(EntityRef component, string? environment, string? instance, IReadOnlyList<string> command, byte[]? input, Caller caller, CancellationToken stop)
    {
        if (command.Count == 0)
        {
            return new CommandMissing();
        }

        return Deployed(component, environment, caller, Verb.Exec).TryGet(out var found, out var error)
            ? Result(engine.ExecAsync(new ExecSpec(DeliveryKinds.EngineId(found.Ref), instance, null, command), input is null ? null : new MemoryStream(input), stop))
            : error;
    }

    /// <summary>Runs a command in a release's files as its first container would run, apart from the instances; its lines, then its end.</summary>
    public Result<IAsyncEnumerable<(LogLine? Line, JobStatus? End)>> Run(EntityRef component, RunRequest request, Caller caller, CancellationToken stop)
    {
        if (request.Command.Count == 0)
        {
            return new CommandMissing();
        }

        if (!Deployed(component, request.Environment, caller, Verb.Exec).TryGet(out var deployment, out var error))
        {
            return error;
        }

        if (entities.Find(DeliveryKinds.Release, deployment.Status.Serving ?? deployment.Spec.Release) is not { } release)
        {
            return new NoRelease(component);
        }

        if (builds.ArtifactFolder(release.Spec.Artifact) is not { } folder)
        {
            return new ArtifactMissing(release.Ref, component);
        }

        var found = plan.Resources(deployment);
        if (!plan.Make(deployment, release, folder, found).TryGet(out var workload, out error))
        {
            return found.Waits is [var wait, ..] ? new ResourceMissing(component, wait.Message, wait.Claim) : error;
        }

        var main = workload.Groups.SelectMany(g => g.Containers).FirstOrDefault();
        var job = new JobSpec
        {
            Id = $"run-{DeliveryKinds.EngineId(deployment.Ref)}-{Guid.CreateVersion7():N}",
            Owner = component.Name,
            Folder = folder,
            Command = request.Command,
            As = main is null ? null : new JobContainer(workload.Id, main),
            Redact = workload.Redact,
        };
        return Result(RunJobAsync(job, stop));
    }

    private async IAsyncEnumerable<(LogLine? Line, JobStatus? End)> RunJobAsync(JobSpec job, [EnumeratorCancellation] CancellationToken stop)
    {
        await engine.StartJobAsync(job, stop);
        try
        {
            await foreach (var line in engine.LogsAsync(new LogQuery($"job:{job.Id}", Follow: true), stop))
            {
                yield return (line, null);
            }

            var status = await engine.ObserveJobAsync(job.Id, stop);
            while (status is { Phase: "Running" })
            {
                await Task.Delay(s_runPoll, stop);
                status = await engine.ObserveJobAsync(job.Id, stop);
            }

            yield return (null, status);
        }
        finally
        {
            // Whoever asked has gone, or has the answer; a one-off command has no other reader.
            await engine.CancelJobAsync(job.Id, CancellationToken.None);
            await engine.RemoveJobAsync(job.Id, CancellationToken.None);
        }
    }

    private Result<Entity<DeploymentSpec, DeploymentStatus>> Deployed(EntityRef component, string? environment, Caller caller, Verb verb)
    {
        if (!writer.Component(component, caller, verb).TryGet(out _, out var error))
        {
            return error;
        }

        if (environment is null)
        {
            var first = environments.InOrder().Select(e => writer.Find(component, e.Ref)).FirstOrDefault(d => d is not null);
            return first is null ? new NoWay($"{component.Name} is not deployed anywhere yet.") : first;
        }

        if (!environments.Find(environment).TryGet(out var found, out error))
        {
            return error;
        }

        return writer.Find(component, found.Ref) is { } deployment ? deployment : new NotDeployed(component, found.Metadata.Name);
    }

    // An interface type cannot convert to Result implicitly.
    private static Result<IAsyncEnumerable<T>> Result<T>(IAsyncEnumerable<T> items) => Contracts.Result<IAsyncEnumerable<T>>.Of(items);
}
