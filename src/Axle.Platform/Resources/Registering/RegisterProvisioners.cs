using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Resources.ProvisionerFiles;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Registering;

/// <summary>Takes a file in Score's format: every provisioner of it, or none. <see cref="ProvisionerReconciler"/> tests them before they make anything.</summary>
internal sealed class RegisterProvisioners(IEntityStore entities, KnownProvisioners known)
{
    public async Task<Result<IReadOnlyList<ProvisionerView>>> RunAsync(string text, string file, bool dryRun, Caller caller, CancellationToken stop)
    {
        if (caller.Refuse(Verb.Administer) is { } refusal)
        {
            return refusal;
        }

        if (!ProvisionerFile.Read(text, file).TryGet(out var read, out var error))
        {
            return error;
        }

        if (SecretsInClear.In(text, file) is { } leaks)
        {
            return leaks;
        }

        if (!dryRun)
        {
            var put = await entities.PutAllAsync([.. read.Select(one => ResourceKinds.Provisioner.Make(ResourceKinds.Provisioner.Ref(one.Name), one.Spec))], caller.Actor, $"registered from {file}", stop);
            if (!put.TryGet(out _, out error))
            {
                return error;
            }
        }

        return Result<IReadOnlyList<ProvisionerView>>.Of([.. read.Select(one => dryRun
            ? new ProvisionerView(one.Name, one.Spec, one.Runnable.Runs ? ProvisionerPhases.Untested : ProvisionerPhases.Failed, one.Runnable.Why)
            : View(one.Name, one.Spec))]);
    }

    /// <summary>All of them: those built in, and those registered, with what their contract test said.</summary>
    public IReadOnlyList<ProvisionerView> All() =>
    [
        .. known.BuiltIn().Select(one => new ProvisionerView(one.Name, one.Spec, ProvisionerPhases.BuiltIn, null)),
        .. entities.All(ResourceKinds.Provisioner).OrderBy(one => one.Metadata.Name, StringComparer.Ordinal).Select(one => View(one.Metadata.Name, one.Spec)),
    ];

    /// <summary>Tests it again.</summary>
    public async Task<Result<ProvisionerView>> TestAsync(string name, Caller caller, CancellationToken stop)
    {
        if (caller.Refuse(Verb.Administer) is { } refusal)
        {
            return refusal;
        }

        var which = ResourceKinds.Provisioner.Ref(name);
        if (entities.Find(ResourceKinds.Provisioner, which) is not { } found)
        {
            return new ProvisionerUnknown(name);
        }

        var written = await entities.PutStatusAsync(which, new ProvisionerStatus(), caller.Actor, stop: stop);
        return written.TryGet(out _, out var error) ? View(name, found.Spec) : error;
    }

    private ProvisionerView View(string name, ProvisionerSpec spec)
    {
        var status = entities.Find(ResourceKinds.Provisioner, ResourceKinds.Provisioner.Ref(name))?.Status ?? new ProvisionerStatus();
        return new ProvisionerView(name, spec, status.Phase, Conditions.Of(status.Conditions, "Ready")?.Message);
    }
}
