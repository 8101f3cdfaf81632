namespace Axle.Platform.Source;

/// <summary>The branches and tags of a repository elsewhere, from <c>git ls-remote --symref</c>.</summary>
internal sealed class RemoteRefs
{
    private const int PartsMax = 20;

    private const string Heads = "refs/heads/";

    private string? _default;

    private readonly Dictionary<string, string> _commits = new(StringComparer.Ordinal);

    public static RemoteRefs Read(string output)
    {
        var refs = new RemoteRefs();
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\t') is [var id, var name] && RepositoryNames.IsFullId(id))
            {
                refs._commits[name] = id;
            }
            else if (line.StartsWith($"ref: {Heads}", StringComparison.Ordinal) && line.EndsWith("\tHEAD", StringComparison.Ordinal))
            {
                refs._default = line["ref: ".Length..^"\tHEAD".Length][Heads.Length..];
            }
        }

        return refs;
    }

    /// <summary>The names of all branches, the default one first.</summary>
    public IReadOnlyList<string> Branches =>
        [.. _commits.Keys.Where(name => name.StartsWith(Heads, StringComparison.Ordinal)).Select(name => name[Heads.Length..]).OrderBy(name => name != _default).ThenBy(name => name, StringComparer.Ordinal)];

    /// <summary>
    /// What of an address is the revision: the longest branch or tag that it begins with, or else a commit's full id. The rest
    /// is the path. Null when it is none of these.
    /// </summary>
    public (string Commit, string Path)? Find(string revisionAndPath)
    {
        if (revisionAndPath.Length == 0)
        {
            return _commits.TryGetValue("HEAD", out var head) ? (head, "") : null;
        }

        var parts = revisionAndPath.Split('/');
        for (var count = Math.Min(parts.Length, PartsMax); count > 0; count--)
        {
            var name = string.Join('/', parts[..count]);
            if (CommitOf(name) is { } commit)
            {
                return (commit, string.Join('/', parts[count..]));
            }
        }

        // Addresses of other hosts' root often say HEAD for the default branch.
        return RepositoryNames.IsFullId(parts[0]) ? (parts[0], string.Join('/', parts[1..]))
            : parts[0] == "HEAD" && _commits.TryGetValue("HEAD", out var standard) ? (standard, string.Join('/', parts[1..]))
            : null;
    }

    /// <summary>A tag with a message names itself first and then, with this ending, its commit.</summary>
    private string? CommitOf(string name) =>
        _commits.GetValueOrDefault($"refs/heads/{name}") ?? _commits.GetValueOrDefault($"refs/tags/{name}^{{}}") ?? _commits.GetValueOrDefault($"refs/tags/{name}");
}
