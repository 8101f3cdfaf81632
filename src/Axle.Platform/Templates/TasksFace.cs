using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Tasks;

namespace Axle.Platform.Templates;

/// <summary>Tasks as others see them.</summary>
internal sealed class TasksFace(TemplateShelf shelf, CreateTask create, DryRun dryRun, TaskVerbs verbs, TaskViews views, TaskLogs logs) : ITasks
{
    public TaskPage List(string? createdBy, string? phase, int limit) => views.List(createdBy, phase, limit);

    public Result<TaskView> Find(string id) => View(verbs.Find(id));

    public IReadOnlyList<TaskLine> Log(string id, long after, Caller caller) =>
        caller.Has(Verb.ReadLogs) && verbs.Find(id).TryGet(out var task, out _) ? [.. logs.Of(task.Metadata.Name).Read(after).Select(TaskViews.Of)] : [];

    public async Task<Result<TaskView>> BeginAsync(EntityRef template, JsonObject values, JsonObject secrets, Caller caller, CancellationToken stop) =>
        View(await create.RunAsync(template, values, secrets, fill: true, caller, stop));

    public async Task<Result<DryRunAnswer>> DryRunAsync(EntityRef template, JsonObject values, JsonObject secrets, Caller caller, CancellationToken stop)
    {
        if (!shelf.Find(template).TryGet(out var found, out var unusable))
        {
            return unusable;
        }

        return (await dryRun.RunAsync(found.Definition, found.Origin, found.Definition.Filled(values), secrets, null, caller, stop)).TryGet(out var answer, out var refused) ? TaskViews.Of(answer) : refused;
    }

    // The API's routes declare the verb; whoever comes by this way is asked here.
    public async Task<Result<TaskView>> CancelAsync(string id, Caller caller, CancellationToken stop) =>
        caller.Refuse(Verb.Create) is { } refused ? refused : View(await verbs.CancelAsync(id, caller, stop));

    public async Task<Result<TaskView>> RetryAsync(string id, JsonObject secrets, Caller caller, CancellationToken stop) =>
        caller.Refuse(Verb.Create) is { } refused ? refused : View(await verbs.RetryAsync(id, secrets, caller, stop));

    public async Task<Result<TaskView>> DiscardAsync(string id, Caller caller, CancellationToken stop) =>
        caller.Refuse(Verb.Create) is { } refused ? refused : View(await verbs.DiscardAsync(id, caller, stop));

    public async Task<Result<TaskView>> DecideAsync(string id, bool approved, string? message, Caller caller, CancellationToken stop) =>
        caller.Refuse(Verb.Create) is { } refused ? refused : View(await verbs.DecideAsync(id, approved, message, caller, stop));

    public IReadOnlyList<string> SecretsOf(string id) => verbs.Find(id).TryGet(out var task, out _) ? task.Spec.Secrets : [];

    public bool IsTheirs(TaskView task, Caller caller) => caller.Has(Verb.Create) && (caller.Role == Role.Admin || caller.User == task.CreatedBy);

    public bool MayDecide(TaskView task, Caller caller) => verbs.Find(task.Id).TryGet(out var found, out _) && TaskVerbs.MayDecide(found, caller);

    private Result<TaskView> View(Result<Entity<TaskSpec, TaskState>> task) => task.TryGet(out var found, out var error) ? views.Of(found) : error;
}
