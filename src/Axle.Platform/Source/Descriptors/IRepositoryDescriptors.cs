using Axle.Contracts;
using Axle.Platform.Ownership;

namespace Axle.Platform.Source;

/// <summary>What descriptor files of Axle's own repositories describe. Once registered, the catalogue follows them: see <c>DescriptorPushes</c>.</summary>
public interface IRepositoryDescriptors
{
    /// <summary>
    /// Applies a descriptor file in the caller's name: all that it describes, and what the files of the repository describe that
    /// Locations in it name. The first component is the one that is built from the repository.
    /// </summary>
    /// <param name="repository">Its name.</param>
    /// <param name="revision">A branch, tag or commit; null is the default branch.</param>
    /// <param name="path">Of the file in the repository.</param>
    /// <param name="template">What the files were made from.</param>
    /// <param name="caller">In whose name.</param>
    /// <param name="stop">Ends it; nothing or all is applied.</param>
    /// <returns>What was applied, in the order of the file.</returns>
    Task<Result<IReadOnlyList<Entity>>> RegisterAsync(string repository, string? revision, string path, EntityRef template, Caller caller, CancellationToken stop);
}
