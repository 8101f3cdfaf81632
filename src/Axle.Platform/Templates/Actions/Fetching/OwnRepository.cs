namespace Axle.Platform.Templates.Actions;

/// <summary>A place in a repository of this platform, from its address.</summary>
/// <param name="Revision">A branch, tag or commit; null is the default branch.</param>
/// <param name="Path">Empty for the whole; that of a folder that was written as one ends with a slash.</param>
internal sealed record OwnRepository(string Name, string? Revision, string Path)
{
    /// <summary>Stands for the default branch, whatever it is called.</summary>
    public const string DefaultRevision = "HEAD";

    private const string Folder = "tree";
    private const string File = "blob";

    /// <summary>
    /// Reads <c>…/git/NAME.git</c>, followed by nothing or by <c>/tree/REVISION/PATH</c> or <c>/blob/REVISION/PATH</c>. A
    /// revision with slashes is written with %2F. Null for other addresses.
    /// </summary>
    public static OwnRepository? Parse(Uri address, string publicUrl)
    {
        if (!Uri.TryCreate(publicUrl, UriKind.Absolute, out var own) || address.Scheme is not ("http" or "https") || address.Authority != own.Authority)
        {
            return null;
        }

        var root = own.AbsolutePath.TrimEnd('/') + "/git/";
        if (!address.AbsolutePath.StartsWith(root, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = address.AbsolutePath[root.Length..].Split('/');
        var name = parts[0].EndsWith(".git", StringComparison.Ordinal) ? parts[0][..^4] : parts[0];
        return parts.Length >= 3 && parts[1] is Folder or File or "raw" && parts[2].Length > 0
            ? new OwnRepository(name, parts[2] == DefaultRevision ? null : Uri.UnescapeDataString(parts[2]), Uri.UnescapeDataString(string.Join('/', parts[3..])))
            : new OwnRepository(name, null, Uri.UnescapeDataString(string.Join('/', parts[1..])));
    }

    /// <summary>The address of a repository's files.</summary>
    public static string TreeUrl(string publicUrl, string name, string? revision) =>
        $"{publicUrl}/git/{name}.git{(revision is null ? "" : $"/{Folder}/{Uri.EscapeDataString(revision)}")}";

    /// <summary>The address of one file.</summary>
    public static string FileUrl(string publicUrl, string name, string revision, string path) =>
        $"{publicUrl}/git/{name}.git/{File}/{Uri.EscapeDataString(revision)}/{Escaped(path)}";

    private static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
