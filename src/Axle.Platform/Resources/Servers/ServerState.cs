using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;

namespace Axle.Platform.Resources.Servers;

/// <summary>What every claim that is a server of its own remembers.</summary>
/// <param name="Port">On the loopback address.</param>
/// <param name="Version">The major version of the program that its data was made with.</param>
internal sealed record ServerState(int Port, string Version)
{
    private const string Name = "port";

    /// <summary>The port in any claim's state; null for those that are no server.</summary>
    public static int? PortOf(ResourceClaimStatus status) =>
        status.State.ValueKind == JsonValueKind.Object && status.State.TryGetProperty(Name, out var port) && port.TryGetInt32(out var number) ? number : null;

    /// <summary>Of a claim that was prepared already.</summary>
    public static int PortOf(Claim claim) => PortOf(claim.Status) ?? throw new InvalidOperationException($"{claim.Ref.Name} has no server yet.");

    /// <summary>All ports in any claim's state: some servers need several.</summary>
    public static IEnumerable<int> PortsOf(ResourceClaimStatus status) => status.State.ValueKind == JsonValueKind.Object
        ? status.State.EnumerateObject().Where(one => one.Name.EndsWith(Name, StringComparison.OrdinalIgnoreCase) && one.Value.ValueKind == JsonValueKind.Number).Select(one => one.Value.GetInt32())
        : [];
}
