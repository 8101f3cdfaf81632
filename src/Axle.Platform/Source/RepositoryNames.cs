using System.Text.RegularExpressions;

namespace Axle.Platform.Source;

/// <summary>The formats of what people may write in the place of a repository, a branch or a commit. Everything else never reaches git.</summary>
internal static partial class RepositoryNames
{
    /// <summary>Like a component's name: it becomes a folder, a URL and a host name.</summary>
    public static bool IsName(string? name) => name is not null && NameFormat().IsMatch(name);

    /// <summary>A branch, a tag or a commit id; never an option or an expression of git's revision language.</summary>
    public static bool IsRevision(string? revision) =>
        revision is not null && RevisionFormat().IsMatch(revision)
        && !revision.Contains("..", StringComparison.Ordinal)
        && !revision.Contains("//", StringComparison.Ordinal)
        && !revision.EndsWith('/') && !revision.EndsWith('.') && !revision.EndsWith(".lock", StringComparison.Ordinal);

    public static bool IsFullId(string? commit) => commit is not null && FullIdFormat().IsMatch(commit);

    public static bool IsShortId(string revision) => ShortIdFormat().IsMatch(revision);

    /// <summary>The value of the <c>Git-Protocol</c> header that is passed on to git.</summary>
    public static bool IsProtocol(string value) => ProtocolFormat().IsMatch(value);

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameFormat();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_./+#-]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RevisionFormat();

    [GeneratedRegex(@"^[0-9a-f]{40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex FullIdFormat();

    [GeneratedRegex(@"^[0-9a-f]{4,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ShortIdFormat();

    [GeneratedRegex(@"^version=[012]\z", RegexOptions.CultureInvariant)]
    private static partial Regex ProtocolFormat();
}
