using System.Buffers;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Search;

/// <summary>How well something fits.</summary>
internal enum SearchMatch
{
    /// <summary>Some of the words only when a mistake is forgiven.</summary>
    Similar,

    /// <summary>It has all the words.</summary>
    Words,

    /// <summary>Its name or title begins with what was asked for.</summary>
    Prefix,

    /// <summary>That is its name or title.</summary>
    Name,
}

internal readonly record struct SearchFound(string Key, SearchMatch Match);

/// <param name="Best">The best of them, best first.</param>
/// <param name="Total">All that fit.</param>
internal sealed record SearchResult(IReadOnlyList<SearchFound> Best, int Total);

/// <summary>
/// Finds entities by words, the best first: those of that name, those whose name begins so, those that have the words, and
/// then those that have words like them. A changed entity costs the work for its own words only.
/// </summary>
internal sealed class SearchIndex : IDisposable
{
    /// <summary>Words of a question; what follows is not looked at.</summary>
    public const int WordsMax = 8;

    /// <summary>With fewer results than this, mistakes are forgiven.</summary>
    private const int EnoughWithoutMistakes = 5;

    // Scores are whole numbers: sums of fractions depend on the order of summing, and equals would come in any order.
    // This one is more than any word can bring by its place, so that one word more without a mistake always counts more.
    private const int WithoutMistake = 10_000;
    private const int SameName = 40_000;
    private const int SameTitle = 35_000;
    private const int NameBegins = 20_000;
    private const int TitleBegins = 18_000;

    private static readonly int[] s_byFields = [.. Enumerable.Range(0, 128).Select(fields => WeightOf((SearchFields)fields))];

    private readonly ReaderWriterLockSlim _gate = new();
    private readonly Vocabulary _vocabulary = new();
    private readonly Dictionary<string, int> _slotOf = new(StringComparer.Ordinal);
    private readonly List<Occupant> _occupants = [];
    private readonly Stack<int> _free = [];

    public int Count => _slotOf.Count;

    /// <summary>Different words of all entities.</summary>
    public int Words => _vocabulary.Count;

    public void Dispose() => _gate.Dispose();

    public void Put(IEnumerable<Entity> entities)
    {
        var words = new Dictionary<string, SearchFields>(StringComparer.Ordinal);
        foreach (var entity in entities)
        {
            // Taking texts apart needs no lock; readers wait for the rest only.
            SearchDocument.Words(entity, words);
            _gate.EnterWriteLock();
            try
            {
                Put(entity, words);
            }
            finally
            {
                _gate.ExitWriteLock();
            }
        }
    }

