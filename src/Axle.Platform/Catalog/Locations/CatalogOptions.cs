namespace Axle.Platform.Catalog.Locations;

/// <summary>Settings of the catalogue; section <c>Catalog</c>.</summary>
public sealed class CatalogOptions
{
    /// <summary>
    /// Hosts (<c>host</c> or <c>host:port</c>) that descriptors are read from although they are not public addresses. Empty, so
    /// that nobody can look into the network through Axle.
    /// </summary>
    public IReadOnlyList<string> ReadingAllow { get; set; } = [];

    /// <summary>Characters that a secret of webhooks has at least.</summary>
    public const int HookSecretMin = 16;

    /// <summary>
    /// What source hosts prove their webhooks at <c>/api/catalog/hook</c> with; at least 16 characters. Left out, none are taken.
    /// </summary>
    public string? HookSecret { get; set; }

    /// <summary>How often a location is read again when nothing tells of a change.</summary>
    public TimeSpan RefreshEvery { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one file may take.</summary>
    public TimeSpan ReadTimeMax { get; set; } = TimeSpan.FromSeconds(20);
}
