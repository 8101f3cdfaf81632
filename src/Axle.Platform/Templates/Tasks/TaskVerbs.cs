using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Schema;

namespace Axle.Platform.Templates.Tasks;

/// <summary>What people say to a task that is there: end, go on, yes and no. Each only writes the wish; the reconciler makes it so.</summary>
internal sealed class TaskVerbs(IEntityStore entities, TaskParts parts, IReconcileQueue queue, TimeProvider clock)
{
    private const int TriesMax = 5;

    public Result<Entity<TaskSpec, TaskState>> Find(string id) =>
        EntityRef.TryParse($"task:{id}", null, out var which) && which.Name.Equals(id, StringComparison.OrdinalIgnoreCase) && entities.Find(TaskKinds.Task, which) is { } found ? found : TemplateErrors.TaskUnknown(id);

    public async Task<Result<Entity<TaskSpec, TaskState>>> CancelAsync(string id, Caller caller, CancellationToken stop)
    {
        var changed = await ChangeAsync(id, caller, "cancelled", task =>
            NotTheirs(task, caller, "cancel") is { } refused ? refused
            : TaskPhases.IsEnd(task.Status.Phase) && task.Status.Attempt == task.Spec.Attempt ? TemplateErrors.TaskEnded(task, "cancelled")
            : task.Spec with { Cancelled = task.Spec.Cancelled ?? new Wish(caller.User, clock.GetUtcNow()) }, stop);
        if (changed.Ok)
        {
            parts.Running.Cancel(changed.Value.Ref);
        }

        return changed;
    }

    /// <summary>Goes on from the step that failed or was cancelled.</summary>
    /// <param name="secrets">The same as before have to be given again, for they were forgotten.</param>
    public async Task<Result<Entity<TaskSpec, TaskState>>> RetryAsync(string id, JsonObject secrets, Caller caller, CancellationToken stop)
    {
        using var turn = await parts.Running.TurnAsync(stop);
        if (!Find(id).TryGet(out var task, out var unknown))
        {
            return unknown;
        }

        if ((caller.Refuse(Verb.Create) ?? NotTheirs(task, caller, "retry") ?? Final(task) ?? SecretsWrong(task.Spec, secrets)) is { } refused)
        {
            return refused;
        }

        var attempt = task.Spec.Attempt + 1;
        if (await parts.Secrets.KeepAsync(task.Ref, attempt, secrets, stop) is { } notKept)
        {
            return notKept;
        }

        return await ChangeAsync(id, caller, "retried", newest =>
            newest.Spec.Attempt + 1 != attempt ? TemplateErrors.TaskRuns(newest, "retried") : newest.Spec with { Attempt = attempt, Cancelled = null, Secrets = [.. secrets.Select(secret => secret.Key)] }, stop);
    }

    /// <summary>Gives up one that did not succeed: what it left goes now, and not only when it can be retried no longer.</summary>
    public async Task<Result<Entity<TaskSpec, TaskState>>> DiscardAsync(string id, Caller caller, CancellationToken stop)
    {
        // A retry that is being asked for is either seen here, or sees this.
        using var turn = await parts.Running.TurnAsync(stop);
        return await ChangeAsync(id, caller, "discarded", task =>
            NotTheirs(task, caller, "discard") is { } refused ? refused
            : !TaskPhases.IsEnd(task.Status.Phase) || task.Status.Attempt < task.Spec.Attempt ? TemplateErrors.TaskRuns(task, "discarded")
            : task.Status.Phase == TaskPhases.Completed ? TemplateErrors.TaskEnded(task, "discarded")
            : task.Spec with { Discarded = task.Spec.Discarded ?? new Wish(caller.User, clock.GetUtcNow()) }, stop);
    }

    /// <summary>Says yes or no to the step that waits for it.</summary>
    public Task<Result<Entity<TaskSpec, TaskState>>> DecideAsync(string id, bool approved, string? message, Caller caller, CancellationToken stop) =>
        ChangeAsync(id, caller, approved ? "approved" : "rejected", task =>
        {
            if (Asking(task) is not (>= 0 and var index))
            {
                return TemplateErrors.NothingToApprove(task);
            }

            return NoApprover(task, index, caller) is { } refused ? refused
                : task.Spec with { Decisions = [.. task.Spec.Decisions, new Decision(index, task.Spec.Attempt, caller.User, approved, message, clock.GetUtcNow())] };
        }, stop);

