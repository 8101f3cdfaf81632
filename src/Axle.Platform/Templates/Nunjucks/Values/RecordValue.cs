using System.Globalization;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// A record of named values that never changes. Its order is JavaScript's: names that are array indexes come first, by
/// number; the others follow in the order in which they were first given.
/// </summary>
internal sealed class RecordValue
{
    /// <summary>Up to this size a search along the names is faster than an index.</summary>
    private const int IndexedFrom = 9;

    private readonly List<KeyValuePair<string, Value>> _entries;
    private readonly Dictionary<string, int>? _index;

    public RecordValue(IEnumerable<KeyValuePair<string, Value>> entries)
        : this(InJavaScriptOrder(entries))
    {
    }

    /// <param name="ordered">Taken over, not copied; each name once, in JavaScript's order.</param>
    private RecordValue(List<KeyValuePair<string, Value>> ordered)
    {
        _entries = ordered;
        if (_entries.Count >= IndexedFrom)
        {
            _index = new Dictionary<string, int>(_entries.Count, StringComparer.Ordinal);
            for (var i = 0; i < _entries.Count; i++)
            {
                _index[_entries[i].Key] = i;
            }
        }

        foreach (var (_, value) in _entries)
        {
            HasCallable |= value.HasCallable;
        }
    }

    /// <summary>A record of names that are known to differ, and to be no array indexes.</summary>
    public static RecordValue OfNames(params ReadOnlySpan<KeyValuePair<string, Value>> entries) => new(new List<KeyValuePair<string, Value>>([.. entries]));

    public IReadOnlyList<KeyValuePair<string, Value>> Entries => _entries;

    public int Count => _entries.Count;

    public bool HasCallable { get; }

    public bool Has(string name) => PlaceOf(name) >= 0;

    /// <summary>The value of this name, or undefined.</summary>
    public Value this[string name] => PlaceOf(name) is >= 0 and var place ? _entries[place].Value : Value.Undefined;

    /// <summary>A copy in which one name has another value.</summary>
    public RecordValue With(string name, Value value) => new(_entries.Append(new(name, value)));

    private int PlaceOf(string name)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(name, out var place) ? place : -1;
        }

        for (var i = 0; i < _entries.Count; i++)
        {
            if (string.Equals(_entries[i].Key, name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    private static List<KeyValuePair<string, Value>> InJavaScriptOrder(IEnumerable<KeyValuePair<string, Value>> given)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var entries = new List<KeyValuePair<string, Value>>();
        var indexed = false;
        foreach (var entry in given)
        {
            if (places.TryAdd(entry.Key, entries.Count))
            {
                entries.Add(entry);
                indexed |= IsArrayIndex(entry.Key);
            }
            else
            {
                entries[places[entry.Key]] = entry;
            }
        }

        return indexed
            ? [.. entries.Where(e => IsArrayIndex(e.Key)).OrderBy(e => uint.Parse(e.Key, CultureInfo.InvariantCulture)), .. entries.Where(e => !IsArrayIndex(e.Key))]
            : entries;
    }

    /// <summary>Decimal, without leading zeros, below 2^32 - 1.</summary>
    public static bool IsArrayIndex(string name) =>
        name.Length is > 0 and <= 10
        && char.IsAsciiDigit(name[0])
        && (name[0] != '0' || name.Length == 1)
        && name.All(char.IsAsciiDigit)
        && ulong.Parse(name, CultureInfo.InvariantCulture) < uint.MaxValue;
}
