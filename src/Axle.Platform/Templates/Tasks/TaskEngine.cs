using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Tasks;

/// <summary>
/// Runs the steps of a template as Backstage does, from wherever the journal says that it is: a step that is finished is never
/// run again, the one that was under way is run again with what it remembered.
/// </summary>
internal sealed class TaskEngine(ActionTable actions, TemplateLanguage language, TimeProvider clock)
{
    private const int ProblemsMax = 20;

    /// <param name="cancelled">Somebody wants the task to end.</param>
    /// <param name="stop">The platform stops; the task goes on later.</param>
    public async Task<TaskOutcome> RunAsync(TaskScript script, ITaskJournal journal, TaskRedaction redaction, Workspace workspace, Caller caller, CancellationToken cancelled, CancellationToken stop)
    {
        redaction.Add(script.SecretValues);
        return Evaluation.Of(language, script).TryGet(out var evaluation, out var unreadable)
            ? await new Run(this, script, journal, redaction, workspace, caller, cancelled, stop).RunAsync(evaluation)
            : await FailAsync(script, journal, redaction, unreadable, clock);
    }

    /// <summary>Ends a task that cannot be run at all.</summary>
    public static async Task<TaskOutcome> FailAsync(TaskScript script, ITaskJournal journal, TaskRedaction redaction, Error why, TimeProvider clock)
    {
        var failure = new TaskFailure(why.Code, redaction.Redact(why.Message), why.Next, null);
        journal.Write(TaskEventTypes.Log, new JsonObject { ["message"] = failure.Message, ["status"] = TaskPhases.Failed });
        var steps = journal.Status.Steps.Count == script.Steps.Count ? journal.Status.Steps : [.. script.Steps.Select(step => new StepStatus { Id = step.Id, Name = step.Name, Action = step.Action })];
        await journal.SaveAsync(journal.Status with { Steps = steps, Phase = TaskPhases.Failed, Failure = failure, EndedAt = clock.GetUtcNow() });
        journal.Write(TaskEventTypes.Completion, Completion(journal.Status));
        return new TaskOutcome(TaskPhases.Failed);
    }

    /// <summary>The line that ends a log. It comes after the status is written, so that who read it finds the task ended.</summary>
    public static JsonObject Completion(TaskState status)
    {
        var body = new JsonObject { ["message"] = $"Run completed with status: {status.Phase}" };
        if (status.Failure is { } failure)
        {
            body["error"] = new JsonObject { ["name"] = "Error", ["message"] = failure.Message };
        }
        else
        {
            body["output"] = status.Output?.DeepClone();
        }

        return body;
    }

    /// <summary>One pass over the steps.</summary>
    private sealed class Run(TaskEngine engine, TaskScript script, ITaskJournal journal, TaskRedaction redaction, Workspace workspace, Caller caller, CancellationToken cancelled, CancellationToken stop)
    {
        private DateTimeOffset Now => engine.Clock.GetUtcNow();

        public async Task<TaskOutcome> RunAsync(Evaluation evaluation)
        {
            // 1. Where is it?
            var status = journal.Status;
            if (status.Phase == TaskPhases.Open && status.Steps.All(step => step.Phase == TaskPhases.Open))
            {
                Say($"Starting up task with {script.Steps.Count} steps");
            }

            if (status.Steps.Count != script.Steps.Count)
            {
                status = status with { Steps = [.. script.Steps.Select(step => new StepStatus { Id = step.Id, Name = step.Name, Action = step.Action })] };
            }

            await SaveAsync(status with { Phase = TaskPhases.Processing, StartedAt = status.StartedAt ?? Now, Failure = status.Failure });

            // 2. One step after the other.
            for (var i = 0; i < script.Steps.Count; i++)
            {
                var was = journal.Status.Steps[i];
                if (was.Phase is TaskPhases.Completed or TaskPhases.Skipped or TaskPhases.Failed)
                {
                    evaluation.HasFailed |= was.Phase == TaskPhases.Failed;
                    if (was.Phase == TaskPhases.Completed && evaluation.Add(was.Id, was.Output ?? []) is { } tooLarge)
                    {
                        return await FailAsync(tooLarge, was.Id);
                    }

                    continue;
                }

                // Only now: a step that is done stays done, and a retry goes on behind it.
                if (cancelled.IsCancellationRequested)
                {
                    return await CancelAsync(i);
                }

                if (await StepAsync(i, script.Steps[i], evaluation) is { } outcome)
                {
                    return outcome;
                }
            }

            // 3. How did it go, and what does it give?
            if (journal.Status.Failure is { } failure)
            {
                return await EndAsync(TaskPhases.Failed, null, failure);
            }

            try
            {
                return await EndAsync(TaskPhases.Completed, Output(evaluation), null);
            }
            catch (TaskStateRefusedException e)
            {
                return await FailAsync(TemplateErrors.TooMuch("The output of the template", e.Error), null);
            }
        }

