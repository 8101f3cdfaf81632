using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Environments;
using Axle.Platform.Resources.ProvisionerFiles;

namespace Axle.Platform.Resources.Registering;

/// <summary>Runs the contract test of a provisioner that is new or was changed; only one that passed makes resources.</summary>
internal sealed class ProvisionerReconciler(IEntityStore entities, KnownProvisioners known, IEnvironments environments, ContractTest test, TimeProvider clock) : IReconciler
{
    private const string TestParams = "test_params";
    private static readonly JsonElement s_none = JsonElement.Parse("{}");

    public string Name => "provisioners";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Provisioner];

    public TimeSpan Resync => TimeSpan.FromHours(1);

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(ResourceKinds.Provisioner, which) is not { } found
            || (found.Status.ObservedGeneration == found.Metadata.Generation && found.Status.Phase is ProvisionerPhases.Passed or ProvisionerPhases.Failed))
        {
            return Again.Never;
        }

        // 1. Can it be run here at all?
        if (Runnable.Of(found.Spec).Why is { } why)
        {
            return await WriteAsync(found, ProvisionerPhases.Failed, "CannotRunHere", why, stop);
        }

        if (known.DriverOf(found.Spec) is not { } driver)
        {
            return await WriteAsync(found, ProvisionerPhases.Failed, "NoDriver", $"Nothing here can run {found.Spec.Uri}.", stop);
        }

        if (!environments.Find(found.Spec.Environment).TryGet(out var environment, out var error))
        {
            return await WriteAsync(found, ProvisionerPhases.Failed, "NoEnvironment", error.Message, stop);
        }

        // 2. Does it keep its promises?
        await WriteAsync(found, ProvisionerPhases.Testing, "Testing", "its contract test runs", stop);
        var given = found.Spec.Config.ValueKind == JsonValueKind.Object && found.Spec.Config.TryGetProperty(TestParams, out var asked) ? asked : s_none;
        var verdict = await test.RunAsync(driver, found.Spec, environment.Ref, given, stop);
        return await WriteAsync(found, verdict.Passed ? ProvisionerPhases.Passed : ProvisionerPhases.Failed, verdict.Passed ? "ContractKept" : "ContractBroken", verdict.Sentence, stop);
    }

    private async Task<Again> WriteAsync(Entity<ProvisionerSpec, ProvisionerStatus> found, string phase, string reason, string message, CancellationToken stop)
    {
        var status = phase switch
        {
            ProvisionerPhases.Passed => Conditions.True,
            ProvisionerPhases.Failed => Conditions.False,
            _ => Conditions.Unknown,
        };
        var next = phase == ProvisionerPhases.Failed ? $"Correct its file and register it again; or: axle provisioner test {found.Metadata.Name}" : null;
        (await entities.PutStatusAsync(
            found.Ref,
            new ProvisionerStatus { Phase = phase, ObservedGeneration = found.Metadata.Generation, Conditions = Conditions.Set(found.Status.Conditions, "Ready", status, reason, message, clock.GetUtcNow(), next) },
            $"system:{Name}",
            stop: stop)).OrThrow(found.Ref);
        return Again.Never;
    }
}
