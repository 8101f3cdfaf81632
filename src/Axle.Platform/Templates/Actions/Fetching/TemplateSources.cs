using System.Diagnostics.CodeAnalysis;
using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Source;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Where the <c>url</c> of a step leads: a folder of a template that ships with the platform, or a repository of the
/// platform's own. Relative ones are from the template's own address, and do not leave its folder or repository.
/// </summary>
internal sealed class TemplateSources
{
    private readonly IRepositories _repositories;
    private readonly PlatformOptions _platform;

    /// <summary>What is being fetched; emptied at each start, since nobody else takes away what a crash left.</summary>
    private readonly string _scratch;

    public TemplateSources(IRepositories repositories, PlatformOptions platform)
    {
        (_repositories, _platform) = (repositories, platform);
        _scratch = platform.Folder("run", "fetched");
        foreach (var left in Directory.EnumerateDirectories(_scratch))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    /// <summary>A folder; links in it are not to be followed.</summary>
    public Task<Result<FetchedTree>> FolderAsync(ActionRun run, string url, CancellationToken stop) => FetchAsync(run, url, file: false, stop);

    /// <summary>A single file.</summary>
    public Task<Result<FetchedTree>> FileAsync(ActionRun run, string url, CancellationToken stop) => FetchAsync(run, url, file: true, stop);

    private async Task<Result<FetchedTree>> FetchAsync(ActionRun run, string url, bool file, CancellationToken stop)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || url.StartsWith('/'))
        {
            if (run.Origin.Folder is { } folder)
            {
                return Inside(folder, url, file, url);
            }

            if (run.Origin.Address is null)
            {
                return ActionErrors.Source(url, "it is relative, and where this template comes from is not known", "Write an absolute address, or register the template by its address.");
            }

            if (!Relative(run.Origin.Address, url).TryGet(out address, out var outside))
            {
                return outside;
            }
        }

        return OwnRepository.Parse(address, _platform.PublicUrl) is { } own
            ? await OwnAsync(own, url, file, stop)
            : ActionErrors.Source(url, "it is no repository of this platform");
    }

    /// <summary>A relative address from a template's file, as Backstage resolves it: a slash first means the repository's root.</summary>
    private Result<Uri> Relative(Uri from, string url)
    {
        if (OwnRepository.Parse(from, _platform.PublicUrl) is not { } origin)
        {
            return ActionErrors.Source(url, "the template comes from no repository of this platform");
        }

        return RepositoryPath.Join(origin.Path, url) is { } path
            ? origin.At(_platform.PublicUrl, path)
            : ActionErrors.Source(url, "it leads outside of the template's repository");
    }

    private async Task<Result<FetchedTree>> OwnAsync(OwnRepository own, string url, bool file, CancellationToken stop)
    {
        if (!_repositories.Exists(own.Name) || await _repositories.ResolveAsync(own.Name, own.Revision, stop) is not { } found)
        {
            return ActionErrors.Source(url, own.Revision is null ? $"there is no repository {SafePath.Shown(own.Name)} with a commit" : $"there is no {SafePath.Shown(own.Revision)} in a repository {SafePath.Shown(own.Name)}");
        }

        var scratch = NewScratch();
        try
        {
            await _repositories.ExportAsync(own.Name, found.Commit, scratch, stop);
            if (!Inside(scratch, own.Path, file, url).TryGet(out var tree, out var refused))
            {
                return refused;
            }

            var fetched = new FetchedTree(tree.Path, scratch);
            scratch = null;
            return fetched;
        }
        finally
        {
            Forget(scratch);
        }
    }

    /// <summary>A path below a folder, through no link that leads out of it.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "There is nothing to take away for a folder that lies there anyway.")]
    private static Result<FetchedTree> Inside(string folder, string path, bool file, string url)
    {
        var inside = RepositoryPath.Join("", path);
        if (inside is null)
        {
            return ActionErrors.Source(url, "it leads outside of the template's folder");
        }

        var place = folder;
        if (inside.Length > 0 && !SafePath.Join(folder, inside).TryGet(out place, out var refused))
        {
            return ActionErrors.Source(url, refused.Message.TrimEnd('.'));
        }

        return file
            ? File.Exists(place) ? new FetchedTree(place, null) : ActionErrors.Source(url, "there is no such file")
            : Directory.Exists(place) ? new FetchedTree(place, null) : ActionErrors.Source(url, "there is no such folder");
    }

    private string NewScratch() => Directory.CreateDirectory(Path.Combine(_scratch, Guid.NewGuid().ToString("N"))).FullName;

    private static void Forget(string? scratch)
    {
        if (scratch is not null)
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