        /// <summary>Null when the next one is next.</summary>
        private async Task<TaskOutcome?> StepAsync(int index, StepDefinition step, Evaluation evaluation)
        {
            // 1. After a failure only those run that ask how it went.
            if (evaluation.HasFailed && !AsksForStatus(step, evaluation))
            {
                await SkipAsync(index, $"Skipping step {step.Id} because a previous step failed");
                return null;
            }

            var began = journal.Status.Steps[index];
            if (began.Phase == TaskPhases.Open)
            {
                Say($"Beginning step {step.Name}", step.Id, TaskPhases.Processing);
                began = began with { Phase = TaskPhases.Processing, StartedAt = Now };
                await SetAsync(index, began);
            }

            if (!engine.Actions.TryGetValue(step.Action, out var action))
            {
                // It was there when the task was made: the platform is another version now.
                await FailStepAsync(index, TemplateErrors.ActionGone(step));
                evaluation.HasFailed = true;
                return null;
            }

            var one = new StepRun(script, step, action, evaluation, redaction, workspace, caller, journal, index, engine.Clock);
            try
            {
                // 2. Does its condition hold?
                if (began.Iterations.Count == 0 && !one.Condition(stop))
                {
                    await SkipAsync(index, $"Skipping step {step.Id} because its if condition was false");
                    return null;
                }

                // 3. Do it.
                if (!(await one.RunAsync(cancelled, stop)).TryGet(out var result, out var error))
                {
                    await FailStepAsync(index, error);
                    evaluation.HasFailed = true;
                    return null;
                }

                if (result.LookAgain is { } after)
                {
                    return await WaitAsync(index, result.Waiting ?? $"{step.Name} is not done yet.", after);
                }

                // 4. Done: others may see what it gave.
                if (evaluation.Add(step.Id, result.Output) is { } tooLarge)
                {
                    await FailStepAsync(index, tooLarge);
                    evaluation.HasFailed = true;
                    return null;
                }

                await SetAsync(index, journal.Status.Steps[index] with { Phase = TaskPhases.Completed, Output = (JsonObject)result.Output.DeepClone(), Message = null, EndedAt = Now });
                if (!one.IsLeftOut)
                {
                    Say($"Finished step {step.Name}", step.Id, TaskPhases.Completed);
                }

                return null;
            }
            catch (OperationCanceledException) when (cancelled.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                return await CancelAsync(index);
            }
            catch (TaskStateRefusedException e)
            {
                await FailStepAsync(index, TemplateErrors.TooMuch($"What the step {step.Id} gives", e.Error));
                evaluation.HasFailed = true;
                return null;
            }
        }

        private bool AsksForStatus(StepDefinition step, Evaluation evaluation)
        {
            if (step.If?.GetValueKind() != System.Text.Json.JsonValueKind.String)
            {
                return false;
            }

            evaluation.HasAsked = false;
            evaluation.Render(step.If, stop);
            return evaluation.HasAsked;
        }

