using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Processes;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// <c>terraform://module</c>: a module in <c>provisioners/modules</c> of the data folder, run by OpenTofu or Terraform,
/// whichever is installed. Axle keeps the state, sealed; one run at a time for each claim.
/// </summary>
internal sealed class TerraformDriver(ProgramRunner programs, ISecrets secrets, PlatformOptions options) : IResourceDriver
{
    private const string Scheme = "terraform://";
    private const string StateName = "terraform-state";
    private static readonly TimeSpan s_initMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_applyMax = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan s_readMax = TimeSpan.FromMinutes(1);

    private readonly SealedState _sealed = new(secrets);
    private readonly Turns _turns = new();

    public string Uri => Scheme;

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        using var turn = await _turns.TakeAsync(claim.Ref, stop);
        return await WithAsync<Provisioned>(
            claim,
            async (run, _) =>
            {
                var applied = await run.CallAsync(s_applyMax, stop, "apply", "-input=false", "-no-color", "-auto-approve");
                return applied.Error is { } error ? error : await OutputsAsync(claim, run, stop);
            },
            busy: new Provisioned { Waiting = "an earlier run of its Terraform module is still going on", State = Nothing },
            stop);
    }

    public async Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop)
    {
        using var turn = await _turns.TakeAsync(claim.Ref, stop);
        return await WithAsync<Foreseen>(
            claim,
            async (run, state) => (await run.CallAsync(s_applyMax, stop, "plan", "-input=false", "-lock=false", "-json")).TryGet(out var plan, out var error) ? TerraformPlan.Read(plan, state is not null) : error,
            busy: new Foreseen(ForeseenActions.Unchanged, ["an earlier run of its Terraform module is still going on; ask again when it has ended"]),
            stop);
    }

    // What a module's things are used by is not known here; taking away a login is the module's own matter.
    public Task SuspendAsync(Claim claim, CancellationToken stop) => Task.CompletedTask;

    public async Task DestroyAsync(Claim claim, CancellationToken stop)
    {
        using var turn = await _turns.TakeAsync(claim.Ref, stop);
        if (!await HasAnythingAsync(claim, stop))
        {
            await secrets.ForgetAsync(claim.Ref, SealedState.Actor, stop);
            return;
        }

        var destroyed = await WithAsync<string>(
            claim,
            async (run, _) => await run.CallAsync(s_applyMax, stop, "destroy", "-input=false", "-no-color", "-auto-approve"),
            busy: new ProvisionerFailed(claim.Provisioner.Uri, "an earlier run of the module is still going on.", "It is tried again by itself."),
            stop);
        if (destroyed.Error is { } error)
        {
            throw new InvalidOperationException($"{claim.Ref} is not taken away: {error.Message} Next: {error.Next}");
        }

        // Only now: until here the state says what is left.
        await secrets.ForgetAsync(claim.Ref, SealedState.Actor, stop);
    }

    public Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop) => Task.FromResult<ResourceFacts?>(null);

    private static JsonElement Nothing => Provisioned.StateOf(new Dictionary<string, string>());

    private async Task<bool> HasAnythingAsync(Claim claim, CancellationToken stop)
    {
        if (MemoryFolder.Of(options, ScoreKeeper.GuidOf(claim)) is { } left && Directory.Exists(left))
        {
            return true;
        }

        var state = await _sealed.ReadAsync(claim.Ref, StateName, stop);
        return state.Error is { } error ? throw new InvalidOperationException($"{error.Message} Next: {error.Next}") : state.Value is not null;
    }

    // 1. everything in a folder in memory; 2. init; 3. the work; 4. the state back, whatever happened; 5. the folder away.
    private async Task<Result<T>> WithAsync<T>(Claim claim, Func<TerraformRun, string?, Task<Result<T>>> work, Result<T> busy, CancellationToken stop)
    {
        if (!Module(claim).TryGet(out var module, out var error) || !Program().TryGet(out var program, out error) || !Variables(claim).TryGet(out var variables, out error))
        {
            return error;
        }

        if (MemoryFolder.Of(options, ScoreKeeper.GuidOf(claim)) is not { } folder)
        {
            return new ProvisionerFailed(claim.Provisioner.Uri, "this machine has no folder in memory (/dev/shm), and the state of a module may not lie on a disk in clear.", "Mount a tmpfs there.");
        }

        var run = new TerraformRun(program, folder, programs, secrets, options);
        if (run.IsBusy())
        {
            return busy;
        }

        if (!(await StateAsync(claim, run, stop)).TryGet(out var state, out error) && error is not null)
        {
            return error;
        }

        if (run.Prepare(module, variables, state) is { } wrong)
        {
            run.Clear();
            return wrong;
        }

        Result<T> result;
        try
        {
            var ready = await run.CallAsync(s_initMax, stop, "init", "-input=false", "-no-color");
            result = ready.Error is { } notReady ? notReady : await work(run, state);
        }
        finally
        {
            // Not to be stopped: what was made and is forgotten can never be taken away.
            error = await TakeBackAsync(claim, run, state);
        }

        if (error is not null)
        {
            // The folder stays, and the next run takes the state from there.
            return error;
        }

        run.Clear();
        return result;
    }

    // The sealed state, or the one that a killed run left, when that is newer.
    private async Task<Result<string?>> StateAsync(Claim claim, TerraformRun run, CancellationToken stop)
    {
        if (!(await _sealed.ReadAsync(claim.Ref, StateName, stop)).TryGet(out var state, out var error) && error is not null)
        {
            return error;
        }

        return run.State is { } left && IsNewer(left, state) ? (await _sealed.WriteAsync(claim.Ref, StateName, left, stop) is { Error: { } failed } ? failed : Result<string?>.Of(left)) : Result<string?>.Of(state);
    }

    private async Task<Error?> TakeBackAsync(Claim claim, TerraformRun run, string? before) =>
        run.State is { } after && IsNewer(after, before) ? (await _sealed.WriteAsync(claim.Ref, StateName, after, CancellationToken.None)).Error : null;

    // Every change counts the serial up; half a file (the machine stopped while it was written) is none.
    private static bool IsNewer(string state, string? other) =>
        Serial(state) is { } serial && (other is null || Serial(other) is not { } otherSerial || serial > otherSerial);

    private static long? Serial(string state)
    {
        try
        {
            return JsonElement.Parse(state).TryGetProperty("serial", out var serial) && serial.TryGetInt64(out var number) ? number : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<Result<Provisioned>> OutputsAsync(Claim claim, TerraformRun run, CancellationToken stop)
    {
        if (!(await run.CallAsync(s_readMax, stop, "output", "-no-color", "-json")).TryGet(out var printed, out var error))
        {
            return error;
        }

        var all = JsonNode.Parse(printed)!.AsObject();
        var outputs = new JsonObject(all.Select(output => KeyValuePair.Create(output.Key, output.Value?["value"]?.DeepClone())));
        var sensitive = all.Where(output => output.Value?["sensitive"]?.GetValue<bool>() == true).Select(output => output.Key).ToList();
        var (open, secret) = OutputSplit.Of(
            claim.Provisioner with { SecretOutputs = [.. claim.Provisioner.SecretOutputs, .. sensitive] },
            outputs,
            OutputSplit.SecretTexts(new JsonObject(outputs.Where(output => sensitive.Contains(output.Key)).Select(output => KeyValuePair.Create(output.Key, output.Value?.DeepClone()))), underSecret: true));
        return new Provisioned { Outputs = open, SecretOutputs = secret, State = Nothing };
    }

    private Result<string> Module(Claim claim)
    {
        var name = claim.Provisioner.Uri[Scheme.Length..].Split('#')[0].Trim('/');
        var folder = options.Folder("provisioners", "modules");
        return !SafePath.Join(folder, name).TryGet(out var path, out var error) ? error
            : Directory.Exists(path) ? path
            : new ProvisionerFailed(claim.Provisioner.Uri, $"there is no module '{SafePath.Shown(name)}' in {folder}.", "Place the module's folder there.");
    }

    private static Result<string> Program()
    {
        var folders = ProgramRunner.BasicVariables["PATH"].Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (var program in new[] { "tofu", "terraform" })
        {
            if (folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) is { } path)
            {
                return path;
            }
        }

        return new ProgramNotThere("tofu", "installed on this machine, nor is 'terraform'", "Install OpenTofu (tofu) or Terraform where the platform runs.");
    }

    // What a developer gives can set neither the identity nor what the administrator fixed.
    private Result<JsonObject> Variables(Claim claim)
    {
        if (!OrganisationSecrets.Read(secrets, claim, "secretVariables").TryGet(out var secret, out var error))
        {
            return error;
        }

        var variables = new JsonObject();
        Add(variables, claim.Spec.Params);
        variables["uid"] = claim.Spec.Uid;
        variables["guid"] = ScoreKeeper.GuidOf(claim);
        variables["type"] = claim.Spec.Type;
        variables["class"] = claim.Spec.Class;
        variables["id"] = ScoreIdentity.Id(claim.Spec);
        variables["environment"] = claim.Spec.Environment.Name;
        variables["workload"] = ScoreIdentity.SourceWorkload(claim.Spec);
        if (claim.Provisioner.Config.ValueKind == JsonValueKind.Object && claim.Provisioner.Config.TryGetProperty("variables", out var @fixed))
        {
            Add(variables, @fixed);
        }

        foreach (var (name, value) in secret)
        {
            variables[name] = value;
        }

        return variables;
    }

    private static void Add(JsonObject variables, JsonElement values)
    {
        if (values.ValueKind == JsonValueKind.Object)
        {
            foreach (var value in values.EnumerateObject())
            {
                variables[value.Name] = JsonSerializer.SerializeToNode(value.Value);
            }
        }
    }
}
