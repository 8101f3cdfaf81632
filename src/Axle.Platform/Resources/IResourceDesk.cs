using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Resources;

/// <summary>What people see and ask of resources, for doors inside this process: the same verbs as the API's, with the same rights.</summary>
public interface IResourceDesk
{
    /// <summary>Resources by name, from memory; each condition is a name or a ref, null is any.</summary>
    IReadOnlyList<ResourceView> All(string? component = null, string? environment = null, string? type = null, string? owner = null);

    /// <summary>The same, as they are now: their servers are asked, and who does not answer soon is shown as it was seen last.</summary>
    Task<IReadOnlyList<ResourceView>> NowAsync(CancellationToken stop);

    /// <summary>The resource of exactly this name, as it is now; null when there is none.</summary>
    Task<ResourceView?> NowAsync(string name, CancellationToken stop);

    /// <summary>The resource of exactly this name; null when there is none.</summary>
    ResourceView? Find(string name);

    /// <summary>Asks for one that no workload uses yet. One of the same id is the same, however often it is asked for.</summary>
    Task<Result<ResourceView>> CreateAsync(ResourceRequest request, Caller caller, CancellationToken stop);

    /// <summary>Changes its credential now, without a failed login.</summary>
    Task<Result<ResourceView>> RotateAsync(string name, ResourceCommand command, Caller caller, CancellationToken stop);

    /// <summary>Switches it off; its data is kept until the removal's time.</summary>
    Task<Result<ResourceView>> DeleteAsync(string name, ResourceCommand command, Caller caller, CancellationToken stop);

    /// <summary>Brings back what was removed.</summary>
    Task<Result<ResourceView>> UndoAsync(string name, Caller caller, CancellationToken stop);

    /// <summary>How a database is doing. Asks the database, so it takes as long as that does.</summary>
    Task<Result<DatabaseStats>> StatsAsync(string name, Caller caller, CancellationToken stop);
}
