using Axle.Contracts;

namespace Axle.Platform.Secrets.Stores;

/// <summary>A store outside of Axle, as an administrator added it. Its token is none of this: it lies sealed, see <see cref="RemoteStores"/>.</summary>
/// <param name="Kind">See <see cref="StoreKinds"/>.</param>
/// <param name="Address">Ends with a slash.</param>
internal sealed record RemoteStore(string Name, string Kind, Uri Address, RemoteSettings Settings)
{
    /// <summary>
    /// Whether a team may refer to a path. Nothing is permitted that is not listed: the store's token may read far more than
    /// any one team should. Of a team outside the default namespace only what is open to all, since names repeat there.
    /// </summary>
    public bool Permits(EntityRef? team, string path) => Settings.Allow.Any(prefix =>
        prefix.Contains(RemoteSettings.Team, StringComparison.Ordinal)
            ? team is { Kind: "group", Namespace: EntityRef.DefaultNamespace } group && Below(prefix.Replace(RemoteSettings.Team, group.Name, StringComparison.Ordinal), path)
            : Below(prefix, path));

    private static bool Below(string prefix, string path) => path.StartsWith(prefix.TrimEnd('/') + "/", StringComparison.Ordinal);
}

/// <summary>What a store is configured with beyond its address.</summary>
/// <param name="Namespace">Of Vault Enterprise or OpenBao; null is the root's.</param>
/// <param name="Ca">Certificates that its own must come from, as PEM; null are the machine's.</param>
/// <param name="Allow">Paths that others than administrators may refer to; <see cref="Team"/> in one stands for the team's own name.</param>
internal sealed record RemoteSettings(string? Namespace, string? Ca, IReadOnlyList<string> Allow)
{
    public const string Team = "{team}";
}

/// <summary>The kinds of stores that Axle reads.</summary>
internal static class StoreKinds
{
    public const string Vault = "vault";
    public const string Kubernetes = "kubernetes";
}
