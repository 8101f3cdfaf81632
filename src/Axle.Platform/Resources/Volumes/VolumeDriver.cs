using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Volumes;

/// <summary>
/// A folder for one workload, that stays when the workload goes. The engine makes it with the first instance that mounts it; what is kept
/// here is whose it is, and when it goes.
/// </summary>
internal sealed class VolumeDriver(IEngine engine, IEntityStore entities) : IResourceDriver
{
    public const string Type = "volume";

    private const int DigestLength = 8;

    public string Uri => $"axle://{Type}";

    /// <summary>What the engine calls the volume of a claim.</summary>
    public static string NameOf(EntityRef claim) =>
        claim.Namespace == EntityRef.DefaultNamespace ? claim.Name : $"{claim.Name}.{BoundedName.Digest(claim.ToString(), DigestLength)}";

    public Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop) => Task.FromResult(Ensure(claim));

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(Foreseen.Unchanged);

    /// <summary>Nothing to do: no workload is given what is being removed, and those that run with it keep it until they end.</summary>
    public Task SuspendAsync(Claim claim, CancellationToken stop) => Task.CompletedTask;

    public async Task DestroyAsync(Claim claim, CancellationToken stop)
    {
        if (engine is not IVolumes volumes)
        {
            return;
        }

        try
        {
            await volumes.RemoveVolumeAsync(NameOf(claim.Ref), stop);
        }
        catch (EngineRefusedException e)
        {
            throw new ResourceInUseException(e.Message);
        }
    }

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        try
        {
            return engine is IVolumes volumes && await volumes.ObserveVolumeAsync(NameOf(claim.Ref), stop) is { } size
                ? new ResourceFacts(SizeBytes: size.Bytes, CostClass: "shared")
                : null;
        }
        catch (Exception e) when (e is EngineUnavailableException or EngineRefusedException)
        {
            return null;
        }
    }

    private Result<Provisioned> Ensure(Claim claim)
    {
        if (!FilledFirst.Lacks(entities, claim).TryGet(out var lacking, out var error))
        {
            return error;
        }

        return lacking ?? new Provisioned { State = Provisioned.StateOf(new Dictionary<string, string>()), Outputs = Provisioned.OutputsOf(("source", claim.Spec.Uid)) };
    }
}
