namespace Axle.Platform.Catalog.Index;

/// <summary>
/// The order of a column's values in lower case, for putting entities in order by comparing numbers. Made when somebody asks for
/// it; what changed since is merged into what was there, so that it costs little to keep.
/// </summary>
internal sealed class ValueRanks(ColumnValues values)
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _changed = [];
    private Ranks? _made;

    /// <summary>A value came or went; for who changes the column, while nobody reads it.</summary>
    public void Changed(int number)
    {
        if (_made is not null)
        {
            _changed.Add(number);
        }
    }

    public Ranks Now()
    {
        lock (_gate)
        {
            if (_made is null || _changed.Count > 0)
            {
                _made = new Ranks(values, _made is null ? Sorted(Enumerable.Range(1, values.Numbers - 1)) : Merged(_made.Order));
                _changed.Clear();
            }

            return _made;
        }
    }

    private int[] Sorted(IEnumerable<int> numbers) =>
        [.. numbers.Where(values.IsTaken).OrderBy(number => values.Lower(number)!, StringComparer.Ordinal)];

    private int[] Merged(int[] before)
    {
        // A number may stand for another text by now, so what changed is taken out before anything is compared.
        var stays = Array.FindAll(before, number => !_changed.Contains(number));
        var added = Sorted(_changed);
        var merged = new int[stays.Length + added.Length];
        var from = 0;
        for (var i = 0; i < added.Length; i++)
        {
            var place = Ranks.PlaceOf(values, stays, values.Lower(added[i])!);
            stays.AsSpan(from, place - from).CopyTo(merged.AsSpan(from + i));
            merged[place + i] = added[i];
            from = place;
        }

        stays.AsSpan(from).CopyTo(merged.AsSpan(from + added.Length));
        return merged;
    }
}

/// <summary>Where each value stands in the order of all; values that differ in case only stand at the same place.</summary>
internal sealed class Ranks
{
    private readonly ColumnValues _values;
    private readonly int[] _rankOf;

    /// <param name="values">The values.</param>
    /// <param name="order">Their numbers, the smallest value first.</param>
    public Ranks(ColumnValues values, int[] order)
    {
        (_values, Order, _rankOf) = (values, order, new int[values.Numbers]);
        for (var i = 0; i < order.Length; i++)
        {
            _rankOf[order[i]] = i > 0 && values.SameButForCase(order[i], order[i - 1]) ? _rankOf[order[i - 1]] : i;
        }
    }

    public int[] Order { get; }

    public int this[int number] => _rankOf[number];

    public string ValueAt(int rank) => _values.Lower(Order[rank])!;

    /// <summary>The rank that a text in lower case has, or the one it would be put before.</summary>
    public (int Rank, bool IsThere) Find(string lower)
    {
        var place = PlaceOf(_values, Order, lower);
        return (place, place < Order.Length && ValueAt(place) == lower);
    }

    /// <summary>How many of these are smaller.</summary>
    public static int PlaceOf(ColumnValues values, int[] order, string lower)
    {
        var (low, high) = (0, order.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(values.Lower(order[middle]), lower) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
