namespace Axle.Platform.Catalog.Index;

/// <summary>
/// Slots sorted by the uid of what is in them. Uids begin with a time, so new ones go near the end; the first filling comes in
/// another order and is sorted once, by <see cref="Settle"/>.
/// </summary>
internal sealed class UidOrder
{
    private readonly List<(string Uid, int Slot)> _sorted = [];
    private bool _isSorted = true;

    public int Count => _sorted.Count;

    public (string Uid, int Slot) this[int place] => _sorted[place];

    /// <summary>Reading is only right after <see cref="Settle"/>.</summary>
    public void Add(string uid, int slot)
    {
        _isSorted &= _sorted.Count == 0 || string.CompareOrdinal(_sorted[^1].Uid, uid) < 0;
        _sorted.Add((uid, slot));
    }

    public void Remove(string uid)
    {
        Settle();
        _sorted.RemoveAt(PlaceOf(uid));
    }

    public void Settle()
    {
        if (!_isSorted)
        {
            _sorted.Sort(static (a, b) => string.CompareOrdinal(a.Uid, b.Uid));
            _isSorted = true;
        }
    }

    /// <summary>How many are smaller: where it is, or would be.</summary>
    public int PlaceOf(string uid)
    {
        var (low, high) = (0, _sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(_sorted[middle].Uid, uid) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
