using Axle.Contracts;

namespace Axle.Platform.Source;

/// <summary>Git repositories that Axle hosts, or mirrors from elsewhere; bare, on disk, one per component.</summary>
public interface IRepositories
{
    bool Exists(string name);

    /// <summary>Makes an empty repository with <c>main</c> as its default branch.</summary>
    Task<Result<Repository>> CreateAsync(string name, CancellationToken stop);

    Repository? Find(string name);

    /// <summary>Commits files onto the default branch (creating it), in the platform's name, and tells about it like a push. Paths are relative; modes 0644 or 0755.</summary>
    /// <returns>The commit id.</returns>
    Task<Result<string>> CommitAsync(string name, IReadOnlyList<SourceFile> files, string message, string author, CancellationToken stop);

    /// <summary>Commit that a branch, tag or (abbreviated) id stands for; null when there is none. Null name is the default branch.</summary>
    Task<CommitFound?> ResolveAsync(string name, string? revision, CancellationToken stop);

    /// <summary>The names of its branches, at most 1,000, the default one first; none when there is no such repository.</summary>
    Task<IReadOnlyList<string>> BranchesAsync(string name, CancellationToken stop);

    /// <summary>A file's text at a commit, or null. At most 1 MiB.</summary>
    Task<string?> ReadAsync(string name, string commit, string path, CancellationToken stop);

    /// <summary>Paths at a commit (blobs only), at most 100,000.</summary>
    Task<IReadOnlyList<string>> ListAsync(string name, string commit, CancellationToken stop);

    /// <summary>Writes the tree of a commit into an empty folder: no .git, symlinks only where they stay inside.</summary>
    Task ExportAsync(string name, string commit, string folder, CancellationToken stop);

    Task DeleteAsync(string name, CancellationToken stop);
}

/// <param name="CloneUrl">What a user clones.</param>
/// <param name="Upstream">The URL elsewhere that this one mirrors, if any.</param>
public sealed record Repository(string Name, string Folder, string DefaultBranch, string CloneUrl, string? Upstream);

/// <param name="IsLink">It is a symbolic link, and its content is where it leads.</param>
public sealed record SourceFile(string Path, ReadOnlyMemory<byte> Content, bool Executable = false, bool IsLink = false);

/// <param name="Message">First line.</param>
/// <param name="Tree">Id of the tree: equal trees have equal content.</param>
public sealed record CommitFound(string Commit, string Tree, string Author, string Message, DateTimeOffset At);

/// <summary>Someone who must know about pushes. Called after the refs moved; again after a restart for a head that nobody finished.</summary>
public interface IPushListener
{
    /// <summary>
    /// Reacts to a new head of the default branch. <paramref name="progress"/> reaches the person who pushes, line by
    /// line, until this returns or they go away. Must be idempotent.
    /// </summary>
    Task PushedAsync(Pushed push, Func<string, ValueTask> progress, CancellationToken stop);
}

/// <param name="By">The user's ref.</param>
public sealed record Pushed(string Repository, string Branch, string Commit, string By);
