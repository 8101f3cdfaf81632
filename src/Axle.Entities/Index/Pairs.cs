using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Axle.Entities.Index;

/// <summary>
/// Labels or annotations as the store keeps them: one array in the order they were written. An entity has a handful, and a
/// hash table for each would be several times their size.
/// </summary>
internal sealed class Pairs : IReadOnlyDictionary<string, string>
{
    private readonly KeyValuePair<string, string>[] _all;

    /// <param name="all">Each key once.</param>
    public Pairs(KeyValuePair<string, string>[] all) => _all = all;

    public static Pairs Empty { get; } = new([]);

    public int Count => _all.Length;

    public IEnumerable<string> Keys => _all.Select(pair => pair.Key);

    public IEnumerable<string> Values => _all.Select(pair => pair.Value);

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no '{key}'.");

    /// <param name="pairs">Each key once.</param>
    /// <param name="words">Shared texts.</param>
    public static Pairs Of(IReadOnlyDictionary<string, string>? pairs, Words words)
    {
        if (pairs is null or { Count: 0 })
        {
            return Empty;
        }

        var all = new KeyValuePair<string, string>[pairs.Count];
        var i = 0;
        foreach (var (key, value) in pairs)
        {
            all[i++] = KeyValuePair.Create(words.Of(key), words.Of(value));
        }

        return new Pairs(all);
    }

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        foreach (var pair in _all)
        {
            if (pair.Key == key)
            {
                value = pair.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)_all).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
