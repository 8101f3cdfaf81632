using Axle.Platform.Files;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Several patterns as Backstage hands them to npm's globby: a folder's name means all in it, and a pattern after an
/// exclamation mark takes back what those before it match.
/// </summary>
internal sealed class GlobList
{
    private readonly List<(Glob Pattern, IReadOnlyList<Glob> Except)> _tasks;

    /// <param name="root">Where the patterns apply; tells folders from files.</param>
    public GlobList(IReadOnlyList<string> patterns, string root) =>
        _tasks = [.. patterns
            .Select((pattern, i) => (Pattern: pattern, At: i))
            .Where(one => !one.Pattern.StartsWith('!') && one.Pattern.Length > 0)
            .Select(one => (
                new Glob(Expanded(one.Pattern, root)),
                (IReadOnlyList<Glob>)[.. patterns.Skip(one.At).Where(other => other.Length > 1 && other[0] == '!').Select(other => new Glob(Expanded(other[1..], root)))]))];

    public bool Matches(string path) => _tasks.Exists(task => task.Pattern.Matches(path) && !task.Except.Any(except => except.Matches(path)));

    private static string Expanded(string pattern, string root)
    {
        var name = pattern.TrimEnd('/');
        var isFolder = SafePath.Wrong(name) is null && Directory.Exists(Path.Combine(root, name));
        return isFolder ? $"{name}/**" : pattern is "." or "./" ? "**" : pattern;
    }
}
