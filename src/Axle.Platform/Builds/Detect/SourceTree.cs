namespace Axle.Platform.Builds;

/// <summary>
/// The files of one commit as detection sees them: a listing, and text on demand. Detection touches nothing else, so
/// that every rule can be tested with a table.
/// </summary>
internal sealed class SourceTree(IEnumerable<string> files, Func<string, CancellationToken, Task<string?>> read)
{
    private readonly HashSet<string> _files = new(files, StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _texts = new(StringComparer.Ordinal);

    /// <summary>A tree whose texts are known, for tests and for what a build produced.</summary>
    public SourceTree(IReadOnlyDictionary<string, string> texts)
        : this(texts.Keys, (path, _) => Task.FromResult(texts.GetValueOrDefault(path)))
    {
    }

    public IReadOnlyCollection<string> Files => _files;

    /// <summary>Files that lie at the top, sorted.</summary>
    public IEnumerable<string> Top => _files.Where(f => !f.Contains('/', StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public bool Has(string path) => _files.Contains(path);

    /// <summary>The first of some paths that exists.</summary>
    public string? First(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (Has(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>A file's text, or null when there is no such file (or it is no text of a sensible size).</summary>
    public async Task<string?> ReadAsync(string path, CancellationToken stop)
    {
        if (!Has(path))
        {
            return null;
        }

        if (!_texts.TryGetValue(path, out var text))
        {
            text = await read(path, stop);
            _texts[path] = text;
        }

        return text;
    }
}
