namespace Axle.Platform.Catalog.Locations;

/// <summary>Source hosts that need more than their pages: tokens, and where their APIs are; section <c>Integrations</c>, as Backstage has it.</summary>
public sealed class IntegrationsOptions
{
    public IReadOnlyList<IntegrationOptions> GitHub { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> GitLab { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> Gitea { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> BitbucketCloud { get; set; } = [];
}

/// <summary>One host.</summary>
public sealed class IntegrationOptions
{
    /// <summary><c>host</c> or <c>host:port</c>, as it stands in the addresses of its pages. It may be inside the network.</summary>
    public string Host { get; set; } = "";

    /// <summary>Where its API is; left out, where the host's makers put it.</summary>
    public string? ApiBaseUrl { get; set; }

    /// <summary>What proves that Axle may read private repositories. It is sent to the API only, and never shown.</summary>
    public string? Token { get; set; }

    /// <summary>A file that holds the token instead, for instance one that a secret store wrote.</summary>
    public string? TokenFile { get; set; }
}
