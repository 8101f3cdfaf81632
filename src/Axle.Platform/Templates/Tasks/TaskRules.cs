namespace Axle.Platform.Templates.Tasks;

/// <summary>What follows from a task's state. Pure.</summary>
internal static class TaskRules
{
    /// <summary>
    /// The state from which a retry goes on: the step that failed or was cancelled keeps what it has done and remembers; those
    /// after it begin anew, also the ones that ran because of the failure.
    /// </summary>
    public static TaskState Retried(TaskState status, int attempt)
    {
        var from = status.Steps.ToList().FindIndex(step => step.Phase is TaskPhases.Failed or TaskPhases.Cancelled);
        return status with
        {
            Phase = TaskPhases.Open,
            Attempt = attempt,
            Failure = null,
            EndedAt = null,
            Output = null,
            Steps =
            [
                .. status.Steps.Select((step, i) =>
                    from < 0 || i < from ? step
                    : i == from ? step with { Phase = TaskPhases.Open, Message = null, EndedAt = null }
                    : new StepStatus { Id = step.Id, Name = step.Name, Action = step.Action, Sealed = step.Sealed }),
            ],
        };
    }

    /// <summary>How long a task that ended keeps its files, and is shown.</summary>
    public static TimeSpan WorkspaceKept { get; } = TimeSpan.FromHours(24);

    public static TimeSpan TaskKept { get; } = TimeSpan.FromDays(90);
}
