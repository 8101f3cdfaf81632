using Axle.Platform.Catalog.Locations;
using Axle.Platform.Http;
using Axle.Platform.Secrets;
using Axle.Platform.Source;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Templates.Actions;

/// <summary>Hosts of git repositories elsewhere: the well-known ones, and those that an administrator configured.</summary>
internal sealed class GitHosts(IOptions<IntegrationsOptions> options, IOptions<CatalogOptions> catalog)
{
    private static readonly (string Kind, string Host, string Api)[] s_known =
    [
        ("github", "github.com", "https://api.github.com"),
        ("gitlab", "gitlab.com", "https://gitlab.com/api/v4"),
        ("gitea", "gitea.com", "https://gitea.com/api/v1"),
        ("bitbucketCloud", "bitbucket.org", "https://api.bitbucket.org/2.0"),
        ("azure", "dev.azure.com", "https://dev.azure.com"),
    ];

    private OutboundGuard Guard => new("Catalog:ReadingAllow", catalog.Value.ReadingAllow);

    /// <summary>What runs at a host, in Backstage's words; null for hosts that nobody knows.</summary>
    public string? KindOf(string host) => Find(host)?.Kind;

    /// <summary>The hosts that an administrator named.</summary>
    public IEnumerable<string> Configured => All().Select(one => one.Host.Host);

    /// <param name="host">With its port, as in addresses.</param>
    public GitHost? Find(string host)
    {
        foreach (var (kind, configured) in All())
        {
            if (string.Equals(configured.Host, host, StringComparison.OrdinalIgnoreCase))
            {
                return new GitHost(kind, host, configured.BaseUrl?.TrimEnd('/') ?? $"https://{host}", configured.ApiBaseUrl?.TrimEnd('/') ?? Api(kind, host), Token(configured), configured.Username);
            }
        }

        return Array.Find(s_known, known => known.Host == host) is { Kind: not null } known ? new GitHost(known.Kind, host, $"https://{host}", known.Api, null, null) : null;
    }

    /// <summary>Whether the platform can sign in to any host of this kind.</summary>
    public bool HasToken(string kind) => All().Any(one => one.Kind == kind && Token(one.Host) is not null);

    /// <summary>Whether an administrator let this address be reached although it is not public.</summary>
    public bool MayBePrivate(Uri address) => Guard.Allows(address.Host, address.Port);

    private IEnumerable<(string Kind, IntegrationOptions Host)> All() =>
        options.Value.GitHub.Select(host => ("github", host))
            .Concat(options.Value.GitLab.Select(host => ("gitlab", host)))
            .Concat(options.Value.Gitea.Select(host => ("gitea", host)))
            .Concat(options.Value.BitbucketCloud.Select(host => ("bitbucketCloud", host)))
            .Concat(options.Value.BitbucketServer.Select(host => ("bitbucketServer", host)));

    private static string Api(string kind, string host) => Array.Find(s_known, known => known.Host == host).Api ?? kind switch
    {
        "github" => $"https://{host}/api/v3",
        "gitlab" => $"https://{host}/api/v4",
        "gitea" => $"https://{host}/api/v1",
        "bitbucketServer" => $"https://{host}/rest/api/1.0",
        _ => $"https://{host}",
    };

    private static SecretValue? Token(IntegrationOptions host) => host.ReadToken() is { } token ? new SecretValue(token) : null;
}

/// <summary>One host of git repositories.</summary>
/// <param name="Kind">In Backstage's words: github, gitlab, gitea, bitbucketCloud, bitbucketServer, azure.</param>
/// <param name="Base">Of its pages and repositories.</param>
/// <param name="Token">What the platform signs in with, when an administrator gave it something.</param>
internal sealed record GitHost(string Kind, string Host, string Base, string Api, SecretValue? Token, string? User)
{
    /// <summary>How git signs in there.</summary>
    public RemoteSignIn? SignIn(SecretValue? token = null) =>
        (token ?? Token) is { } password ? new RemoteSignIn(User ?? Kind switch { "github" => "x-access-token", "gitlab" => "oauth2", "gitea" => "token", _ => "x-token-auth" }, password) : null;
}
