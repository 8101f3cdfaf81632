using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Tasks as people read them.</summary>
internal sealed class TaskViews(IEntityStore entities, TaskFolders folders, TaskLeftovers leftovers)
{
    public const int ListMax = 200;

    public TaskPage List(string? createdBy, string? phase, int limit)
    {
        var all = entities.All(TaskKinds.Task)
            .Where(task => createdBy is null || (EntityRef.TryParse(createdBy, Kinds.User, EntityRef.DefaultNamespace, out var user) && task.Spec.CreatedBy == user))
            .Where(task => phase is null || PhaseOf(task) == phase)
            .OrderByDescending(task => task.Metadata.CreatedAt)
            .ThenByDescending(task => task.Metadata.Name, StringComparer.Ordinal)
            .ToList();
        return new TaskPage([.. all.Take(Math.Clamp(limit, 1, ListMax)).Select(Of)], all.Count);
    }

    /// <summary>A retry that was asked for and has not begun is open again.</summary>
    public static string PhaseOf(Entity<TaskSpec, TaskState> task) => task.Status.Attempt < task.Spec.Attempt ? TaskPhases.Open : task.Status.Phase;

    public TaskView Of(Entity<TaskSpec, TaskState> task)
    {
        var (spec, status) = (task.Spec, task.Status);
        var waiting = status.Steps.FirstOrDefault(step => step.Phase == TaskPhases.Waiting);
        var steps = status.Steps.Count == spec.Steps.Count
            ? status.Steps.Select(step => new TaskStepView(step.Id, step.Name, step.Action, step.Phase, step.Message, step.StartedAt, step.EndedAt, step.Output is null ? null : Element(step.Output)))
            : spec.Steps.Select(step => new TaskStepView(Text(step, "id"), Text(step, "name"), Text(step, "action"), TaskPhases.Open, null, null, null, null));
        return new TaskView(
            task.Metadata.Name,
            spec.Template,
            task.Metadata.Title ?? spec.Template.Name,
            PhaseOf(task),
            spec.CreatedBy,
            task.Metadata.CreatedAt ?? default,
            status.StartedAt,
            status.EndedAt,
            status.Failure?.Message ?? waiting?.Message,
            status.Failure?.Next,
            [.. steps],
            Element(spec.Parameters),
            status.Output is null ? null : Element(status.Output))
        {
            CanRetry = PhaseOf(task) is TaskPhases.Failed or TaskPhases.Cancelled && !status.Swept && spec.Discarded is null && folders.HasWorkspace(task.Metadata.Name) && status.Steps.All(step => step.Sealed == 0),
            Approval = Approval(status),
            Left = Left(task),
        };
    }

    public static TaskLine Of(TaskEvent one) => new(one.Id, one.CreatedAt, one.Type, one.StepId, one.Status, one.Message);

    public static DryRunAnswer Of(DryRun.Answer answer) => new(
        [.. answer.Log.Select(Of)],
        answer.Files,
        answer.Status.Output is null ? null : Element(answer.Status.Output),
        answer.Status.Failure?.Message,
        answer.Status.Failure?.Next);

    private LeftView? Left(Entity<TaskSpec, TaskState> task) =>
        PhaseOf(task) is TaskPhases.Failed or TaskPhases.Cancelled && !task.Status.Swept && leftovers.Of(task.Status) is { Count: > 0 } left
            ? new LeftView(left, task.Spec.Discarded is null ? (task.Status.EndedAt ?? default) + TaskRules.WorkspaceKept : task.Spec.Discarded.At)
            : null;

    private static ApprovalView? Approval(TaskState status)
    {
        var step = status.Steps.FirstOrDefault(one => one is { Phase: TaskPhases.Waiting, Action: ApproveAction.ActionId });
        return step?.Iterations.Select(one => one.State?[ApproveAction.Asked]).LastOrDefault(one => one is not null) is { } asked
            ? new ApprovalView(step.Id, [.. ((JsonArray)asked["approvers"]!).Select(one => EntityRef.Parse(one!.GetValue<string>()))], asked["message"]?.GetValue<string>())
            : null;
    }

    private static string Text(JsonNode? step, string name) => step![name]!.GetValue<string>();

    private static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node);
}
