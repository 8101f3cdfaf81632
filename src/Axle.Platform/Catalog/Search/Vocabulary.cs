using System.Buffers;
using System.Runtime.InteropServices;

namespace Axle.Platform.Catalog.Search;

/// <summary>How a word of the vocabulary answers a word that was asked for.</summary>
internal enum Likeness
{
    Same,
    Begins,
    Inside,
    OneMistake,
    TwoMistakes,
}

/// <summary>
/// All words that entities are found by, each with the entities that have it. Pairs of neighbouring letters lead to the words
/// that can match, so that neither a beginning nor a mistyped word needs a look at all of them.
/// </summary>
internal sealed class Vocabulary
{
    private const char Start = '\u0001';
    private const char End = '\u0002';

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<int>> _havingPair = [];
    private readonly List<Entry> _entries = [];
    private readonly Stack<int> _free = [];

    /// <summary>How many words there are.</summary>
    public int Count => _numbers.Count;

    /// <summary>Entities that have a word, each with the fields it stands in.</summary>
    public ReadOnlySpan<uint> PostingsOf(int number) => CollectionsMarshal.AsSpan(_entries[number].Postings);

    /// <summary>Writes down that an entity has a word, and where; takes the place of what was known of the two.</summary>
    /// <returns>The word's number.</returns>
    public int Put(string word, int slot, byte fields)
    {
        if (!_numbers.TryGetValue(word, out var number))
        {
            number = Add(word);
        }

        var postings = _entries[number].Postings;
        var place = PlaceOf(postings, slot);
        var posting = ((uint)slot << 8) | fields;
        if (place < postings.Count && postings[place] >> 8 == slot)
        {
            postings[place] = posting;
        }
        else
        {
            postings.Insert(place, posting);
        }

        return number;
    }

    /// <summary>An entity has a word no more.</summary>
    public void Remove(int number, int slot)
    {
        var (word, postings) = _entries[number];
        postings.RemoveAt(PlaceOf(postings, slot));
        if (postings.Count > 0)
        {
            return;
        }

        _numbers.Remove(word);
        foreach (var pair in Pairs(word))
        {
            var having = _havingPair[pair];
            var at = CollectionsMarshal.AsSpan(having).IndexOf(number);
            having[at] = having[^1];
            having.RemoveAt(having.Count - 1);
            if (having.Count == 0)
            {
                _havingPair.Remove(pair);
            }
        }

        _entries[number] = default;
        _free.Push(number);
    }

    /// <summary>Words that are it, begin with it or have it inside.</summary>
    public void Matching(string word, List<(int Number, Likeness Likeness)> found)
    {
        var pairs = Pairs(word);
        pairs.Remove(Pair(word[^1], End));
        var inside = word.Length >= InsideFrom;
        if (inside)
        {
            pairs.Remove(Pair(Start, word[0]));
        }

        // The rarest pair leaves the fewest words to look at.
        List<int>? fewest = null;
        foreach (var pair in pairs)
        {
            if (!_havingPair.TryGetValue(pair, out var having))
            {
                return;
            }

            fewest = fewest is null || having.Count < fewest.Count ? having : fewest;
        }

        foreach (var number in fewest ?? [])
        {
            var place = _entries[number].Word.IndexOf(word, StringComparison.Ordinal);
            if (place == 0)
            {
                found.Add((number, _entries[number].Word.Length == word.Length ? Likeness.Same : Likeness.Begins));
            }
            else if (place > 0 && inside)
            {
                found.Add((number, Likeness.Inside));
            }
        }
    }

    /// <summary>Words that may have been meant by a mistyped one, without those that <see cref="Matching"/> finds.</summary>
    public void Near(string word, List<(int Number, Likeness Likeness)> found)
    {
        var allowed = Typo.Allowed(word);
        if (allowed == 0)
        {
            return;
        }

        // A mistake spoils three pairs at most, so what was meant shares the others. The end does not count: only the
        // beginning of a word may have been typed.
        var pairs = Pairs(word);
        pairs.Remove(Pair(word[^1], End));
        var shared = pairs.Count - (3 * allowed);
        if (shared < 1)
        {
            foreach (var (_, number) in _numbers)
            {
                AddIfNear(word, number, found);
            }

            return;
        }

        var counts = ArrayPool<byte>.Shared.Rent(_entries.Count);
        Array.Clear(counts, 0, _entries.Count);
        foreach (var pair in pairs)
        {
            if (_havingPair.TryGetValue(pair, out var having))
            {
                foreach (var number in CollectionsMarshal.AsSpan(having))
                {
                    if (++counts[number] == shared)
                    {
                        AddIfNear(word, number, found);
                    }
                }
            }
        }

        ArrayPool<byte>.Shared.Return(counts);
    }

    /// <summary>From this length on a word is also looked for inside of others.</summary>
    public const int InsideFrom = 3;

    private void AddIfNear(string word, int number, List<(int Number, Likeness Likeness)> found)
    {
        var meant = _entries[number].Word;
        if (Typo.Between(word, meant) is { } mistakes and > 0 && !meant.Contains(word, StringComparison.Ordinal))
        {
            found.Add((number, mistakes == 1 ? Likeness.OneMistake : Likeness.TwoMistakes));
        }
    }

    private int Add(string word)
    {
        if (!_free.TryPop(out var number))
        {
            number = _entries.Count;
            _entries.Add(default);
        }

        _entries[number] = new Entry(word, new List<uint>(1));
        _numbers[word] = number;
        foreach (var pair in Pairs(word))
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_havingPair, pair, out _) ??= []).Add(number);
        }

        return number;
    }

    private static HashSet<int> Pairs(string word)
    {
        var pairs = new HashSet<int>(word.Length + 1);
        var before = Start;
        foreach (var letter in word)
        {
            pairs.Add(Pair(before, letter));
            before = letter;
        }

        pairs.Add(Pair(before, End));
        return pairs;
    }

    private static int Pair(char first, char second) => (first << 16) | second;

    /// <summary>How many postings are of smaller slots.</summary>
    private static int PlaceOf(List<uint> postings, int slot)
    {
        var (low, high) = (0, postings.Count);

        // Most are new, and go to the end.
        if (high == 0 || postings[high - 1] >> 8 < slot)
        {
            return high;
        }

        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = postings[middle] >> 8 < slot ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private readonly record struct Entry(string Word, List<uint> Postings);
}
