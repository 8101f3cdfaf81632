using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources;

/// <summary>
/// Finds out whether a provisioner keeps its promises, with a resource that nobody uses: it is made, made again, tried,
/// taken away, made as if for the first time, and taken away for good. Pure over the driver; keeps nothing itself.
/// </summary>
internal sealed class ContractTest(TimeProvider clock)
{
    private static readonly TimeSpan s_waitMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(2);

    /// <summary>Runs the whole test on a scratch claim of the provisioner's type.</summary>
    /// <param name="driver">The driver of the provisioner's uri.</param>
    /// <param name="provisioner">The provisioner to test.</param>
    /// <param name="environment">Where the scratch resource is made.</param>
    /// <param name="params">What a workload would ask; required inputs among it.</param>
    /// <param name="stop">Ends the test; the scratch resource is taken away all the same.</param>
    public async Task<Verdict> RunAsync(IResourceDriver driver, ProvisionerSpec provisioner, EntityRef environment, JsonElement @params, CancellationToken stop)
    {
        var wrong = ResourceTypes.CheckParams(provisioner, @params);
        if (wrong.Count > 0)
        {
            return new Verdict([new Finding("the test's params fit the type", false, Words(wrong))]);
        }

        var claim = Scratch(provisioner, environment, @params);
        var findings = new List<Finding>();
        try
        {
            await TestAsync(driver, claim, findings, stop);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever a driver throws is a finding about it; the words are the driver's own.
            findings.Add(new Finding("nothing breaks on the way", false, e.Message));
        }
        finally
        {
            await CleanAsync(driver, claim, findings);
        }

        return new Verdict(findings);
    }

    private async Task TestAsync(IResourceDriver driver, Claim claim, List<Finding> findings, CancellationToken stop)
    {
        // 1. It is made, and gives what it promises.
        if (!Found(findings, "it is made", await EnsureAsync(driver, claim, stop), out var first))
        {
            return;
        }

        var login = driver is ILoginDriver logins ? await LogInAsync(logins, claim, first, findings, stop) : null;
        var secret = login is null ? first.SecretOutputs : SecretsOf((ILoginDriver)driver, claim, first, login);
        var problems = ResourceTypes.CheckOutputs(claim.Provisioner, first.Outputs, secret);
        findings.Add(new Finding("its outputs are there and of the right type", problems.Count == 0, Words(problems)));

        // 2. Made again, it is the same.
        var after = claim with { Entity = claim.Entity with { Status = StatusOf(claim, first) } };
        if (Found(findings, "it can be made again", await EnsureAsync(driver, after, stop), out var second))
        {
            var changed = Changed(first, second).ToList();
            findings.Add(new Finding("making it again changes nothing", changed.Count == 0, changed.Count == 0 ? null : $"these changed: {string.Join(", ", changed)}"));
        }

        // 3. Taken away, it is gone; twice is no mistake, since a crash can come between the two.
        await driver.DestroyAsync(after, stop);
        findings.Add(new Finding("it can be taken away", true, null));
        if (login is not null)
        {
            var refused = await ((ILoginDriver)driver).TestAsync(after, login, stop);
            findings.Add(new Finding("nobody can log in afterwards", refused is not null, refused is null ? "the login still works after the resource was taken away" : null));
        }

        await driver.DestroyAsync(after, stop);
        findings.Add(new Finding("taking it away twice is no mistake", true, null));

        // 4. Nothing of it is left that would stand in the way of a first time.
        if (Found(findings, "it can be made anew afterwards", await EnsureAsync(driver, claim, stop), out var anew))
        {
            var missing = first.Outputs.Keys.Except(anew.Outputs.Keys).Concat(first.SecretOutputs.Keys.Except(anew.SecretOutputs.Keys)).ToList();
            findings.Add(new Finding("made anew, it gives the same outputs", missing.Count == 0, missing.Count == 0 ? null : $"these are missing: {string.Join(", ", missing)}"));
        }
    }

    private static async Task<Login?> LogInAsync(ILoginDriver driver, Claim claim, Provisioned made, List<Finding> findings, CancellationToken stop)
    {
        var after = claim with { Entity = claim.Entity with { Status = StatusOf(claim, made) } };
        var login = driver.NewLogin(after, version: 1);
        await driver.ApplyAsync(after, login, stop);
        var refused = await driver.TestAsync(after, login, stop);
        findings.Add(new Finding("one can log in", refused is null, refused));
        return login;
    }

    private static Dictionary<string, string> SecretsOf(ILoginDriver driver, Claim claim, Provisioned made, Login login) =>
        driver.Outputs(StatusOf(claim, made), login).Where(output => !made.Outputs.ContainsKey(output.Key)).ToDictionary(output => output.Key, output => output.Value);

