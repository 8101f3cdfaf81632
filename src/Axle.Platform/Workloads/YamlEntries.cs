namespace Axle.Platform.Workloads;

/// <summary>The entries of one mapping while it is read, each key once. Most have a few, which are found faster by looking than by a table.</summary>
internal sealed class YamlEntries
{
    private const int FewMax = 12;

    private readonly List<YamlEntry> _all = [];
    private Dictionary<string, YamlEntry>? _many;

    public IReadOnlyList<YamlEntry> All => _all;

    /// <summary>False when the key is there already.</summary>
    public bool TryAdd(YamlEntry entry)
    {
        if (Find(entry.Key) is not null)
        {
            return false;
        }

        _all.Add(entry);
        _many?.Add(entry.Key, entry);
        return true;
    }

    public YamlEntry? Find(string key)
    {
        if (_all.Count > FewMax)
        {
            return (_many ??= _all.ToDictionary(entry => entry.Key, StringComparer.Ordinal)).GetValueOrDefault(key);
        }

        foreach (var entry in _all)
        {
            if (entry.Key == key)
            {
                return entry;
            }
        }

        return null;
    }
}
