using System.Runtime.InteropServices;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// Slots sorted by the uid of what is in them. New ones are put behind the others and join the order in <see cref="Settle"/>, all
/// in one pass.
/// </summary>
internal sealed class UidOrder
{
    private readonly List<(string Uid, int Slot)> _sorted = [];
    private int _settled;

    public int Count => _sorted.Count;

    public (string Uid, int Slot) this[int place] => _sorted[place];

    /// <summary>Reading is only right after <see cref="Settle"/>.</summary>
    public void Add(string uid, int slot) => _sorted.Add((uid, slot));

    public void Remove(string uid)
    {
        Settle();
        _sorted.RemoveAt(PlaceOf(uid));
        _settled--;
    }

    public void Clear()
    {
        _sorted.Clear();
        _settled = 0;
    }

    public void Settle()
    {
        if (_settled == _sorted.Count)
        {
            return;
        }

        // The new ones sorted, then merged from the end, where there is room.
        var added = CollectionsMarshal.AsSpan(_sorted)[_settled..].ToArray();
        Array.Sort(added, static (a, b) => string.CompareOrdinal(a.Uid, b.Uid));
        var all = CollectionsMarshal.AsSpan(_sorted);
        var (old, place) = (_settled - 1, all.Length - 1);
        for (var next = added.Length - 1; next >= 0; place--)
        {
            all[place] = old >= 0 && string.CompareOrdinal(all[old].Uid, added[next].Uid) > 0 ? all[old--] : added[next--];
        }

        _settled = _sorted.Count;
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
