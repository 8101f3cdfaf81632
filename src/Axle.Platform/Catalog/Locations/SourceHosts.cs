using System.Text.RegularExpressions;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Where the page of a file on a known host leads to its text, and what belongs to the same repository.</summary>
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

    private static string RepositoryOf(Uri page) =>
        Repository().Match(page.AbsolutePath) is { Success: true } known ? known.Groups["repository"].Value
        : page.Host is "github.com" or "gitlab.com" or "bitbucket.org" or "raw.githubusercontent.com" ? string.Concat(page.Segments.Take(3)).TrimEnd('/')
        : "";

    [GeneratedRegex(@"^/(?<repository>[^/]+/[^/]+)/(blob|raw|edit)/(?<rest>.+)$")]
    private static partial Regex GitHub();

    [GeneratedRegex(@"^(?<repository>/[^/]+/[^/]+)/src/")]
    private static partial Regex Bitbucket();

    [GeneratedRegex(@"^(?<repository>/[^/]+/[^/]+)/src/(?<what>branch|tag|commit)/")]
    private static partial Regex Gitea();

    [GeneratedRegex(@"^(?<repository>/.+?)(/-)?/(blob|raw|src|edit|tree)/")]
    private static partial Regex Repository();
}
