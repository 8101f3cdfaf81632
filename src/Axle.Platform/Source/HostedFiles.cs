using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Catalog;

namespace Axle.Platform.Source;

/// <summary>
/// Addresses of files in Axle's git: <c>URL/git/NAME.git/blob/BRANCH/PATH</c>. Without a path they mean the
/// <c>catalog-info.yaml</c> of the default branch, which is called <c>HEAD</c>.
/// </summary>
internal sealed partial class HostedFiles(Repositories repositories, PlatformOptions platform) : IHostedFiles
{
    private const string Newest = "HEAD";

    public Uri? Find(Uri address)
    {
        var path = address.AbsolutePath;
        if (address.Authority != new Uri(platform.PublicUrl).Authority || Repository().Match(path) is not { Success: true } match)
        {
            return null;
        }

        return match.Groups["path"].Success ? address : new Uri($"{AddressOf(match.Groups["name"].Value)}/blob/{Newest}/{CatalogInfo.FileName}");
    }

    public async Task<Result<string?>> ReadAsync(Uri file, CancellationToken stop)
    {
        if (!(await CommitAsync(file, stop)).TryGet(out var at, out var unknown))
        {
            return unknown;
        }

        return Result<string?>.Of(await repositories.ReadAsync(at.Name, at.Commit, at.Path, stop));
    }

    public async Task<Result<IReadOnlyList<string>>> ListAsync(Uri file, CancellationToken stop) =>
        (await CommitAsync(file, stop)).TryGet(out var at, out var unknown)
            ? Result<IReadOnlyList<string>>.Of(await repositories.ListAsync(at.Name, at.Commit, stop))
            : unknown;

    IReadOnlyList<Uri> IHostedFiles.Repositories() => [.. repositories.Names.Select(AddressOf)];

    public Uri AddressOf(string repository) => new($"{platform.PublicUrl}/git/{repository}.git");

    private async Task<Result<Place>> CommitAsync(Uri file, CancellationToken stop)
    {
        var match = Repository().Match(Uri.UnescapeDataString(file.AbsolutePath));
        var (name, revision) = (match.Groups["name"].Value, match.Groups["revision"].Value);
        if (repositories.Folder(name) is null)
        {
            return Errors.Unknown(name);
        }

        return await repositories.ResolveAsync(name, revision == Newest ? null : revision, stop) is { } found
            ? new Place(name, found.Commit, match.Groups["path"].Value)
            : new Error("source.no_revision", $"{name} has no {(revision == Newest ? "commit yet" : $"branch '{revision}'")}.", "Push one, or name another.", 404);
    }

    private sealed record Place(string Name, string Commit, string Path);

    [GeneratedRegex(@"^/git/(?<name>[a-z0-9-]+)\.git(/(blob|raw|tree|edit)/(?<revision>[^/]+)/(?<path>.+))?/?\z")]
    private static partial Regex Repository();
}
