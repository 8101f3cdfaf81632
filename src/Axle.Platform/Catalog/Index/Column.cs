using System.Runtime.InteropServices;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// All values at one path: pairs of slot and value, sorted by slot. Asking is one pass over the pairs; new slots come
/// at the end, so loading only appends.
/// </summary>
/// <param name="path">In lower case.</param>
/// <param name="relationType">As it is spelled, when the values are the targets of relations.</param>
internal sealed class Column(string path, string? relationType)
{
    private readonly List<int> _slots = [];
    private readonly List<int> _numbers = [];

    public string Path { get; } = path;

    public string? RelationType { get; } = relationType;

    public ColumnValues Values { get; } = new();

    public bool IsEmpty => _slots.Count == 0;

    /// <summary>Replaces what a slot has here.</summary>
    public void Set(int slot, ReadOnlySpan<string?> values)
    {
        var (start, end) = RangeOf(slot);

        if (start == _slots.Count)
        {
            // A new slot is at the end, which is how nearly all come.
            foreach (var value in values)
            {
                _slots.Add(slot);
                _numbers.Add(Values.Take(value));
            }

            return;
        }

        // New ones first: a value that stays is not given up in between.
        var numbers = new int[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            numbers[i] = Values.Take(values[i]);
        }

        foreach (var old in CollectionsMarshal.AsSpan(_numbers)[start..end])
        {
            Values.Release(old);
        }

        var both = Math.Min(end - start, numbers.Length);
        numbers.AsSpan(0, both).CopyTo(CollectionsMarshal.AsSpan(_numbers)[start..]);
        if (numbers.Length > both)
        {
            _slots.InsertRange(end, Enumerable.Repeat(slot, numbers.Length - both));
            _numbers.InsertRange(end, numbers[both..]);
        }
        else if (end - start > both)
        {
            _slots.RemoveRange(start + both, end - start - both);
            _numbers.RemoveRange(start + both, end - start - both);
        }
    }

    public void Trim()
    {
        _slots.TrimExcess();
        _numbers.TrimExcess();
        Values.Trim();
    }

    public bool Has(int slot) => RangeOf(slot) is var (start, end) && start < end;

    /// <summary>Adds each value to a slot that does not have it; in one pass, since each of them moves everything behind it.</summary>
    public void Add(IEnumerable<(int Slot, string Value)> values)
    {
        // 1. What is new, as it will stand.
        var added = new List<(int Slot, int Number)>();
        foreach (var (slot, value) in values)
        {
            var (start, end) = RangeOf(slot);
            if (PlaceOf(start, end, value) < 0)
            {
                added.Add((slot, Values.Take(value)));
            }
        }

        added.Sort();

        // 2. Put among what is there, from the end.
        var (from, to) = (_slots.Count - 1, _slots.Count + added.Count - 1);
        CollectionsMarshal.SetCount(_slots, to + 1);
        CollectionsMarshal.SetCount(_numbers, to + 1);
        var slots = CollectionsMarshal.AsSpan(_slots);
        var numbers = CollectionsMarshal.AsSpan(_numbers);
        for (var next = added.Count - 1; next >= 0; to--)
        {
            (slots[to], numbers[to]) = from >= 0 && slots[from] > added[next].Slot ? (slots[from], numbers[from--]) : added[next--];
        }
    }

    /// <summary>Takes a value from a slot, if it has it.</summary>
    public void Remove(int slot, string value)
    {
        var (start, end) = RangeOf(slot);
        if (PlaceOf(start, end, value) is >= 0 and var place)
        {
            Values.Release(_numbers[place]);
            _slots.RemoveAt(place);
            _numbers.RemoveAt(place);
        }
    }

    /// <summary>A slot's values, as written.</summary>
    public IEnumerable<string?> Of(int slot)
    {
        var (start, end) = RangeOf(slot);
        for (var i = start; i < end; i++)
        {
            yield return Values.Text(_numbers[i]);
        }
    }

