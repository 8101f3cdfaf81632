using System.Text.RegularExpressions;

namespace Axle.Platform.Catalog.Locations;

/// <summary>What the pages of files on known hosts say by their addresses: where the text is, and what belongs to the same repository.</summary>
internal static partial class SourceHosts
{
    /// <summary>The address of a file's text: pages of GitHub, GitLab, Bitbucket and Gitea show a file in HTML.</summary>
    public static Uri TextOf(Uri page)
    {
        var path = page.AbsolutePath;
        if (page.Host == "github.com" && GitHub().Match(path) is { Success: true } github)
        {
            return new Uri($"https://raw.githubusercontent.com/{github.Groups["repository"].Value}/{github.Groups["rest"].Value}");
        }

        var raw = path.Contains("/-/blob/", StringComparison.Ordinal) ? path.Replace("/-/blob/", "/-/raw/", StringComparison.Ordinal)
            : page.Host == "bitbucket.org" ? Bitbucket().Replace(path, "${repository}/raw/", 1)
            : Gitea().Replace(path, "${repository}/raw/${what}/", 1);
        return raw == path ? page : new UriBuilder(page) { Path = raw }.Uri;
    }

    /// <summary>Whether a file belongs to the same repository as another; on hosts that are not known, to the same host.</summary>
    public static bool AreOneSource(Uri one, Uri other) =>
        one.GetLeftPart(UriPartial.Authority) == other.GetLeftPart(UriPartial.Authority)
        && RepositoryOf(one) == RepositoryOf(other);

    /// <summary>Whether a file is in a repository, given by its own address.</summary>
    public static bool IsIn(Uri file, Uri repository)
    {
        var whole = WithoutGit(repository.AbsolutePath);
        return file.Authority.Equals(repository.Authority, StringComparison.OrdinalIgnoreCase)
            && whole.Length > 1
            && (RepositoryOf(file) is { Length: > 0 } of ? of : file.AbsolutePath) is { } path
            && WithoutGit(path).Equals(whole, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>An address as it is written in a file; one that begins with a slash is from the repository's root.</summary>
    public static Uri? Resolve(Uri file, string written)
    {
        if (written.StartsWith('/') && !written.StartsWith("//", StringComparison.Ordinal) && Root().Match(file.AbsolutePath) is { Success: true } root)
        {
            written = root.Value + written;
        }

        return Uri.TryCreate(file, written, out var address) ? address : null;
    }

    /// <summary>Where a person changes a file; null on hosts that are not known, and for a file of a fixed commit.</summary>
    public static Uri? EditOf(Uri page)
    {
        var path = page.AbsolutePath;
        var edit = CommitId().IsMatch(path) ? path
            : page.Host == "bitbucket.org" || Gitea().IsMatch(path) ? Gitea().Replace(path, "${repository}/_edit/${what}/", 1)
            : path.Contains("/-/blob/", StringComparison.Ordinal) ? path.Replace("/-/blob/", "/-/edit/", StringComparison.Ordinal)
            : page.Host == "github.com" ? path.Replace("/blob/", "/edit/", StringComparison.Ordinal)
            : path;
        return edit == path ? null : new UriBuilder(page) { Path = edit }.Uri;
    }

    private static string RepositoryOf(Uri page) =>
        Hosted().Match(page.AbsolutePath) is { Success: true } hosted ? hosted.Value
        : Repository().Match(page.AbsolutePath) is { Success: true } known ? known.Groups["repository"].Value
        : page.Host is "github.com" or "gitlab.com" or "bitbucket.org" or "raw.githubusercontent.com" ? string.Concat(page.Segments.Take(3)).TrimEnd('/')
        : "";

    private static string WithoutGit(string path) => path.TrimEnd('/') is var bare && bare.EndsWith(".git", StringComparison.Ordinal) ? bare[..^4] : bare;

    [GeneratedRegex(@"^/(?<repository>[^/]+/[^/]+)/(blob|raw|edit)/(?<rest>.+)$")]
    private static partial Regex GitHub();

    [GeneratedRegex(@"^(?<repository>/[^/]+/[^/]+)/src/")]
    private static partial Regex Bitbucket();

    [GeneratedRegex(@"^(?<repository>/[^/]+/[^/]+)/src/(?<what>branch|tag|commit)/")]
    private static partial Regex Gitea();

    [GeneratedRegex(@"^(?<repository>/.+?)(/-)?/(blob|raw|src|edit|tree)/")]
    private static partial Regex Repository();

    [GeneratedRegex(@"^/git/[^/]+\.git(?=/|\z)")]
    private static partial Regex Hosted();

    [GeneratedRegex(@"^/.+?(/-)?/((blob|raw|edit|tree)|src(/(branch|tag|commit))?)/[^/]+(?=/)")]
    private static partial Regex Root();

    [GeneratedRegex(@"\b[0-9a-f]{40,}\b")]
    private static partial Regex CommitId();
}
