using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Drivers;

/// <summary>
/// <c>external://</c>: a server that exists already and that Axle never logs in to. Its outputs are what the administrator
/// wrote down; secret ones are secrets of the organisation, by name. Nothing is made, so nothing is taken away.
/// </summary>
internal sealed class ExternalDriver(ISecrets secrets) : IResourceDriver
{
    public string Uri => "external://";

    public Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop) => Task.FromResult(Outputs(claim));

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop)
    {
        if (!Outputs(claim).TryGet(out var outputs, out var error))
        {
            return Task.FromResult<Result<Foreseen>>(error);
        }

        if (claim.Status.ReadyAt is null)
        {
            return Task.FromResult<Result<Foreseen>>(new Foreseen(ForeseenActions.Create, ["consumers are given the outputs of a server that exists"]));
        }

        var lines = outputs.Outputs.Keys.Union(claim.Status.Outputs.Keys)
            .Where(name => Raw(outputs.Outputs, name) != Raw(claim.Status.Outputs, name))
            .Select(name => $"output {name}: {Raw(claim.Status.Outputs, name)} → {Raw(outputs.Outputs, name)}")
            .ToList();
        return Task.FromResult<Result<Foreseen>>(lines.Count == 0 ? Foreseen.Unchanged : new Foreseen(ForeseenActions.Change, lines));
    }

    public Task SuspendAsync(Claim claim, CancellationToken stop) => Task.CompletedTask;

    public Task DestroyAsync(Claim claim, CancellationToken stop) => Task.CompletedTask;

    public Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop) => Task.FromResult<ResourceFacts?>(null);

    private Result<Provisioned> Outputs(Claim claim)
    {
        var config = claim.Provisioner.Config;
        var open = config.ValueKind == JsonValueKind.Object && config.TryGetProperty("outputs", out var given) && given.ValueKind == JsonValueKind.Object
            ? given.EnumerateObject().ToDictionary(output => output.Name, output => output.Value.Clone())
            : [];
        if (open.Keys.FirstOrDefault(name => ResourceTypes.IsSecret(claim.Provisioner, name)) is { } careless)
        {
            return new ProvisionerFailed(claim.Provisioner.Uri, $"the output '{careless}' is secret and stands in clear in the provisioner.", $"Keep its value as a secret of the organisation, and name that under secret_outputs: {careless}: NAME.");
        }

        if (!OrganisationSecrets.Read(secrets, claim, "secretOutputs").TryGet(out var secret, out var error))
        {
            return error;
        }

        return new Provisioned { Outputs = open, SecretOutputs = secret, State = Provisioned.StateOf(new Dictionary<string, string>()) };
    }

    private static string Raw(IReadOnlyDictionary<string, JsonElement> outputs, string name) => outputs.TryGetValue(name, out var value) ? value.GetRawText() : "none";
}