    /// <summary>A slot's smallest value in lower case, by which it is put in order; null when it has none.</summary>
    public string? OrderOf(int slot)
    {
        var (start, end) = RangeOf(slot);
        string? least = null;
        for (var i = start; i < end; i++)
        {
            if (Values.Lower(_numbers[i]) is { } value && (least is null || string.CompareOrdinal(value, least) < 0))
            {
                least = value;
            }
        }

        return least;
    }

    /// <summary>Of these slots those that have a value, each with the rank of its smallest one.</summary>
    public IEnumerable<(int Slot, int Rank)> Ranked(Bits among, Ranks ranks)
    {
        for (var (start, end) = (0, 0); start < _slots.Count; start = end)
        {
            var slot = _slots[start];
            for (end = start + 1; end < _slots.Count && _slots[end] == slot;)
            {
                end++;
            }

            if (among[slot] && Least(start, end, ranks) is { } rank)
            {
                yield return (slot, rank);
            }
        }
    }

    /// <summary>Every slot that has something here.</summary>
    public void AddAll(Bits into)
    {
        foreach (var slot in CollectionsMarshal.AsSpan(_slots))
        {
            into.Set(slot);
        }
    }

    /// <summary>Every slot that has one of these values.</summary>
    public void AddHaving(List<int> numbers, Bits into)
    {
        if (numbers.Count == 0)
        {
            return;
        }

        var slots = CollectionsMarshal.AsSpan(_slots);
        var all = CollectionsMarshal.AsSpan(_numbers);
        if (numbers.Count == 1)
        {
            // The usual case: the vectorised search jumps from hit to hit.
            for (var (at, hit) = (0, 0); (hit = all[at..].IndexOf(numbers[0])) >= 0; at += hit + 1)
            {
                into.Set(slots[at + hit]);
            }

            return;
        }

        var wanted = new Bits(Values.Numbers);
        numbers.ForEach(wanted.Set);
        for (var i = 0; i < all.Length; i++)
        {
            if (wanted[all[i]])
            {
                into.Set(slots[i]);
            }
        }
    }

    /// <summary>How many slots have each value; of these slots only, when some are given. Without an order.</summary>
    public IEnumerable<(string Value, int Count)> Counts(Bits? among)
    {
        var counts = new int[Values.Numbers];
        if (among is not null)
        {
            var all = CollectionsMarshal.AsSpan(_numbers);
            var slots = CollectionsMarshal.AsSpan(_slots);
            for (var i = 0; i < all.Length; i++)
            {
                counts[all[i]] += among[slots[i]] ? 1 : 0;
            }
        }

        for (var number = 1; number < counts.Length; number++)
        {
            var count = among is null ? Values.Uses(number) : counts[number];
            if (count > 0)
            {
                yield return (Values.Text(number)!, count);
            }
        }
    }

    private int? Least(int start, int end, Ranks ranks)
    {
        int? least = null;
        for (var i = start; i < end; i++)
        {
            if (_numbers[i] != ColumnValues.Nothing && (least is not { } rank || ranks[_numbers[i]] < rank))
            {
                least = ranks[_numbers[i]];
            }
        }

        return least;
    }

    private int PlaceOf(int start, int end, string value) =>
        Values.NumberOf(value) is { } number && CollectionsMarshal.AsSpan(_numbers)[start..end].IndexOf(number) is >= 0 and var place ? start + place : -1;

    private (int Start, int End) RangeOf(int slot)
    {
        var slots = CollectionsMarshal.AsSpan(_slots);
        if (slots.Length == 0 || slots[^1] < slot)
        {
            return (slots.Length, slots.Length);
        }

        var start = Below(slots, slot);
        return (start, start + Below(slots[start..], slot + 1));
    }

    /// <summary>How many are smaller.</summary>
    private static int Below(ReadOnlySpan<int> sorted, int slot)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < slot ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
