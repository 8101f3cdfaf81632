using Axle.Contracts;

namespace Axle.Platform.Source;

/// <summary>Folders of files on their way into repositories.</summary>
public interface ISourceFolders
{
    /// <summary>
    /// The files of a folder that git would take: all but what a <c>.gitignore</c> in it leaves out, byte for byte. Symbolic
    /// links stay links.
    /// </summary>
    Task<Result<IReadOnlyList<SourceFile>>> ReadAsync(string folder, CancellationToken stop);
}
