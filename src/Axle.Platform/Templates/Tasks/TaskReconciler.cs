using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Definition;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates.Tasks;

/// <summary>
/// Runs tasks. Killed anywhere, the next look goes on with the step that was under way; a step that waits is asked again when
/// it wanted to be, or when somebody says something to the task.
/// </summary>
internal sealed class TaskReconciler(
    IEntityStore entities,
    TaskEngine engine,
    TaskParts parts,
    ISecrets secrets,
    IOptions<TemplatesOptions> options,
    TimeProvider clock) : IReconciler
{
    public const string Actor = "system:tasks";

    private static readonly TimeSpan s_noPlace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<EntityRef, Wait> _waiting = new();
    private readonly ConcurrentDictionary<EntityRef, bool> _seen = new();

    public string Name => "tasks";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Task];

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(TaskKinds.Task, which) is not { } task)
        {
            return Again.Never;
        }

        // 1. Is it to go, or over?
        var now = clock.GetUtcNow();
        var (spec, status) = (task.Spec, task.Status);
        if (task.Metadata.DeletedAt is not null)
        {
            await RemoveAsync(which, stop);
            return Again.Never;
        }

        if (status.Attempt < spec.Attempt)
        {
            status = TaskRules.Retried(status, spec.Attempt);
            parts.Logs.Of(which.Name).Append(TaskEventTypes.Recovered, new JsonObject { ["recoverStrategy"] = "none", ["message"] = "The task is retried from the step that did not succeed." });
            await entities.PutStatusAsync(which, status, Actor, stop: stop);
            _seen[which] = true;
        }

        if (TaskPhases.IsEnd(status.Phase))
        {
            return await TidyAsync(task, status, now, stop);
        }

        // 2. Does it wait, and has nobody said anything since?
        if (_waiting.TryGetValue(which, out var wait) && wait.Generation == task.Metadata.Generation && wait.Until > now)
        {
            return Again.In(wait.Until - now);
        }

        // 3. Is there a place for it?
        using var place = parts.Running.Take(which, options.Value.TasksAtOnceMax);
        if (place is null)
        {
            return Again.In(s_noPlace);
        }

        // Asked between the look above and the place: the wish is in the entity by now.
        if (entities.Find(TaskKinds.Task, which) is not { } newest)
        {
            return Again.Never;
        }

        if (newest.Spec.Cancelled is not null)
        {
            place.Cancel();
        }

        // 4. Run it.
        var outcome = await RunAsync(newest, status, place.Cancelled, stop);
        if (outcome.LookAgain is { } after)
        {
            _waiting[which] = new Wait(clock.GetUtcNow() + after, newest.Metadata.Generation);
            return Again.In(after);
        }

        _waiting.TryRemove(which, out _);
        return await TidyAsync(task, entities.Find(TaskKinds.Task, which)?.Status ?? status, clock.GetUtcNow(), stop);
    }

    private async Task<TaskOutcome> RunAsync(Entity<TaskSpec, TaskState> task, TaskState status, CancellationToken cancelled, CancellationToken stop)
    {
        var (which, spec, id) = (task.Ref, task.Spec, task.Metadata.Name);
        var redaction = new TaskRedaction(secrets);
        var log = parts.Logs.Of(id);

        // 1. What only the sealed store has.
        var unsealed = status.Steps.Select((step, i) => parts.Secrets.Unsealed(which, i, step)).ToList();
        var given = parts.Secrets.Of(which, spec);
        if (secrets.Sealed is { } locked && spec.Secrets.Count > 0)
        {
            throw new InvalidOperationException(locked.Message);
        }

        redaction.Add(given.Ok ? given.Value.Select(secret => secret.Value!.GetValue<string>()) : []);
        var real = status with { Steps = unsealed.All(step => step is not null) ? [.. unsealed.OfType<StepStatus>()] : status.Steps };
        var journal = new StoredJournal(which, status, real, entities, parts.Secrets, redaction, log);

        // 2. Go on after a crash, and say so.
        if (_seen.TryAdd(which, true) && status.Phase == TaskPhases.Processing)
        {
            var done = status.Steps.Count(step => step.Phase == TaskPhases.Completed);
            journal.Write(TaskEventTypes.Recovered, new JsonObject { ["recoverStrategy"] = "none" });
            journal.Write(TaskEventTypes.Log, new JsonObject { ["message"] = $"Task recovered - resuming from last known good state. {done} step(s) already completed." });
        }

        // 3. For whom, with the rights that they have now.
        var caller = parts.Users.Of(spec.CreatedBy, spec.Scopes);
        var script = new TaskScript
        {
            Id = id,
            Steps = [.. spec.Steps.Select((step, i) => DefinitionReader.Step((JsonObject)step!, i))],
            Output = spec.Output,
            Parameters = spec.Parameters,
            Secrets = given.Ok ? given.Value : [],
            User = TaskScript.UserOf(spec.CreatedBy, entities.Find(spec.CreatedBy)),
            Environment = options.Value.EnvironmentParameters(),
            EnvironmentSecrets = options.Value.ReadEnvironmentSecrets(),
            Origin = new TemplateOrigin(spec.Template, spec.Folder, spec.Address, spec.Version),
        };
        var impossible = caller is null ? TemplateErrors.CreatorGone(spec.CreatedBy)
            : given.Error ?? (unsealed.Any(step => step is null) ? TemplateErrors.SecretsGone(which) : null);
        if (impossible is not null)
        {
            return await TaskEngine.FailAsync(script, journal, redaction, impossible, clock);
        }

        return await engine.RunAsync(script, journal, redaction, new Workspace(parts.Folders.Workspace(id)), caller!, cancelled, stop);
    }

    /// <summary>After the end: secrets go at once, files and what it left when nobody can retry it any more, the task itself in the end.</summary>
    private async Task<Again> TidyAsync(Entity<TaskSpec, TaskState> task, TaskState status, DateTimeOffset now, CancellationToken stop)
    {
        var which = task.Ref;
        _seen.TryRemove(which, out _);
        using var turn = await parts.Running.TurnAsync(stop);
        if (entities.Find(TaskKinds.Task, which) is not { } newest || newest.Spec.Attempt > status.Attempt)
        {
            return Again.Never;
        }

        if (status.Swept)
        {
            var left = (status.EndedAt ?? now) + TaskRules.TaskKept - now;
            if (left <= TimeSpan.Zero)
            {
                await entities.DeleteAsync(which, Actor, force: true, stop: stop);
            }

            return Again.Never;
        }

        // A kill after the last write of the status leaves the log without its last line, which readers wait for.
        if (parts.Logs.Of(which.Name) is var log && log.Read(-1) is not [.., { Type: TaskEventTypes.Completion }])
        {
            log.Append(TaskEventTypes.Completion, TaskEngine.Completion(status));
        }

        parts.Logs.Close(which.Name);
        if (task.Spec.Secrets.Count > 0 || status.Steps.Any(step => step.Sealed > 0))
        {
            await parts.Secrets.ForgetAsync(which, stop);
        }

        var kept = status.Phase == TaskPhases.Completed || newest.Spec.Discarded is not null ? TimeSpan.Zero : (status.EndedAt ?? now) + TaskRules.WorkspaceKept - now;
        if (kept > TimeSpan.Zero)
        {
            return Again.In(kept);
        }

        if (status.Phase != TaskPhases.Completed)
        {
            await parts.Leftovers.RemoveAsync(status, stop);
        }

        parts.Folders.RemoveWorkspace(which.Name);
        await entities.PutStatusAsync(which, status with { Swept = true }, Actor, stop: stop);
        return Again.Never;
    }

    private async Task RemoveAsync(EntityRef which, CancellationToken stop)
    {
        parts.Running.Cancel(which);
        await parts.Secrets.ForgetAsync(which, stop);
        parts.Logs.Close(which.Name);
        parts.Folders.Remove(which);
        await entities.RemoveAsync(which, Actor, stop);
        _waiting.TryRemove(which, out _);
        _seen.TryRemove(which, out _);
    }

    /// <param name="Until">When the step wants to be asked again.</param>
    /// <param name="Generation">Of the task then: a newer one means that somebody said something.</param>
    private sealed record Wait(DateTimeOffset Until, long Generation);
}

/// <summary>What belongs to tasks, in one hand.</summary>
internal sealed record TaskParts(TaskLogs Logs, TaskFolders Folders, TaskSecrets Secrets, RunningTasks Running, ICallers Users, TaskLeftovers Leftovers);
