using Axle.Contracts;
using Axle.Platform.Files;
using Axle.Platform.Secrets;
using Axle.Platform.Source;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Where the <c>url</c> of a step leads: a folder of a template that ships with the platform, a repository of the platform's
/// own, or one on another host. Relative ones are from the template's own address, and do not leave its folder or
/// repository.
/// </summary>
internal sealed class TemplateSources
{
    private readonly IRepositories _repositories;
    private readonly IRemoteRepositories _remotes;
    private readonly GitHosts _hosts;
    private readonly OutboundHttp _http;
    private readonly PlatformOptions _platform;

    /// <summary>What is being fetched; emptied at each start, since nobody else takes away what a crash left.</summary>
    private readonly string _scratch;

    public TemplateSources(IRepositories repositories, IRemoteRepositories remotes, GitHosts hosts, OutboundHttp http, PlatformOptions platform)
    {
        (_repositories, _remotes, _hosts, _http, _platform) = (repositories, remotes, hosts, http, platform);
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
        // 1. An address of its own?
        if (Uri.TryCreate(url, UriKind.Absolute, out var absolute) && !url.StartsWith('/'))
        {
            if (file && absolute.Scheme is "http" or "https" && OwnRepository.Parse(absolute, _platform.PublicUrl) is null && RemotePage.Parse(absolute) is not { RevisionAndPath.Length: > 0 })
            {
                return await DownloadAsync(absolute, run, stop);
            }

            return await PlaceAsync(absolute, relative: null, url, file, run, stop);
        }

        // 2. From where the template is.
        if (run.Origin.Folder is { } folder)
        {
            return Inside(folder, "", url, file, url, scratch: null);
        }

        return run.Origin.Address is { } address
            ? await PlaceAsync(address, url, url, file, run, stop)
            : ActionErrors.Source(url, "it is relative, and where this template comes from is not known", "Write an absolute address, or register the template by its address.");
    }

    /// <summary>A file that is in no repository.</summary>
    private async Task<Result<FetchedTree>> DownloadAsync(Uri address, ActionRun run, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (run.Input.Text("token") is { Length: > 0 } token)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        if (!(await _http.SendAsync(request, stop)).TryGet(out var answer, out var unreachable))
        {
            return unreachable;
        }

        if (!answer.Ok)
        {
            return ActionErrors.Source(address.GetLeftPart(UriPartial.Path), $"it answers {(int)answer.Status}");
        }

        var scratch = Directory.CreateDirectory(Path.Combine(_scratch, Guid.NewGuid().ToString("N"))).FullName;
        var place = Path.Combine(scratch, "file");
        await File.WriteAllBytesAsync(place, answer.Body, stop);
        return new FetchedTree(place, scratch);
    }

    /// <param name="relative">From the file that the address names; null for the address itself.</param>
    private async Task<Result<FetchedTree>> PlaceAsync(Uri address, string? relative, string url, bool file, ActionRun run, CancellationToken stop)
    {
        var scratch = Directory.CreateDirectory(Path.Combine(_scratch, Guid.NewGuid().ToString("N"))).FullName;
        var kept = false;
        try
        {
            if (!(await ExportAsync(address, url, scratch, run, stop)).TryGet(out var path, out var refused))
            {
                return refused;
            }

            var fetched = Inside(scratch, path, relative ?? "", file, url, scratch);
            kept = fetched.Ok;
            return fetched;
        }
        finally
        {
            if (!kept)
            {
                Directory.Delete(scratch, recursive: true);
            }
        }
    }

    /// <summary>Writes the whole tree at an address.</summary>
    /// <returns>What of the address is the path in it.</returns>
    private async Task<Result<string>> ExportAsync(Uri address, string url, string scratch, ActionRun run, CancellationToken stop)
    {
        if (OwnRepository.Parse(address, _platform.PublicUrl) is { } own)
        {
            if (!_repositories.Exists(own.Name) || await _repositories.ResolveAsync(own.Name, own.Revision, stop) is not { } found)
            {
                return ActionErrors.Source(url, own.Revision is null ? $"there is no repository {SafePath.Shown(own.Name)} with a commit" : $"there is no {SafePath.Shown(own.Revision)} in a repository {SafePath.Shown(own.Name)}");
            }

            await _repositories.ExportAsync(own.Name, found.Commit, scratch, stop);
            return own.Path;
        }

        if (RemotePage.Parse(address) is not { } page)
        {
            return ActionErrors.Source(url, "it is no page of a git repository", "Use the address of a folder or file as its host shows it: …/tree/BRANCH/PATH, …/blob/BRANCH/PATH.");
        }

        // A token is given to the host that it is configured for, or that the step gives it to.
        var host = _hosts.Find(page.Repository.Authority);
        var token = run.Input.Text("token") is { Length: > 0 } given ? new SecretValue(given) : null;
        var signIn = host is null ? token is null ? null : new RemoteSignIn("x-access-token", token) : host.SignIn(token);
        run.Log($"Fetching {page.Repository}");
        var fetched = await _remotes.FetchAsync(new RemotePlace(page.Repository, page.RevisionAndPath, signIn, _hosts.MayBePrivate(page.Repository)), scratch, stop);
        return fetched.TryGet(out var tree, out var refused) ? tree.Path : refused;
    }

    /// <summary>A path below a folder, through no link that leads out of it.</summary>
    private static Result<FetchedTree> Inside(string folder, string from, string relative, bool file, string url, string? scratch)
    {
        var inside = relative.Length == 0 ? RepositoryPath.Join("", from) : RepositoryPath.Join(from, relative);
        if (inside is null)
        {
            return ActionErrors.Source(url, "it leads outside of the template's folder or repository");
        }

        var place = folder;
        if (inside.Length > 0 && !SafePath.Join(folder, inside).TryGet(out place, out var refused))
        {
            return ActionErrors.Source(url, refused.Message.TrimEnd('.'));
        }

        return (file ? File.Exists(place) : Directory.Exists(place)) ? new FetchedTree(place, scratch) : ActionErrors.Source(url, $"there is no such {(file ? "file" : "folder")}");
    }
}
