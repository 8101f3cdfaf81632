using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Schema;

namespace Axle.Platform.Templates.Tasks;

/// <summary>One step: its condition, what it is run for, its inputs, and the runs of its action.</summary>
internal sealed class StepRun(TaskScript script, StepDefinition step, ITemplateAction action, Evaluation evaluation, TaskRedaction redaction, Workspace workspace, Caller caller, ITaskJournal journal, int index, TimeProvider clock)
{
    private const int EachShownMax = 2000;

    /// <summary>Elements of one <c>each</c>; the state of each is written down.</summary>
    private const int EachMax = 1000;

    /// <summary>One run of an action may take this long. Waiting does not count: an action that waits gives up its turn.</summary>
    private static readonly TimeSpan s_runTimeMax = TimeSpan.FromHours(24);

    private static readonly JsonSerializerOptions s_indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A dry run leaves it out, for it would change something.</summary>
    public bool IsLeftOut => script.IsDryRun && !action.SupportsDryRun;

    /// <summary>Whether the step runs at all; with <c>each</c> a condition is asked for each element instead.</summary>
    public bool Condition(CancellationToken stop) => step.If switch
    {
        null => true,
        var flag when flag.GetValueKind() == JsonValueKind.False => false,
        var text when text.GetValueKind() == JsonValueKind.String && step.Each is null => Evaluation.IsTrue(evaluation.Render(text, stop)),
        _ => true,
    };

    public async Task<Result<ActionResult>> RunAsync(CancellationToken cancelled, CancellationToken stop)
    {
        if (script.IsDryRun)
        {
            var shown = evaluation.RenderInput(step.Input ?? [], null, script.Hidden, stop)!;
            Say($"Running {action.Id} in dry-run mode with inputs (secrets redacted): {shown.ToJsonString(s_indented)}");
            if (IsLeftOut)
            {
                Say($"Skipping because {action.Id} does not support dry-run", TaskPhases.Skipped);
                return new ActionResult(ExampleOutput.Of(action.OutputSchema) as JsonObject ?? []);
            }
        }

        // 1. Everything is rendered and checked before the first run.
        if (!Turns(stop).TryGet(out var turns, out var error))
        {
            return error;
        }

        await PrepareAsync(turns);

        // 2. One after the other, those left out that are done.
        for (var i = 0; i < turns.Count; i++)
        {
            if (Iterations[i].Done)
            {
                continue;
            }

            if (turns[i].Each is { } each && Iterations[i].State is null)
            {
                Say($"{(turns[i].Runs ? "Running" : "Skipping")} step each: {(turns[i].IsMadeOfSecrets ? TaskRedaction.Mark : Shown(each))}");
            }

            var output = (JsonObject?)null;
            if (turns[i].Runs)
            {
                if (!(await OneAsync(i, turns[i], cancelled, stop)).TryGet(out var result, out error))
                {
                    return error;
                }

                if (result.LookAgain is not null)
                {
                    return result;
                }

                output = result.Output;
            }

            await SetAsync(i, Iterations[i] with { Done = true, Output = output });
        }

        return new ActionResult(step.Each is null ? (JsonObject)(Iterations[0].Output ?? []).DeepClone() : Gathered());
    }

    private IReadOnlyList<Iteration> Iterations => journal.Status.Steps[index].Iterations;

    /// <summary>The outputs of all turns, as a list under each name.</summary>
    private JsonObject Gathered()
    {
        var all = new JsonObject();
        foreach (var (name, value) in Iterations.SelectMany(turn => turn.Output ?? []))
        {
            if (all[name] is not JsonArray list)
            {
                all[name] = list = [];
            }

            list.Add(value?.DeepClone());
        }

        return all;
    }

    private Result<List<Turn>> Turns(CancellationToken stop)
    {
        if (step.Each is null)
        {
            return Turned(null, null, stop).TryGet(out var only, out var wrong) ? Result<List<Turn>>.Of([only]) : wrong;
        }

        var each = evaluation.RenderInput(step.Each, null, script, stop);
        if (each is not (JsonArray or JsonObject))
        {
            return TemplateErrors.Each(step, each);
        }

        if (Entries(each).Count() > EachMax)
        {
            return TemplateErrors.EachTooMany(step, EachMax);
        }

        var without = !script.HasSecrets ? each : evaluation.RenderInput(step.Each, null, script.Hidden, stop);
        var isMade = redaction.AddDifferences(each, without);
        var turns = new List<Turn>();
        foreach (var (key, value) in Entries(each))
        {
            var plain = Entries(without).FirstOrDefault(entry => entry.Key == key).Value;
            if (!Turned(Element(key, value), Element(key, plain), stop).TryGet(out var turn, out var error))
            {
                return error;
            }

            turns.Add(turn with { IsMadeOfSecrets = turn.IsMadeOfSecrets || isMade });
        }

        return turns;
    }

