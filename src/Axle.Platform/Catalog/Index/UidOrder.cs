namespace Axle.Platform.Catalog.Index;

/// <summary>Slots sorted by the uid of what is in them. Uids begin with a time, so new ones go near the end.</summary>
internal sealed class UidOrder
{
    private readonly List<(string Uid, int Slot)> _sorted = [];

    public int Count => _sorted.Count;

    public (string Uid, int Slot) this[int place] => _sorted[place];

    public void Add(string uid, int slot) => _sorted.Insert(PlaceOf(uid), (uid, slot));

    public void Remove(string uid) => _sorted.RemoveAt(PlaceOf(uid));

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
