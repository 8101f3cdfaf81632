namespace Axle.Platform.Source;

/// <summary>
/// What a repository knows of the template that it was made from: the commit that is exactly what the template made, and how it
/// was made. That commit is real history of the repository, so a later version of the template is merged as git merges
/// branches.
/// </summary>
public interface ITemplateHistory
{
    /// <summary>Remembers that a commit is what a template made. Durable when it returns; again changes nothing.</summary>
    /// <param name="how">How to make it again; the caller's own words.</param>
    Task RememberAsync(string repository, string commit, string how, CancellationToken stop);

    /// <summary>What the template last made of what is in the default branch; null where nothing is remembered.</summary>
    Task<TemplateBase?> FindAsync(string repository, CancellationToken stop);

    /// <summary>Paths that the template would make differently now; none when it moved nowhere.</summary>
    Task<IReadOnlyList<string>> CompareAsync(string repository, TemplateBase since, IReadOnlyList<SourceFile> files, CancellationToken stop);

    /// <summary>
    /// Merges what the template makes now into a branch of its own beside the default branch: three-way, from what it made
    /// before. Conflicts stay in the files as markers. The same call gives the same branch.
    /// </summary>
    Task<TemplateMerge> MergeAsync(string repository, TemplateBase since, IReadOnlyList<SourceFile> files, string message, string author, CancellationToken stop);
}

/// <param name="Commit">What the template made, exactly.</param>
public sealed record TemplateBase(string Commit, string How);

/// <param name="Branch">Null when the default branch has all of it already.</param>
/// <param name="Conflicts">Files with markers in them.</param>
public sealed record TemplateMerge(string? Branch, string? Commit, IReadOnlyList<string> Conflicts);
