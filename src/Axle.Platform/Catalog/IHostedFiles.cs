using Axle.Contracts;

namespace Axle.Platform.Catalog;

/// <summary>
/// Files in the repositories that this platform hosts itself. Descriptors there are read from git directly: no network, no
/// credentials, and always the newest commit.
/// </summary>
public interface IHostedFiles
{
    /// <summary>The file that an address of this platform means, in its full form; null for addresses elsewhere.</summary>
    Uri? Find(Uri address);

    /// <summary>The text of a file, by the address that <see cref="Find"/> gave; null when there is no such file.</summary>
    Task<Result<string?>> ReadAsync(Uri file, CancellationToken stop);

    /// <summary>Paths of all files in the revision that an address names.</summary>
    Task<Result<IReadOnlyList<string>>> ListAsync(Uri file, CancellationToken stop);

    /// <summary>The addresses of all repositories, each without a file.</summary>
    IReadOnlyList<Uri> Repositories();
}
