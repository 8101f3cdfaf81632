using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Resources.Postgres;

namespace Axle.Platform.Resources;

/// <summary>The desk in front of what this folder does for people.</summary>
internal sealed class ResourceDesk(ResourceViews views, ResourceVerbs verbs, Databases databases, IEntityStore entities) : IResourceDesk
{
    public IReadOnlyList<ResourceView> All(string? component = null, string? environment = null, string? type = null, string? owner = null) => views.All(component, environment, type, owner);

    public Task<IReadOnlyList<ResourceView>> NowAsync(CancellationToken stop) => views.NowAsync(null, null, null, null, stop);

    public async Task<ResourceView?> NowAsync(string name, CancellationToken stop) => Claim(name) is { } claim ? await views.NowAsync(claim, stop) : null;

    public ResourceView? Find(string name) => Claim(name) is { } claim ? views.View(claim) : null;

    public Task<Result<ResourceView>> CreateAsync(ResourceRequest request, Caller caller, CancellationToken stop) => verbs.CreateAsync(request, caller, stop);

    public Task<Result<ResourceView>> RotateAsync(string name, ResourceCommand command, Caller caller, CancellationToken stop) => verbs.RotateAsync(name, command, caller, stop);

    public Task<Result<ResourceView>> DeleteAsync(string name, ResourceCommand command, Caller caller, CancellationToken stop) => verbs.DeleteAsync(name, command, caller, stop);

    public Task<Result<ResourceView>> UndoAsync(string name, Caller caller, CancellationToken stop) => verbs.UndoAsync(name, caller, stop);

    public Task<Result<DatabaseStats>> StatsAsync(string name, Caller caller, CancellationToken stop) => databases.StatsAsync(name, null, caller, stop);

    private Entity<ResourceClaimSpec, ResourceClaimStatus>? Claim(string name)
    {
        // Nearly all are in the default namespace, and are found without reading the others.
        var claim = EntityRef.TryParse($"{Kinds.ResourceClaim}:{name}", null, out var which) ? entities.Find(ResourceKinds.Claim, which) : null;
        return claim ?? entities.All(ResourceKinds.Claim).FirstOrDefault(other => other.Metadata.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
