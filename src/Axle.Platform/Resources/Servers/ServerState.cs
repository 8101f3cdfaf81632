using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Resources.Servers;

/// <summary>What every claim that is a server of its own remembers.</summary>
/// <param name="Port">On the loopback address.</param>
/// <param name="Version">The major version of the program that its data was made with.</param>
internal sealed record ServerState(int Port, string Version)
{
    /// <summary>The port in any claim's state; null for those that are no server.</summary>
    public static int? PortOf(ResourceClaimStatus status) =>
        status.State.ValueKind == JsonValueKind.Object && status.State.TryGetProperty("port", out var port) && port.TryGetInt32(out var number) ? number : null;
}
