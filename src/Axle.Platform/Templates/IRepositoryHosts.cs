namespace Axle.Platform.Templates;

/// <summary>Hosts of repositories, as a form that asks for one needs to know them.</summary>
public interface IRepositoryHosts
{
    /// <summary>This platform's own first, then those that an administrator configured.</summary>
    IReadOnlyList<string> Offered { get; }

    /// <summary>What runs at a host: <c>axle</c>, or in Backstage's words <c>github</c>, <c>gitlab</c>, <c>gitea</c>, <c>bitbucketCloud</c>, <c>bitbucketServer</c>, <c>azure</c>; null for hosts that nobody knows.</summary>
    string? KindOf(string host);

    /// <summary>
    /// The branches of a repository, the default one first; none when they cannot be found out soon. A host elsewhere is asked only when it is
    /// a known one, with the token that is given, or without any; never with the platform's own, whose reach is not the asking person's.
    /// </summary>
    /// <param name="repoUrl">As the repository picker gives it.</param>
    Task<IReadOnlyList<string>> BranchesAsync(string repoUrl, string? token, CancellationToken stop);
}