    private Result<Turn> Turned(JsonObject? each, JsonObject? eachWithout, CancellationToken stop)
    {
        var runs = each is null || step.If is not { } condition || Evaluation.IsTrue(evaluation.RenderInput(condition, each, script, stop));
        var input = (JsonObject)evaluation.RenderInput(step.Input ?? [], each, script, stop)!;
        if (!runs)
        {
            return new Turn(each, false, input);
        }

        var isMade = script.HasSecrets && redaction.AddDifferences(input, evaluation.RenderInput(step.Input ?? [], eachWithout, script.Hidden, stop));

        var problems = JsonSchema.Check(input, action.InputSchema);
        return problems.Count > 0 ? TemplateErrors.Input(step, each?["key"]?.GetValue<string>(), problems) : new Turn(each, true, input, isMade);
    }

    private async Task PrepareAsync(List<Turn> turns)
    {
        if (Iterations.Count == 0)
        {
            var iterations = turns.Select(turn => new Iteration(turn.Each?["key"]?.GetValue<string>(), false, null, null)).ToList();
            await WriteAsync(journal.Status.Steps[index] with { Iterations = iterations });
        }
    }

    private async Task<Result<ActionResult>> OneAsync(int turn, Turn what, CancellationToken cancelled, CancellationToken stop)
    {
        var broken = false;
        var remembered = (JsonObject)(Iterations[turn].State ?? []).DeepClone();
        using var tooLong = new CancellationTokenSource(s_runTimeMax, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancelled, stop, tooLong.Token);
        var run = new ActionRun
        {
            TaskId = script.Id,
            StepId = step.Id,
            Input = what.Input,
            Workspace = workspace,
            Log = line => Say(what.IsMadeOfSecrets ? TaskRedaction.Mark : line),
            Caller = caller,
            Origin = script.Origin,
            Parameters = script.Parameters,
            IsDryRun = script.IsDryRun,
            State = remembered,
            RememberAsync = RememberAsync,
        };
        try
        {
            return await action.RunAsync(run, end.Token);
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested && !cancelled.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return TemplateErrors.TooLong(step, s_runTimeMax);
        }
        catch (Exception e) when (!broken && !(e is OperationCanceledException && (cancelled.IsCancellationRequested || stop.IsCancellationRequested)))
        {
            // Whatever an action trips over is the end of the step, and never of the platform's loop.
            return e is IOException && DiskSpace.IsGone(workspace.Root) ? DiskSpace.Full(workspace.Root) : TemplateErrors.Crashed(step, e);
        }

        async Task RememberAsync(string name, JsonNode? value)
        {
            var state = (JsonObject)(Iterations[turn].State ?? []).DeepClone();
            state[name] = value?.DeepClone();
            try
            {
                await SetAsync(turn, Iterations[turn] with { State = state });
            }
            catch
            {
                broken = true;
                throw;
            }

            remembered[name] = value?.DeepClone();
        }
    }

    private Task SetAsync(int turn, Iteration iteration)
    {
        var status = journal.Status.Steps[index];
        return WriteAsync(status with { Iterations = [.. status.Iterations.Select((one, i) => i == turn ? iteration : one)] });
    }

    private Task WriteAsync(StepStatus status) =>
        journal.SaveAsync(journal.Status with { Steps = [.. journal.Status.Steps.Select((one, i) => i == index ? status : one)] });

    private void Say(string message, string? status = null)
    {
        var body = new JsonObject { ["message"] = message, ["stepId"] = step.Id };
        if (status is not null)
        {
            body["status"] = status;
        }

        journal.Write(TaskEventTypes.Log, body);
    }

    private static JsonObject Element(string key, JsonNode? value) => new() { ["key"] = key, ["value"] = value?.DeepClone() };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Entries(JsonNode? each) => each switch
    {
        JsonArray array => array.Select((item, i) => KeyValuePair.Create(i.ToString(CultureInfo.InvariantCulture), item)),
        JsonObject record => record,
        _ => [],
    };

    private static string Shown(JsonObject each)
    {
        var text = each.ToJsonString();
        return text.Length > EachShownMax ? text[..EachShownMax] + "…" : text;
    }

    /// <param name="Each">Key and value; null for a step without <c>each</c>.</param>
    /// <param name="IsMadeOfSecrets">A number or the like in the input is made of secrets. Nobody finds it in a line of the log, so that those of the action stay empty.</param>
    private sealed record Turn(JsonObject? Each, bool Runs, JsonObject Input, bool IsMadeOfSecrets = false);
}