    // Asked again while it waits for something, as the reconciler does.
    private async Task<Result<Provisioned>> EnsureAsync(IResourceDriver driver, Claim claim, CancellationToken stop)
    {
        var until = clock.GetUtcNow() + s_waitMax;
        while (true)
        {
            var made = await driver.EnsureAsync(claim, stop);
            if (made.Error is not null || made.Value.Waiting is null)
            {
                return made;
            }

            if (clock.GetUtcNow() >= until)
            {
                return new ProvisionerFailed(claim.Provisioner.Uri, $"still waits after {s_waitMax.TotalMinutes:0} minutes: {made.Value.Waiting}.", "See to what it waits for, then test again.");
            }

            await Task.Delay(s_lookAgain, clock, stop);
        }
    }

    private static bool Found(List<Finding> findings, string promise, Result<Provisioned> made, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Provisioned? value)
    {
        var ok = made.TryGet(out value, out var error);
        findings.Add(new Finding(promise, ok, error?.Message));
        return ok;
    }

    private static IEnumerable<string> Changed(Provisioned first, Provisioned second)
    {
        foreach (var name in first.Outputs.Keys.Union(second.Outputs.Keys).Where(name => !first.Outputs.TryGetValue(name, out var a) || !second.Outputs.TryGetValue(name, out var b) || !JsonElement.DeepEquals(a, b)))
        {
            yield return $"output {name}";
        }

        // Names only: the values are secret.
        foreach (var name in first.SecretOutputs.Keys.Union(second.SecretOutputs.Keys).Where(name => first.SecretOutputs.GetValueOrDefault(name) != second.SecretOutputs.GetValueOrDefault(name)))
        {
            yield return $"secret output {name}";
        }

        if (Raw(first.State) != Raw(second.State))
        {
            yield return "the state";
        }
    }

    private static string Raw(JsonElement state) => state.ValueKind == JsonValueKind.Undefined ? "" : state.GetRawText();

    // The test must leave nothing behind, also when it was stopped.
    private static async Task CleanAsync(IResourceDriver driver, Claim claim, List<Finding> findings)
    {
        try
        {
            await driver.DestroyAsync(claim, CancellationToken.None);
        }
        catch (Exception e)
        {
            findings.Add(new Finding("the test's own resource is taken away", false, e.Message));
        }
    }

    private Claim Scratch(ProvisionerSpec provisioner, EntityRef environment, JsonElement @params)
    {
        var name = $"contract-test-{Guid.CreateVersion7(clock.GetUtcNow()):N}";
        var spec = new ResourceClaimSpec
        {
            Uid = $"{provisioner.Type}.{provisioner.Class ?? "default"}#{provisioner.Id ?? $"contract-test.{name}"}",
            Type = provisioner.Type,
            Class = provisioner.Class ?? "default",
            Environment = environment,
            Params = @params,
        };
        var raw = new Entity
        {
            ApiVersion = "axle.dev/v1",
            Kind = "ResourceClaim",
            Metadata = new Metadata { Name = name, Namespace = environment.Namespace, Uid = name },
        };
        return new Claim(new Entity<ResourceClaimSpec, ResourceClaimStatus>(raw, spec, new ResourceClaimStatus()), provisioner);
    }

    private static ResourceClaimStatus StatusOf(Claim claim, Provisioned made) => claim.Status with
    {
        Phase = ResourcePhases.Ready,
        Params = claim.Spec.Params,
        Outputs = made.Outputs,
        SecretOutputs = [.. made.SecretOutputs.Keys],
        State = made.State,
        ReadyAt = DateTimeOffset.UnixEpoch,
    };

    private static string? Words(IReadOnlyList<Problem> problems) => problems.Count == 0 ? null : string.Join("; ", problems);
}

/// <summary>What the test found, promise by promise.</summary>
internal sealed record Verdict(IReadOnlyList<Finding> Findings)
{
    public bool Passed => Findings.All(finding => finding.Kept);

    /// <summary>One sentence for a condition.</summary>
    public string Sentence => Passed ? $"It keeps all {Findings.Count} promises." : $"It breaks a promise: {Findings.First(finding => !finding.Kept)}.";
}

/// <param name="Promise">What must hold, as <c>making it again changes nothing</c>.</param>
/// <param name="Why">What was seen instead; null when it holds.</param>
internal sealed record Finding(string Promise, bool Kept, string? Why)
{
    public override string ToString() => Why is null ? Promise : $"{Promise}: {Why.TrimEnd('.')}";
}