    public void Remove(EntityRef which)
    {
        _gate.EnterWriteLock();
        try
        {
            if (_slotOf.Remove(which.ToString(), out var slot))
            {
                foreach (var number in _occupants[slot].Words)
                {
                    _vocabulary.Remove(number, slot);
                }

                _occupants[slot] = default;
                _free.Push(slot);
            }
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    /// <param name="kinds">In lower case; empty is all.</param>
    public SearchResult Find(string term, IReadOnlySet<string> kinds, int limit)
    {
        string[] words = [.. WordsOf(term)];
        if (words.Length == 0)
        {
            return new SearchResult([], 0);
        }

        _gate.EnterReadLock();
        try
        {
            var strict = Find(term, words, kinds, limit, forgive: false);
            return strict.Total >= EnoughWithoutMistakes || !words.Any(word => Typo.Allowed(word) > 0) ? strict : Find(term, words, kinds, limit, forgive: true);
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    /// <summary>The words that are looked for; all of them must fit.</summary>
    public static IEnumerable<string> WordsOf(string term)
    {
        var end = 0;
        return SearchWords.Of(term).Where(word =>
        {
            // Parts of a word in camel case are in the word already.
            var isNew = word.Start >= end;
            end = Math.Max(end, word.Start + word.Length);
            return isNew;
        }).Select(word => word.Word).Distinct().Take(WordsMax);
    }

    private void Put(Entity entity, Dictionary<string, SearchFields> words)
    {
        var key = entity.Ref.ToString();
        if (!_slotOf.TryGetValue(key, out var slot))
        {
            if (!_free.TryPop(out slot))
            {
                slot = _occupants.Count;
                _occupants.Add(default);
            }

            _slotOf[key] = slot;
            _occupants[slot] = new Occupant(key, "", "", null, []);
        }

        // 1. What is new, or stands elsewhere now.
        var before = _occupants[slot].Words;
        var after = new HashSet<int>(words.Count);
        foreach (var (word, fields) in words)
        {
            after.Add(_vocabulary.Put(word, slot, (byte)fields));
        }

        // 2. What is gone.
        foreach (var number in before.Where(number => !after.Contains(number)))
        {
            _vocabulary.Remove(number, slot);
        }

        var title = SearchDocument.Title(entity);
        _occupants[slot] = new Occupant(key, entity.Ref.Kind, entity.Ref.Name, title is null ? null : SearchWords.Fold(title), [.. after]);
    }

    private SearchResult Find(string term, string[] words, IReadOnlySet<string> kinds, int limit, bool forgive)
    {
        var (reached, sums, bests) = (ArrayPool<byte>.Shared.Rent(_occupants.Count), ArrayPool<int>.Shared.Rent(_occupants.Count), ArrayPool<int>.Shared.Rent(_occupants.Count));
        Array.Clear(reached, 0, _occupants.Count);
        var touched = new List<int>();
        var alike = new List<(int Number, Likeness Likeness)>();
        for (var at = 0; at < words.Length; at++)
        {
            alike.Clear();
            _vocabulary.Matching(words[at], alike);
            if (forgive)
            {
                _vocabulary.Near(words[at], alike);
            }

            foreach (var (number, likeness) in alike)
            {
                var (share, extra) = ShareOf(likeness);
                foreach (var posting in _vocabulary.PostingsOf(number))
                {
                    var slot = (int)(posting >> 8);
                    if (reached[slot] < at)
                    {
                        continue;
                    }

                    var value = extra + (share * s_byFields[posting & 127]);
                    if (reached[slot] == at)
                    {
                        reached[slot]++;
                        sums[slot] = (at == 0 ? 0 : sums[slot]) + value;
                        bests[slot] = value;
                        if (at == 0)
                        {
                            touched.Add(slot);
                        }
                    }
                    else if (value > bests[slot])
                    {
                        sums[slot] += value - bests[slot];
                        bests[slot] = value;
                    }
                }
            }
        }

        var result = Best(term, words, kinds, limit, touched, reached, sums);
        ArrayPool<byte>.Shared.Return(reached);
        ArrayPool<int>.Shared.Return(sums);
        ArrayPool<int>.Shared.Return(bests);
        return result;
    }

    private SearchResult Best(string term, string[] words, IReadOnlySet<string> kinds, int limit, List<int> touched, byte[] reached, int[] sums)
    {
        var folded = SearchWords.Fold(term.Trim());
        var best = new PriorityQueue<SearchFound, Rank>(limit + 1);
        var total = 0;
        foreach (var slot in touched)
        {
            var one = _occupants[slot];
            if (reached[slot] < words.Length || (kinds.Count > 0 && !kinds.Contains(one.Kind)))
            {
                continue;
            }

            total++;
            var match = sums[slot] < WithoutMistake * words.Length ? SearchMatch.Similar : SearchMatch.Words;
            var score = sums[slot] + ByKind(one.Kind);
            if (one.Name == folded)
            {
                (match, score) = (SearchMatch.Name, score + SameName);
            }
            else if (one.Title == folded)
            {
                (match, score) = (SearchMatch.Name, score + SameTitle);
            }
            else if (one.Name.StartsWith(folded, StringComparison.Ordinal))
            {
                (match, score) = (SearchMatch.Prefix, score + NameBegins);
            }
            else if (one.Title?.StartsWith(folded, StringComparison.Ordinal) == true)
            {
                (match, score) = (SearchMatch.Prefix, score + TitleBegins);
            }

            var found = new SearchFound(one.Key, match);
            var rank = new Rank(score, one.Name.Length, one.Key);
            if (best.Count < limit)
            {
                best.Enqueue(found, rank);
            }
            else if (limit > 0)
            {
                best.EnqueueDequeue(found, rank);
            }
        }

        var items = new SearchFound[best.Count];
        for (var at = items.Length - 1; at >= 0; at--)
        {
            items[at] = best.Dequeue();
        }

        return new SearchResult(items, total);
    }

    /// <summary>What a word brings of the weight of its fields, in hundredths, and what it brings besides.</summary>
    private static (int Share, int Extra) ShareOf(Likeness likeness) => likeness switch
    {
        Likeness.Same => (100, WithoutMistake),
        Likeness.Begins => (70, WithoutMistake),
        Likeness.Inside => (35, WithoutMistake),
        Likeness.OneMistake => (50, 0),
        _ => (25, 0),
    };

    /// <summary>By the most telling of the fields.</summary>
    private static int WeightOf(SearchFields fields) =>
        fields.HasFlag(SearchFields.Name) ? 10
        : fields.HasFlag(SearchFields.Title) ? 9
        : fields.HasFlag(SearchFields.Tags) ? 5
        : fields.HasFlag(SearchFields.Type) ? 4
        : fields.HasFlag(SearchFields.Owner) ? 3
        : fields.HasFlag(SearchFields.Kind) ? 2
        : 1;

    /// <summary>Of two that fit alike, people mean the service and not the file that describes it.</summary>
    private static int ByKind(string kind) => kind switch
    {
        "component" => 150,
        "system" or "api" or "resource" => 100,
        "location" => -300,
        _ => 50,
    };

    private readonly record struct Occupant(string Key, string Kind, string Name, string? Title, int[] Words);

    /// <summary>The least comes out of the queue first.</summary>
    private readonly record struct Rank(int Score, int Length, string Key) : IComparable<Rank>
    {
        public int CompareTo(Rank other) =>
            Score.CompareTo(other.Score) is not 0 and var byScore ? byScore
            : other.Length.CompareTo(Length) is not 0 and var byLength ? byLength
            : string.CompareOrdinal(other.Key, Key);
    }
}
