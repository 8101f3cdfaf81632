using System.Runtime.InteropServices;
using System.Text;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// The different values of one path, each with a number. Values that differ only in case are different values (facets list
/// them apart) and are found together. Number 0 is "there, without a value".
/// </summary>
/// <remarks>
/// A hash table of its own, over texts in UTF-8: most values of a large catalogue are unique (names, addresses), and a dictionary
/// of texts costs several times what is kept here for each.
/// </remarks>
internal sealed class ColumnValues
{
    public const int Nothing = 0;
    private const int BucketsMin = 4;

    private readonly List<Entry> _entries = [Entry.None];
    private readonly Stack<int> _free = [];
    private readonly ValueRanks _ranks;
    private TextHeap _texts = new();

    // The first value with each hash of its lower-case form; entries lead to the next one.
    private int[] _buckets = new int[BucketsMin];
    private int _count;
    private int _last;
    private string? _lastText;

    public ColumnValues() => _ranks = new ValueRanks(this);

    /// <summary>Numbers are below this.</summary>
    public int Numbers => _entries.Count;

    /// <summary>As it is written; null when the number stands for no value.</summary>
    public string? Text(int number) => IsTaken(number) ? Encoding.UTF8.GetString(Utf8(_entries[number])) : null;

    public string? Lower(int number)
    {
        if (!IsTaken(number))
        {
            return null;
        }

        return _entries[number].IsAscii
            ? string.Create(_entries[number].Length, Utf8(_entries[number]), (lower, text) => Ascii.ToLower(text, lower, out _))
            : Text(number)!.ToLowerInvariant();
    }

    /// <summary>Whether the number stands for a value.</summary>
    public bool IsTaken(int number) => _entries[number].Length >= 0;

    public bool SameButForCase(int one, int other) =>
        _entries[one].Hash == _entries[other].Hash
        && (_entries[one].IsAscii && _entries[other].IsAscii ? Ascii.EqualsIgnoreCase(Utf8(_entries[one]), Utf8(_entries[other])) : Lower(one) == Lower(other));

    /// <summary>The order of the values as they are now.</summary>
    public Ranks Ranks() => _ranks.Now();

    /// <summary>The number of exactly this value, when somebody has it.</summary>
    public int? NumberOf(string text)
    {
        var hash = HashOf(text);
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var number = First(hash); number != Nothing; number = entries[number].Next)
        {
            if (entries[number].Hash == hash && (entries[number].IsAscii ? Ascii.Equals(Utf8(entries[number]), text) : Text(number) == text))
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
        (_last, _lastText) = (number, text);
        return number;
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
        _texts.Free(entries[number].Length);
        entries[number] = Entry.None;
        _free.Push(number);
        _ranks.Changed(number);
        _count--;
        if (_last == number)
        {
            _lastText = null;
        }

        if (_texts.IsWasteful)
        {
            MoveTexts();
        }
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
                if (_entries[number].Hash == hash && IsLower(number, value))
                {
                    found.Add(number);
                }
            }
        }

        return found;
    }

    /// <summary>Numbers of the values that begin with this in lower case.</summary>
    public List<int> Beginning(string lower) => Where(
        GramsOf(lower),
        text => text.Length >= lower.Length && Ascii.EqualsIgnoreCase(text[..lower.Length], lower),
        text => text.StartsWith(lower, StringComparison.Ordinal));

    /// <summary>Numbers of the values that have this in lower case in them.</summary>
    public List<int> Having(string lower)
    {
        var bytes = Encoding.UTF8.GetBytes(lower);
        return Where(
            GramsOf(lower),
            Ascii.IsValid(bytes) ? text => Contains(text, bytes) : _ => false,
            text => text.Contains(lower, StringComparison.Ordinal));
    }

    /// <summary>Gives back what was taken in advance for more values.</summary>
    public void Trim()
    {
        _entries.TrimExcess();
        _texts.Trim();
    }

    /// <summary>Many neighbours have the same kind, namespace or file, and the store gives them the same instance of it.</summary>
    private bool IsLast(string text) => ReferenceEquals(_lastText, text);

    private bool IsLower(int number, string lower) => _entries[number].IsAscii ? Ascii.EqualsIgnoreCase(Utf8(_entries[number]), lower) : Lower(number) == lower;

    private ReadOnlySpan<byte> Utf8(in Entry entry) => _texts.At(entry.Start, entry.Length);

    /// <param name="grams">Those that a value has to have.</param>
    /// <param name="passes">For values of plain ASCII, as they are written.</param>
    /// <param name="passesLower">For others, in lower case.</param>
    private List<int> Where(ulong grams, Func<ReadOnlySpan<byte>, bool> passes, Func<string, bool> passesLower)
    {
        var found = new List<int>();
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var number = 1; number < entries.Length; number++)
        {
            ref readonly var entry = ref entries[number];
            if (entry.Length >= 0 && (entry.Grams & grams) == grams && (entry.IsAscii ? passes(Utf8(entry)) : passesLower(Lower(number)!)))
            {
                found.Add(number);
            }
        }

        return found;
    }

    private static bool Contains(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        if (lower.IsEmpty)
        {
            return true;
        }

        var upper = (byte)char.ToUpperInvariant((char)lower[0]);
        while (text.IndexOfAny(lower[0], upper) is >= 0 and var at && text.Length - at >= lower.Length)
        {
            if (Ascii.EqualsIgnoreCase(text.Slice(at, lower.Length), lower))
            {
                return true;
            }

            text = text[(at + 1)..];
        }

        return false;
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

        var (isAscii, hash, utf8) = (Ascii.IsValid(text), HashOf(text), Encoding.UTF8.GetBytes(text));
        ref var first = ref First(hash);
        _entries[number] = new Entry
        {
            Start = _texts.Add(utf8),
            Length = (short)utf8.Length,
            IsAscii = isAscii,
            Hash = hash,
            Next = first,
            Grams = GramsOf(isAscii ? text : text.ToLowerInvariant()),
        };
        first = number;
        _ranks.Changed(number);
        return number;
    }

    private void MoveTexts()
    {
        var texts = new TextHeap();
        foreach (ref var entry in CollectionsMarshal.AsSpan(_entries))
        {
            if (entry.Length >= 0)
            {
                entry.Start = texts.Add(Utf8(entry));
            }
        }

        _texts = texts;
    }

    private void Grow()
    {
        _buckets = new int[2 * _buckets.Length];
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var number = 1; number < entries.Length; number++)
        {
            if (entries[number].Length >= 0)
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

    private struct Entry
    {
        /// <summary>Of a number that is free, and of "nothing".</summary>
        public static Entry None => new() { Length = -1 };

        /// <summary>Where the text is.</summary>
        public int Start;

        /// <summary>Bytes of it; negative when there is none.</summary>
        public short Length;

        /// <summary>Most texts are, and are compared as they stand.</summary>
        public bool IsAscii;

        public int Uses;

        /// <summary>Of the text without regard to case.</summary>
        public int Hash;

        /// <summary>See <see cref="GramsOf"/>.</summary>
        public ulong Grams;

        /// <summary>The next value with the same hash.</summary>
        public int Next;
    }
}
