using Axle.Platform.Secrets;
using Axle.Platform.Source;

namespace Axle.Platform.Templates.Actions;

/// <summary>The hosts that a form offers, and what is in their repositories.</summary>
internal sealed class RepositoryHosts(GitHosts hosts, IRepositories own, IRemoteRepositories remotes, PlatformOptions platform) : IRepositoryHosts
{
    private const string Axle = "axle";

    /// <summary>Somebody waits for the page.</summary>
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(3);

    private string Here => new Uri(platform.PublicUrl).Authority;

    public IReadOnlyList<string> Offered => [.. hosts.Configured.Prepend(Here).Distinct(StringComparer.OrdinalIgnoreCase)];

    public string? KindOf(string host) => string.Equals(host, Here, StringComparison.OrdinalIgnoreCase) ? Axle : hosts.KindOf(host);

    public async Task<IReadOnlyList<string>> BranchesAsync(string repoUrl, string? token, CancellationToken stop)
    {
        if (RepoUrl.Parse(repoUrl) is not { } address || address["repo"] is not { } name)
        {
            return [];
        }

        if (KindOf(address.Host) == Axle)
        {
            return await own.BranchesAsync(name, stop);
        }

        if (hosts.Find(address.Host) is not { } host || PathOf(host, address) is not { } path || !Uri.TryCreate($"{host.Base}/{path}", UriKind.Absolute, out var clone))
        {
            return [];
        }

        using var soon = CancellationTokenSource.CreateLinkedTokenSource(stop);
        soon.CancelAfter(s_timeMax);
        try
        {
            var signIn = token is { Length: > 0 } given ? host.SignIn(new SecretValue(given)) : null;
            return (await remotes.BranchesAsync(new RemotePlace(clone, "", signIn, hosts.MayBePrivate(clone)), soon.Token)).TryGet(out var branches, out _) ? branches : [];
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>Where git finds a repository below the host's base.</summary>
    private static string? PathOf(GitHost host, RepoUrl address)
    {
        var parts = host.Kind switch
        {
            "bitbucketCloud" => [address["workspace"], address["repo"]],
            "bitbucketServer" => ["scm", address["project"], address["repo"]],
            "azure" => [address["organization"], address["project"], "_git", address["repo"]],
            _ => (string?[])[address["owner"], address["repo"]],
        };
        return parts.All(part => part is not null) ? string.Join('/', parts.Select(part => string.Join('/', part!.Split('/').Select(Uri.EscapeDataString)))) + (host.Kind == "azure" ? "" : ".git") : null;
    }
}
