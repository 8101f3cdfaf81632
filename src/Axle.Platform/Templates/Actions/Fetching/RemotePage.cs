using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Files;

namespace Axle.Platform.Templates.Actions;

/// <summary>A place in a repository elsewhere, from the address of its page.</summary>
/// <param name="Repository">As git clones it.</param>
/// <param name="RevisionAndPath">The rest; only the repository knows where one ends and the other begins.</param>
internal sealed partial record RemotePage(Uri Repository, string RevisionAndPath)
{
    /// <summary>Reads pages of GitHub, GitLab, Gitea and Bitbucket, and the addresses that git clones.</summary>
    public static RemotePage? Parse(Uri address)
    {
        if (address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
        {
            return null;
        }

        var root = address.GetLeftPart(UriPartial.Authority);
        var path = Uri.UnescapeDataString(address.AbsolutePath);
        if (Server().Match(path) is { Success: true } server)
        {
            var at = At().Match(address.Query) is { Success: true } query ? Uri.UnescapeDataString(query.Groups["at"].Value).Replace("refs/heads/", "", StringComparison.Ordinal).Replace("refs/tags/", "", StringComparison.Ordinal) : "HEAD";
            return new RemotePage(new Uri($"{root}{server.Groups["before"].Value}/scm/{server.Groups["project"].Value}/{server.Groups["name"].Value}.git"), $"{at}/{server.Groups["path"].Value}".TrimEnd('/'));
        }

        if (address.Host == "raw.githubusercontent.com")
        {
            var parts = path.Split('/', 4);
            return parts.Length == 4 ? new RemotePage(new Uri($"https://github.com/{parts[1]}/{parts[2]}.git"), parts[3]) : null;
        }

        foreach (var pattern in new[] { Lab(), Tea(), Hub(), Bucket() })
        {
            if (pattern.Match(path) is { Success: true } page)
            {
                return new RemotePage(CloneUrl(root, page.Groups["repository"].Value), page.Groups["rest"].Value.TrimEnd('/'));
            }
        }

        var bare = path.TrimEnd('/');
        return bare.Count(c => c == '/') >= 2 ? new RemotePage(CloneUrl(root, bare), "") : null;
    }

    /// <summary>The page of a file, from that of its repository's files and its path from the root.</summary>
    public static Result<Uri> FileIn(Uri contents, string path)
    {
        var root = contents.AbsoluteUri.Split('?', '#')[0].TrimEnd('/');
        var page = root.Replace("/-/tree/", "/-/blob/", StringComparison.Ordinal);
        page = page == root ? root.Replace("/tree/", "/blob/", StringComparison.Ordinal) : page;
        return RepositoryPath.Join("", path) is { } inside
            ? new Uri($"{page}/{string.Join('/', inside.Split('/').Select(Uri.EscapeDataString))}")
            : ActionErrors.Source(path, "it leads outside of the repository");
    }

    private static Uri CloneUrl(string root, string path) => new($"{root}{Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal)}{(path.EndsWith(".git", StringComparison.Ordinal) ? "" : ".git")}");

    [GeneratedRegex(@"^(?<repository>/.+?)/-/(tree|blob|raw|edit)/(?<rest>.+)$")]
    private static partial Regex Lab();

    [GeneratedRegex(@"^(?<repository>/[^/]+/[^/]+)/(src|raw)/(branch|tag|commit)/(?<rest>.+)$")]
    private static partial Regex Tea();

    [GeneratedRegex(@"^(?<repository>/.+?/[^/]+)/(tree|blob|raw|edit)/(?<rest>.+)$")]
    private static partial Regex Hub();

    [GeneratedRegex(@"^(?<repository>/[^/]+/[^/]+)/src/(?<rest>.+)$")]
    private static partial Regex Bucket();

    [GeneratedRegex(@"^(?<before>.*)/projects/(?<project>[^/]+)/repos/(?<name>[^/]+)/(browse|raw)/?(?<path>.*)$")]
    private static partial Regex Server();

    [GeneratedRegex(@"[?&]at=(?<at>[^&]+)")]
    private static partial Regex At();
}
