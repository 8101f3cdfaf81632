namespace Axle.Platform.Catalog.Index;

/// <summary>
/// Paths put together from a parent and a key, each made once: a catalogue has some hundred paths, and every entity has
/// dozens of them. Beyond a bound new ones are made each time, so that labels nobody shares cannot fill the memory.
/// </summary>
internal sealed class SearchPaths
{
    private const int PathsMax = 10_000;

    private readonly Dictionary<string, Dictionary<string, string>> _children = new(StringComparer.Ordinal);
    private int _count;

    /// <summary><c>parent.key</c>, the key in lower case.</summary>
    public string Of(string parent, string key)
    {
        if (!_children.TryGetValue(parent, out var known))
        {
            if (_count >= PathsMax)
            {
                return Joined(parent, key);
            }

            _children.Add(parent, known = new(StringComparer.Ordinal));
        }

        if (known.TryGetValue(key, out var path))
        {
            return path;
        }

        path = Joined(parent, key);
        if (_count < PathsMax)
        {
            _count++;
            known.Add(key, path);
        }

        return path;
    }

    private static string Joined(string parent, string key) => $"{parent}.{key.ToLowerInvariant()}";
}
