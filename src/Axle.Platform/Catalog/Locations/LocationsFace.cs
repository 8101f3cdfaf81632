using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Locations as other capabilities see them.</summary>
internal sealed class LocationsFace(LocationService locations) : ILocations
{
    public async Task<Error?> RegisterAsync(string target, Caller caller, CancellationToken stop) =>
        locations.FindTarget(target) is null ? (await locations.RegisterAsync(target, caller, stop)).Error : null;

    public Task<Result<IReadOnlyList<Entity>>> LookAsync(string target, Caller caller, CancellationToken stop) => locations.TryAsync(target, caller, stop);
}
