namespace Axle.Platform.Catalog.Locations;

/// <summary>Source hosts that need more than their pages: tokens, and where their APIs are. For reading descriptors and for templates that publish; section <c>Integrations</c>, as Backstage has it.</summary>
public sealed class IntegrationsOptions
{
    public IReadOnlyList<IntegrationOptions> GitHub { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> GitLab { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> Gitea { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> BitbucketCloud { get; set; } = [];

    /// <summary>Templates publish there; descriptors are read from its pages only.</summary>
    public IReadOnlyList<IntegrationOptions> BitbucketServer { get; set; } = [];
}

/// <summary>One host.</summary>
public sealed class IntegrationOptions
{
    /// <summary><c>host</c> or <c>host:port</c>, as it stands in the addresses of its pages. It may be inside the network.</summary>
    public string Host { get; set; } = "";

    /// <summary>Where its API is; left out, where the host's makers put it.</summary>
    public string? ApiBaseUrl { get; set; }

    /// <summary>Base of its pages and repositories; <c>https://HOST</c> when left out.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>The user that the token is of, where the host wants one (Bitbucket).</summary>
    public string? Username { get; set; }

    /// <summary>What Axle signs in with, to the API and to git only. It is never shown.</summary>
    public string? Token { get; set; }

    /// <summary>A file that holds the token instead, for instance one that a secret store wrote; read for each use, so that it can be renewed.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The token as it is now; null when there is none.</summary>
    public string? ReadToken() =>
        TokenFile is { Length: > 0 } file && File.Exists(file) ? File.ReadAllText(file).Trim()
        : Token?.Trim() is { Length: > 0 } token ? token
        : null;
}
