using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Catalog;

/// <summary>Registering files that describe entities, for other capabilities.</summary>
public interface ILocations
{
    /// <summary>Registers an address in the caller's name; one that is registered already stays as it is.</summary>
    Task<Error?> RegisterAsync(string target, Caller caller, CancellationToken stop);

    /// <summary>The entities that an address describes, as a reading of it now says.</summary>
    Task<Result<IReadOnlyList<Entity>>> LookAsync(string target, Caller caller, CancellationToken stop);
}
