using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Environments;

/// <summary>The environments and their promotion order.</summary>
public interface IEnvironments
{
    /// <summary>All of them, first in the promotion order first.</summary>
    IReadOnlyList<Entity<EnvironmentSpec, EnvironmentStatus>> InOrder();

    /// <summary>By name; null means the first. The refusal names those that exist.</summary>
    Result<Entity<EnvironmentSpec, EnvironmentStatus>> Find(string? name);

    /// <summary>The environments one step earlier, any of which must have run a release first; empty for the first step.</summary>
    IReadOnlyList<Entity<EnvironmentSpec, EnvironmentStatus>> Before(Entity<EnvironmentSpec, EnvironmentStatus> environment);
}

/// <summary>No environment of this name.</summary>
public sealed record EnvironmentUnknown(string Name, IReadOnlyList<string> Known)
    : Error("environments.unknown", $"There is no environment '{Name}'{(Known.Count == 0 ? "" : $"; there are {string.Join(", ", Known)}")}.", "axle env list", 404);

/// <summary>The platform has no environment at all.</summary>
public sealed record NoEnvironments()
    : Error("environments.none", "This platform has no environment.", "axle env create staging --order 1 --auto-deploy", 409);
