using Axle.Contracts;

namespace Axle.Platform.Templates.Actions;

/// <summary>Addresses of pages that hosts of git repositories show.</summary>
internal static class RemotePage
{
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
}
