using Axle.Platform.Http;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Catalog.Locations;

/// <summary>The guard with what an administrator allowed: hosts named for reading, and those that are configured as integrations.</summary>
internal sealed class GuardedConnections(IOptions<CatalogOptions> options, IOptions<IntegrationsOptions> integrations)
{
    private readonly OutboundGuard _guard = new("Catalog:ReadingAllow", [.. options.Value.ReadingAllow, .. All(integrations.Value).SelectMany(Named)]);

    /// <param name="redirects">How many are followed at most.</param>
    public SocketsHttpHandler Handler(int redirects)
    {
        var handler = _guard.Handler();
        handler.AllowAutoRedirect = redirects > 0;
        handler.MaxAutomaticRedirections = Math.Max(1, redirects);
        return handler;
    }

    private static IEnumerable<IntegrationOptions> All(IntegrationsOptions all) => [.. all.GitHub, .. all.GitLab, .. all.Gitea, .. all.BitbucketCloud];

    /// <summary>A host that is configured is one that the administrator wants to be read.</summary>
    private static IEnumerable<string> Named(IntegrationOptions one)
    {
        yield return one.Host;
        if (Uri.TryCreate(one.ApiBaseUrl, UriKind.Absolute, out var api))
        {
            yield return $"{api.Host}:{api.Port}";
        }
    }
}
