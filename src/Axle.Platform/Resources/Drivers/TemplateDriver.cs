using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Resources.ProvisionerFiles;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// <c>template://</c>: outputs made by Go templates, as Score's template provisioners. It makes values and files and no
/// servers, so there is nothing to suspend or observe.
/// </summary>
internal sealed class TemplateDriver(ScoreKeeper keeper, IWorkloadServices workloads) : IResourceDriver
{
    public string Uri => "template://";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop) =>
        Refused(claim) is { } refused ? refused : await keeper.MakeAsync(claim, await RunOf(claim, stop), stop);

    public async Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop)
    {
        if (Refused(claim) is { } refused)
        {
            return refused;
        }

        if (!(await keeper.TryAsync(claim, await RunOf(claim, stop), stop)).TryGet(out var tried, out var error))
        {
            return error;
        }

        if (claim.Status.ReadyAt is null)
        {
            return new Foreseen(ForeseenActions.Create, [.. tried!.Value.Made.Outputs.Select(output => $"output {output.Key}")]);
        }

        var (before, made) = tried!.Value;
        var lines = ChangedKeys("state", before.State, made.State)
            .Concat(ChangedKeys("shared state", before.Shared, MergePatch.Apply(before.Shared, made.Shared)))
            .Concat(ChangedOutputs(claim, made))
            .ToList();
        return lines.Count == 0 ? Foreseen.Unchanged : new Foreseen(ForeseenActions.Change, lines);
    }

    public Task SuspendAsync(Claim claim, CancellationToken stop) => Task.CompletedTask;

    public Task DestroyAsync(Claim claim, CancellationToken stop) => keeper.ForgetAsync(claim, stop);

    public Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop) => Task.FromResult<ResourceFacts?>(null);

    private async Task<Func<ScoreBefore, Task<Result<ScoreMade>>>> RunOf(Claim claim, CancellationToken stop)
    {
        var services = await workloads.InAsync(claim.Spec.Environment, stop);
        return before => Task.FromResult(new TemplateRun(claim, before, services).Run());
    }

    private static ProvisionerNotRunnable? Refused(Claim claim) =>
        Runnable.Of(claim.Provisioner) is { Runs: false, Why: { } why } ? new ProvisionerNotRunnable(claim.Provisioner.Uri, why) : null;

    // Names only: values of the state may be secret.
    private static IEnumerable<string> ChangedKeys(string what, JsonObject before, JsonObject after) =>
        before.Select(entry => entry.Key).Union(after.Select(entry => entry.Key)).Where(key => !JsonNode.DeepEquals(before[key], after[key])).Select(key => $"{what}: {key} changes");

    private static IEnumerable<string> ChangedOutputs(Claim claim, ScoreMade made)
    {
        var (open, secret) = OutputSplit.Of(claim.Provisioner, made.Outputs, OutputSplit.SecretTexts(made.State).Concat(OutputSplit.SecretTexts(made.Shared)));
        foreach (var (name, value) in open)
        {
            var before = claim.Status.Outputs.TryGetValue(name, out var was) ? was.GetRawText() : "none";
            if (before != value.GetRawText())
            {
                yield return $"output {name}: {before} → {value.GetRawText()}";
            }
        }

        foreach (var name in claim.Status.Outputs.Keys.Concat(claim.Status.SecretOutputs).Where(name => !open.ContainsKey(name) && !secret.ContainsKey(name)))
        {
            yield return $"output {name} is no longer given";
        }
    }
}
