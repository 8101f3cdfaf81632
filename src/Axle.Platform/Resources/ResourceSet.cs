using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Resources.Volumes;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources;

/// <summary>
/// The resources of one workload in one environment, as the resolver asks for them: answers with outputs where a claim is
/// ready, and remembers every need, so that the claims can be written afterwards.
/// </summary>
public sealed class ResourceSet : IResourceOutputs
{
    private readonly IEntityStore _entities;
    private readonly ClaimOutputs _outputs;
    private readonly KnownProvisioners _provisioners;
    private readonly List<ResourceNeed> _needs = [];
    private readonly List<ResourceWait> _waits = [];
    private readonly List<string> _secrets = [];
    private readonly Dictionary<string, int> _credentials = new(StringComparer.Ordinal);

    internal ResourceSet(EntityRef component, EntityRef environment, IEntityStore entities, KnownProvisioners provisioners, ClaimOutputs outputs) =>
        (Component, Environment, _entities, _provisioners, _outputs) = (component, environment, entities, provisioners, outputs);

    public EntityRef Component { get; }

    public EntityRef Environment { get; }

    /// <summary>What the workload waits for; empty when everything that was asked for is there.</summary>
    public IReadOnlyList<ResourceWait> Waits => _waits;

    /// <summary>Every secret value that was handed out, for logs to leave out.</summary>
    public IReadOnlyList<string> Secrets => _secrets;

    /// <summary>The version of each credential that was handed out, by the name of its claim.</summary>
    public IReadOnlyDictionary<string, int> Credentials => _credentials;

    public IReadOnlyList<string> Types => _provisioners.Types;

    internal IReadOnlyList<ResourceNeed> Needs => _needs;

    public Result<ResourceOutputs>? Find(ResourceNeed need)
    {
        ArgumentNullException.ThrowIfNull(need);
        var id = KnownProvisioners.SharedId(need);
        if (!_provisioners.Choose(need.Type, need.Class, id, Environment.Name).TryGet(out _, out var unprovided))
        {
            // Those of others, and the built-in ones, come after.
            return unprovided is NoProvisioner ? default(Result<ResourceOutputs>?) : unprovided;
        }

        _needs.Add(need);
        var which = ResourceKinds.ClaimRef(need, Environment, Component.Namespace);
        if (_entities.Find(ResourceKinds.Claim, which) is not { } claim)
        {
            return Wait(which, $"{which.Name} ({need.Type}) is being made");
        }

        if (claim.Status.Phase != ResourcePhases.Ready || claim.Spec.Removal is not null)
        {
            var why = Conditions.Of(claim.Status.Conditions, "Ready") is { } ready ? ready.Message.TrimEnd('.') : $"{which.Name} ({need.Type}) is being made";
            return Wait(which, why);
        }

        // What was made for other params is not what this release asks for.
        if (Conditions.Of(claim.Status.Conditions, "UpToDate") is { Status: Conditions.False } stale && Claims.SameParams(claim.Spec.Params, need.Params))
        {
            return new Error(stale.Reason, stale.Message, stale.Next, 409);
        }

        if (!Claims.SameParams(claim.Status.Params, need.Params))
        {
            return Wait(which, $"{which.Name} ({need.Type}) is being changed");
        }

        if (!_outputs.Of(claim).TryGet(out var found, out var closed))
        {
            return closed;
        }

        _secrets.AddRange(found.Secrets);
        if (claim.Status.CredentialVersion > 0)
        {
            _credentials[which.Name] = claim.Status.CredentialVersion;
        }

        return new ResourceOutputs(found.Values) { Volume = _provisioners.DriverOf(claim.Status.Provisioner) is VolumeDriver ? VolumeDriver.NameOf(which) : null };
    }

    private ResourceWaiting Wait(EntityRef claim, string message)
    {
        _waits.Add(new ResourceWait(claim, message));
        return new ResourceWaiting(message);
    }

    private sealed record ResourceWaiting(string Sentence) : Error("resources.waiting", Sentence, null, 409);
}
