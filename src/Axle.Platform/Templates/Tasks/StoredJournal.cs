using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Templates.Tasks;

/// <summary>Writes a run into the task's entity and its log. What holds secrets is sealed, and a copy without them is written.</summary>
internal sealed class StoredJournal : ITaskJournal
{
    private readonly EntityRef _task;
    private readonly IEntityStore _entities;
    private readonly TaskSecrets _secrets;
    private readonly TaskRedaction _redaction;
    private readonly TaskLog _log;
    private readonly Dictionary<int, string> _sealed = [];

    /// <param name="shown">As it stands in the entity.</param>
    /// <param name="real">The same with what was sealed of it.</param>
    public StoredJournal(EntityRef task, TaskState shown, TaskState real, IEntityStore entities, TaskSecrets secrets, TaskRedaction redaction, TaskLog log)
    {
        (_task, _entities, _secrets, _redaction, _log, Status) = (task, entities, secrets, redaction, log, real);
        for (var i = 0; i < real.Steps.Count; i++)
        {
            if (real.Steps[i].Sealed > 0)
            {
                // What an earlier process knew to hold secrets, this one learns from what it left out.
                redaction.AddDifferences(Open(real.Steps[i]), Open(shown.Steps[i]));
                _sealed[i] = Open(real.Steps[i]).ToJsonString();
            }
        }
    }

    public TaskState Status { get; private set; }

    public async Task SaveAsync(TaskState status)
    {
        var (real, shown) = (status.Steps.ToArray(), status.Steps.ToArray());
        for (var i = 0; i < real.Length; i++)
        {
            (real[i], shown[i]) = await HiddenAsync(i, real[i]);
        }

        var put = await _entities.PutStatusAsync(_task, status with { Steps = shown }, TaskReconciler.Actor, stop: CancellationToken.None);
        if (put.Error is { } error)
        {
            // What does not fit will fit no better when it is tried again.
            throw error.Status is 404 or 409 ? new InvalidOperationException($"The state of {_task.Short} cannot be written: {error.Message}") : new TaskStateRefusedException(error);
        }

        Status = status with { Steps = real };
    }

    public void Write(string type, JsonObject body) => _log.Append(type, (JsonObject)_redaction.Redact(body)!);

    private async Task<(StepStatus Real, StepStatus Shown)> HiddenAsync(int index, StepStatus step)
    {
        var open = Open(step);
        var hidden = _redaction.Redact(open)!;
        var text = open.ToJsonString();
        if (hidden.ToJsonString() == text)
        {
            return (step with { Sealed = 0 }, step with { Sealed = 0 });
        }

        var version = step.Sealed;
        if (_sealed.GetValueOrDefault(index) != text)
        {
            version++;
            await _secrets.SealAsync(_task, index, version, step, CancellationToken.None);
            _sealed[index] = text;
        }

        var iterations = (JsonArray)hidden["iterations"]!;
        return (step with { Sealed = version }, step with
        {
            Sealed = version,
            Output = (JsonObject?)hidden["output"]?.DeepClone(),
            Iterations = [.. step.Iterations.Select((one, i) => one with { Output = (JsonObject?)iterations[i]!["output"]?.DeepClone(), State = (JsonObject?)iterations[i]!["state"]?.DeepClone() })],
        });
    }

    private static JsonObject Open(StepStatus step) => new()
    {
        ["output"] = step.Output?.DeepClone(),
        ["iterations"] = new JsonArray([.. step.Iterations.Select(one => new JsonObject { ["output"] = one.Output?.DeepClone(), ["state"] = one.State?.DeepClone() })]),
    };
}
