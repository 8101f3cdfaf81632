namespace Axle.Platform.Workloads;

/// <summary>The keys of one mapping. Most have a few, which are found faster by looking than by a table of their own.</summary>
internal sealed class YamlKeys
{
    private const int FewMax = 12;

    private readonly List<(string Key, Place? Place)> _all = [];
    private Dictionary<string, Place?>? _many;

    public bool TryAdd(string key, Place? place)
    {
        if (_many is not null)
        {
            return _many.TryAdd(key, place);
        }

        foreach (var known in _all)
        {
            if (known.Key == key)
            {
                return false;
            }
        }

        _all.Add((key, place));
        if (_all.Count > FewMax)
        {
            _many = _all.ToDictionary(StringComparer.Ordinal);
        }

        return true;
    }

    public Place? PlaceOf(string key) => _many is not null ? _many[key] : _all.Find(known => known.Key == key).Place;
}