        private JsonObject Output(Evaluation evaluation)
        {
            var output = (JsonObject)evaluation.Render(script.Output, stop)!;
            foreach (var name in (string[])["links", "text"])
            {
                if (output[name] is JsonArray items)
                {
                    output[name] = new JsonArray([.. items.Where(item => item is not JsonObject shown || !shown.ContainsKey("if") || Evaluation.IsTrue(shown["if"])).Select(Shown)]);
                }
            }

            return (JsonObject)redaction.Redact(output)!;

            static JsonNode? Shown(JsonNode? item)
            {
                var copy = item?.DeepClone();
                (copy as JsonObject)?.Remove("if");
                return copy;
            }
        }

        private async Task SkipAsync(int index, string why)
        {
            await SetAsync(index, journal.Status.Steps[index] with { Phase = TaskPhases.Skipped, Message = why, EndedAt = Now });
            Say(why, script.Steps[index].Id, TaskPhases.Skipped);
        }

        private async Task FailStepAsync(int index, Error error)
        {
            var step = script.Steps[index];
            var message = redaction.Redact(error.Problems.Count > 1 ? $"{error.Message} ({string.Join("; ", error.Problems)})" : error.Message);
            var next = error.Next is null ? null : redaction.Redact(error.Next);
            Say(next is null ? message : $"{message} Next: {next}", step.Id, TaskPhases.Failed);
            var failed = journal.Status.Steps[index] with { Phase = TaskPhases.Failed, Message = message, EndedAt = Now };
            await SaveAsync(With(index, failed) with { Failure = journal.Status.Failure ?? new TaskFailure(error.Code, redaction.Redact(error.Message), next, step.Id) { Status = error.Status, Problems = [.. error.Problems.Take(ProblemsMax).Select(problem => problem with { Message = redaction.Redact(problem.Message) })] } });
        }

        private async Task<TaskOutcome> FailAsync(Error error, string? step) =>
            await EndAsync(TaskPhases.Failed, null, new TaskFailure(error.Code, redaction.Redact(error.Message), error.Next, step));

        private async Task<TaskOutcome> WaitAsync(int index, string why, TimeSpan after)
        {
            why = redaction.Redact(why);
            var step = journal.Status.Steps[index];
            await SaveAsync(With(index, step with { Phase = TaskPhases.Waiting, Message = why }) with { Phase = TaskPhases.Waiting });
            if (step.Message != why)
            {
                Say(why, step.Id);
            }

            return new TaskOutcome(TaskPhases.Waiting, after);
        }

        private async Task<TaskOutcome> CancelAsync(int index)
        {
            var step = journal.Status.Steps[index];
            await SetAsync(index, step with { Phase = TaskPhases.Cancelled, EndedAt = Now });
            journal.Write(TaskEventTypes.Cancelled, new JsonObject { ["message"] = $"Step {step.Id} has been cancelled.", ["stepId"] = step.Id, ["status"] = TaskPhases.Cancelled });
            return await EndAsync(TaskPhases.Cancelled, null, new TaskFailure("templates.cancelled", "The task was cancelled.", null, step.Id));
        }

        private async Task<TaskOutcome> EndAsync(string phase, JsonObject? output, TaskFailure? failure)
        {
            await SaveAsync(journal.Status with { Phase = phase, Output = output, Failure = failure, EndedAt = Now });
            journal.Write(TaskEventTypes.Completion, Completion(journal.Status));
            return new TaskOutcome(phase);
        }

        private void Say(string message, string? step = null, string? status = null)
        {
            var body = new JsonObject { ["message"] = message };
            if (step is not null)
            {
                body["stepId"] = step;
            }

            if (status is not null)
            {
                body["status"] = status;
            }

            journal.Write(TaskEventTypes.Log, body);
        }

        private Task SetAsync(int index, StepStatus step) => SaveAsync(With(index, step));

        private TaskState With(int index, StepStatus step) => journal.Status with { Steps = [.. journal.Status.Steps.Select((one, i) => i == index ? step : one)] };

        private Task SaveAsync(TaskState status) => journal.SaveAsync(status);
    }

    private IReadOnlyDictionary<string, ITemplateAction> Actions => actions.All;

    private TimeProvider Clock => clock;
}
