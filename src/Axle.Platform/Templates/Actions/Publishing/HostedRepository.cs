using Axle.Platform.Secrets;

namespace Axle.Platform.Templates.Actions;

/// <summary>A repository that is to be made on a host.</summary>
/// <param name="Token">What the request signs in with.</param>
internal sealed record RepositoryWish(GitHost Host, RepoUrl Address, string Name, string Description, string Visibility, string Branch, SecretValue Token);

/// <summary>A repository on a host, as its API tells of it.</summary>
/// <param name="CloneUrl">As git clones it.</param>
/// <param name="ContentsUrl">Where people see its files.</param>
internal sealed record HostedRepository(string CloneUrl, string ContentsUrl);
