namespace Axle.Platform.Files;

/// <summary>Paths inside a repository.</summary>
public static class RepositoryPath
{
    /// <summary>Where a relative address leads from a file or folder; null when it leads out. An empty answer is the root.</summary>
    /// <param name="from">A file; or a folder, with a slash at its end; or the root, which is empty.</param>
    /// <param name="relative">A slash first means from the root.</param>
    public static string? Join(string from, string relative)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(relative);
        var slash = from.LastIndexOf('/');
        var parts = new List<string>(relative.StartsWith('/') || slash < 0 ? [] : from[..slash].Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in relative.Split('/'))
        {
            if (part == ".." && parts.Count == 0)
            {
                return null;
            }

            if (part == "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