    /// <summary>Whether this caller is asked by the step that waits.</summary>
    public static bool MayDecide(Entity<TaskSpec, TaskState> task, Caller caller) =>
        caller.Has(Verb.Create) && Asking(task) is >= 0 and var index && NoApprover(task, index, caller) is null;

    private static int Asking(Entity<TaskSpec, TaskState> task)
    {
        var index = task.Status.Steps.ToList().FindIndex(step => step.Phase == TaskPhases.Waiting && step.Action == ApproveAction.ActionId);
        return index >= 0 && task.Spec.Decisions.Any(one => one.Step == index && one.Attempt == task.Spec.Attempt) ? -1 : index;
    }

    private static Error? NoApprover(Entity<TaskSpec, TaskState> task, int index, Caller caller)
    {
        var asked = task.Status.Steps[index].Iterations.Select(one => one.State?[ApproveAction.Asked]).LastOrDefault(one => one is not null);
        EntityRef[] approvers = [.. (asked?["approvers"] as JsonArray ?? []).Select(one => EntityRef.Parse(one!.GetValue<string>()))];
        if (caller.User == task.Spec.CreatedBy && asked?["selfApproval"]?.GetValue<bool>() != true)
        {
            return TemplateErrors.OwnTask(caller.User);
        }

        return caller.Role == Role.Admin || approvers.Contains(caller.User) || approvers.Any(caller.Groups.Contains) ? null : TemplateErrors.NoApprover(caller.User, approvers);
    }

    private static Error? NotTheirs(Entity<TaskSpec, TaskState> task, Caller caller, string what) =>
        caller.Role == Role.Admin || caller.User == task.Spec.CreatedBy ? null : TemplateErrors.NotTheirs(task, caller.User, what);

    private Error? Final(Entity<TaskSpec, TaskState> task)
    {
        var status = task.Status;
        if (!TaskPhases.IsEnd(status.Phase) || status.Attempt < task.Spec.Attempt)
        {
            return TemplateErrors.TaskRuns(task, "retried");
        }

        if (status.Phase == TaskPhases.Completed)
        {
            return TemplateErrors.TaskEnded(task, "retried");
        }

        return status.Swept || task.Spec.Discarded is not null || !parts.Folders.HasWorkspace(task.Metadata.Name) ? TemplateErrors.FilesGone(task)
            : status.Steps.Any(step => step.Sealed > 0) ? TemplateErrors.SecretsGone(task.Ref)
            : null;
    }

    private static Error? SecretsWrong(TaskSpec spec, JsonObject secrets)
    {
        var missing = spec.Secrets.Where(name => !secrets.ContainsKey(name)).ToList();
        var problems = missing.Select(name => new Problem("has to be given again: secrets are forgotten when a task ends", Path: name)).ToList();
        if (spec.SecretsSchema is not null)
        {
            problems.AddRange(JsonSchema.Check(secrets, spec.SecretsSchema).Select(problem => problem.ToProblem()));
        }

        return problems.Count > 0 ? TemplateErrors.Secrets(problems) : null;
    }

    private async Task<Result<Entity<TaskSpec, TaskState>>> ChangeAsync(string id, Caller caller, string message, Func<Entity<TaskSpec, TaskState>, Result<TaskSpec>> change, CancellationToken stop)
    {
        for (var tries = 1; ; tries++)
        {
            if (!Find(id).TryGet(out var task, out var unknown))
            {
                return unknown;
            }

            if (!change(task).TryGet(out var spec, out var refused))
            {
                return refused;
            }

            var entity = task.Raw with { Spec = System.Text.Json.JsonSerializer.SerializeToElement(spec, EntityJson.Options) };
            var put = await entities.PutAsync(entity, caller.Actor, task.Metadata.Revision, message, stop);
            if (put.Ok)
            {
                queue.Wake(task.Ref);
                return TaskKinds.Task.Read(put.Value);
            }

            // A running task writes its state all the time.
            if (put.Error!.Status != 409 || tries == TriesMax)
            {
                return put.Error;
            }
        }
    }
}
