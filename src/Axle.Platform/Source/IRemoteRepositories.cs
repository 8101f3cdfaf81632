using Axle.Contracts;
using Axle.Platform.Secrets;

namespace Axle.Platform.Source;

/// <summary>Single commits of repositories on other hosts: reading one, and making the first of one.</summary>
public interface IRemoteRepositories
{
    /// <summary>Writes the tree of one commit, fetched without its history, into a folder.</summary>
    Task<Result<RemoteTree>> FetchAsync(RemotePlace place, string folder, CancellationToken stop);

    /// <summary>The commit that a revision stands for there.</summary>
    Task<Result<string>> HeadAsync(RemotePlace place, CancellationToken stop);

    /// <summary>The names of its branches; the default one first.</summary>
    Task<Result<IReadOnlyList<string>>> BranchesAsync(RemotePlace place, CancellationToken stop);

    /// <summary>Commits files and pushes that commit to a branch, which must not exist there yet, or be where <see cref="RemoteCommit.On"/> says.</summary>
    /// <returns>The commit's id.</returns>
    Task<Result<string>> PushAsync(Uri repository, RemoteCommit commit, RemoteSignIn? signIn, CancellationToken stop);
}

/// <param name="Repository">As git clones it; http or https.</param>
/// <param name="RevisionAndPath">As pages write it, <c>branch/with/slashes/and/path</c>: what of it is the revision, the repository's branches and tags tell. Empty is the default branch.</param>
/// <param name="MayBePrivate">The host may be reached although it has no public address.</param>
public sealed record RemotePlace(Uri Repository, string RevisionAndPath, RemoteSignIn? SignIn = null, bool MayBePrivate = false);

/// <param name="Path">The rest of the address after the revision.</param>
public sealed record RemoteTree(string Commit, string Path);

/// <summary>How git signs in; over HTTP basic authentication, in a header that no argument and no log shows.</summary>
public sealed record RemoteSignIn(string User, SecretValue Password);

/// <param name="On">A commit of the repository that it stands on; null for a history of its own.</param>
/// <param name="Files">All files of the tree; on a commit, what changes or comes new.</param>
public sealed record RemoteCommit(string Branch, IReadOnlyList<SourceFile> Files, string Message, string Author, string? On = null, bool MayBePrivate = false)
{
    /// <summary>Paths that go, when it stands on a commit.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Its date; the same content with the same date is the same commit, so that pushing it again changes nothing.</summary>
    public DateTimeOffset? At { get; init; }
}
