using System.Runtime.InteropServices;
using System.Text;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// The different values of one path, each with a number. Values that differ only in case are different values (facets list
/// them apart) and are found together. Number 0 is "there, without a value".
/// </summary>
/// <remarks>
/// A hash table of its own: most values of a large catalogue are unique (names, addresses), and a dictionary costs several times
/// what is kept here for each.
/// </remarks>
internal sealed class ColumnValues
{
    public const int Nothing = 0;
    private const int BucketsMin = 4;

    private readonly List<Entry> _entries = [new Entry(null, null)];
    private readonly Stack<int> _free = [];

    private readonly ValueRanks _ranks;

    // The first value with each hash of its lower-case form; entries lead to the next one.
    private int[] _buckets = new int[BucketsMin];
    private int _count;
    private int _last;

    public ColumnValues() => _ranks = new ValueRanks(this);

    /// <summary>Numbers are below this.</summary>
    public int Numbers => _entries.Count;

    public string? Text(int number) => _entries[number].Text;

    /// <summary>In lower case.</summary>
    public string? Lower(int number) => _entries[number].Lower;

    /// <summary>Whether the number stands for a value.</summary>
    public bool IsTaken(int number) => _entries[number].Text is not null;

    public bool SameButForCase(int one, int other) => _entries[one].Hash == _entries[other].Hash && Lower(one) == Lower(other);

    /// <summary>The order of the values as they are now.</summary>
    public Ranks Ranks() => _ranks.Now();

    /// <summary>The number of exactly this value, when somebody has it.</summary>
    public int? NumberOf(string text)
    {
        var hash = HashOf(text);
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var number = First(hash); number != Nothing; number = entries[number].Next)
        {
            if (entries[number].Hash == hash && entries[number].Text == text)
            {
                return number;
            }
        }

        return null;
    }

    /// <summary>How many rows hold it.</summary>
    public int Uses(int number) => _entries[number].Uses;

    /// <summary>The value's number; a new one when nobody has it yet.</summary>
    public int Take(string? text)
    {
        var number = text is null ? Nothing : IsLast(text) ? _last : NumberOf(text) ?? Add(text);
        CollectionsMarshal.AsSpan(_entries)[number].Uses++;
        return _last = number;
    }

    /// <summary>One row holds it no more.</summary>
    public void Release(int number)
    {
        var entries = CollectionsMarshal.AsSpan(_entries);
        if (--entries[number].Uses > 0 || number == Nothing)
        {
            return;
        }

        ref var link = ref First(entries[number].Hash);
        while (link != number)
        {
            link = ref entries[link].Next;
        }

        link = entries[number].Next;
        entries[number] = new Entry(null, null);
        _free.Push(number);
        _ranks.Changed(number);
        _count--;
    }

    /// <summary>Numbers of the values that are one of these without regard to case.</summary>
    /// <param name="lower">In lower case.</param>
    public List<int> Equal(IReadOnlyList<string> lower)
    {
        var found = new List<int>();
        foreach (var value in lower)
        {
            var hash = HashOf(value);
            for (var number = First(hash); number != Nothing; number = _entries[number].Next)
            {
                if (_entries[number].Hash == hash && _entries[number].IsLower(value))
                {
                    found.Add(number);
                }
            }
        }

        return found;
    }

    /// <summary>Numbers of the values that begin with this in lower case.</summary>
    public List<int> Beginning(string lower) => Where(entry => entry.Begins(lower));

    /// <summary>Numbers of the values that have this in lower case in them.</summary>
    public List<int> Having(string lower)
    {
        var grams = GramsOf(lower);
        return Where(entry => (entry.Grams & grams) == grams && entry.Has(lower));
    }

    /// <summary>Gives back what was taken in advance for more values.</summary>
    public void Trim() => _entries.TrimExcess();

    /// <summary>Many neighbours have the same kind, namespace or file, and the store gives them the same instance of it.</summary>
    private bool IsLast(string text) => _last < _entries.Count && ReferenceEquals(_entries[_last].Text, text);

    private List<int> Where(Func<Entry, bool> passes)
    {
        var found = new List<int>();
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var number = 1; number < entries.Length; number++)
        {
            if (entries[number].Text is not null && passes(entries[number]))
            {
                found.Add(number);
            }
        }

        return found;
    }

    private int Add(string text)
    {
        if (++_count > _buckets.Length)
        {
            Grow();
        }

        if (!_free.TryPop(out var number))
        {
            number = _entries.Count;
            _entries.Add(default);
        }

        var (folded, hash) = (Ascii.IsValid(text) ? null : text.ToLowerInvariant(), HashOf(text));
        ref var first = ref First(hash);
        _entries[number] = new Entry(text, folded) { Hash = hash, Next = first, Grams = GramsOf(folded ?? text) };
        first = number;
        _ranks.Changed(number);
        return number;
    }

    private void Grow()
    {
        _buckets = new int[2 * _buckets.Length];
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var number = 1; number < entries.Length; number++)
        {
            if (entries[number].Text is not null)
            {
                ref var first = ref First(entries[number].Hash);
                entries[number].Next = first;
                first = number;
            }
        }
    }

    private ref int First(int hash) => ref _buckets[hash & (_buckets.Length - 1)];

    /// <summary>Equal for values that differ in case only.</summary>
    private static int HashOf(string text) => string.GetHashCode(Ascii.IsValid(text) ? text : text.ToLowerInvariant(), StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// A bit for each pair of neighbouring characters. A text with another in it has all of its bits, so most values are passed
    /// over without a look at their text.
    /// </summary>
    private static ulong GramsOf(string text)
    {
        var (grams, before) = (0UL, -1);
        foreach (var c in text)
        {
            var now = char.IsAsciiLetterUpper(c) ? c | 0x20 : c;
            if (before >= 0)
            {
                grams |= 1UL << (((before * 31) + now) & 63);
            }

            before = now;
        }

        return grams;
    }

    /// <param name="Text">As it is written; null for a number that is free.</param>
    /// <param name="Folded">In lower case, where it is not plain ASCII. Most texts are, and are compared as they stand.</param>
    private record struct Entry(string? Text, string? Folded)
    {
        public int Uses;

        /// <summary>Of the text without regard to case.</summary>
        public int Hash;

        /// <summary>See <see cref="GramsOf"/>.</summary>
        public ulong Grams;

        /// <summary>The next value with the same hash.</summary>
        public int Next;

        public readonly string? Lower => Folded ?? Text?.ToLowerInvariant();

        public readonly bool IsLower(string lower) =>
            Folded is null ? Text!.Length == lower.Length && Ascii.EqualsIgnoreCase(Text, lower) : Folded == lower;

        public readonly bool Begins(string lower) =>
            Folded is null ? Text!.Length >= lower.Length && Ascii.EqualsIgnoreCase(Text.AsSpan(0, lower.Length), lower) : Folded.StartsWith(lower, StringComparison.Ordinal);

        public readonly bool Has(string lower) =>
            Folded is null ? Ascii.IsValid(lower) && Text!.Contains(lower, StringComparison.OrdinalIgnoreCase) : Folded.Contains(lower, StringComparison.Ordinal);
    }
}
