namespace Axle.Platform.Templates.Actions;

/// <summary>Hosts of git repositories elsewhere, as Backstage's <c>integrations</c> has them; section <c>Integrations</c>.</summary>
public sealed class IntegrationsOptions
{
    public IReadOnlyList<IntegrationOptions> GitHub { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> GitLab { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> Gitea { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> BitbucketCloud { get; set; } = [];

    public IReadOnlyList<IntegrationOptions> BitbucketServer { get; set; } = [];
}

/// <summary>One host.</summary>
public sealed class IntegrationOptions
{
    /// <summary>As in addresses, with its port where there is one.</summary>
    public string Host { get; set; } = "";

    /// <summary>What the platform signs in with. Set it by a variable of the process, or name a file instead.</summary>
    public string? Token { get; set; }

    /// <summary>A file that only the platform's user can read, with the token in it; read for each use, so that it can be renewed.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The user that the token is of, where the host wants one (Bitbucket).</summary>
    public string? Username { get; set; }

    /// <summary>Base of the host's API, where it is not at the usual place.</summary>
    public string? ApiBaseUrl { get; set; }

    /// <summary>Base of the host's pages and repositories; <c>https://HOST</c> when not given.</summary>
    public string? BaseUrl { get; set; }
}
