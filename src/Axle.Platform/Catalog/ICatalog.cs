using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Catalog;

/// <summary>What others may ask of the catalogue.</summary>
public interface ICatalog
{
    /// <summary>
    /// Puts entities in the caller's name: all or none. Refuses what they do not own, and kinds that only the platform
    /// writes; problems carry their places in the file.
    /// </summary>
    /// <param name="described">From <see cref="Descriptors.Read"/>.</param>
    /// <param name="dryRun">Only says what would happen.</param>
    /// <param name="message">Why; kept in the history.</param>
    Task<Result<ApplyAnswer>> ApplyAsync(IReadOnlyList<Described> described, Caller caller, bool dryRun = false, string? message = null, CancellationToken stop = default);

    /// <summary>Deletes an entity in the caller's name. Refuses what they do not own, and what others depend on.</summary>
    Task<Error?> DeleteAsync(EntityRef which, Caller caller, CancellationToken stop);
}
