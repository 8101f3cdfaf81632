using System.Runtime.InteropServices;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// Every value of every entity, by path, in columns: filters are passes over columns, facets are counts of one. A changed
/// entity costs the work for its own values only. Many may ask at once; whoever changes something waits for them.
/// </summary>
/// <param name="inverseOf">A relation's name from its other end; null when it has none.</param>
internal sealed class CatalogIndex(Func<string, string?> inverseOf) : IDisposable
{
    private readonly ReaderWriterLockSlim _gate = new();
    private readonly Dictionary<string, Column> _columns = new(StringComparer.Ordinal);

    // Texts in lists, by the list's path. As columns of their own (path.text) there would be thousands, each with a row or two.
    private readonly Dictionary<string, Column> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _slotOf = new(StringComparer.Ordinal);
    private readonly List<Occupant> _occupants = [];
    private readonly Stack<int> _free = [];
    private readonly UidOrder _byUid = new();
    private readonly List<Column> _relationColumns = [];

    // Worked with by whoever changes the index, and kept, since it is the same for every entity.
    private readonly SearchRows _searchRows = new();
    private readonly HashSet<(string Type, string Target)> _before = [];
    private readonly HashSet<(string Type, string Target)> _after = [];
    private readonly HashSet<Column> _now = [];
    private readonly List<string?> _values = [];

    // New values at the other ends of relations, by the relation's type; empty except while entities are put.
    private readonly Dictionary<string, HashSet<(int Slot, string Value)>> _related = new(StringComparer.Ordinal);
    private Bits _live = new(1024);

    public int Count => _slotOf.Count;

    public void Dispose() => _gate.Dispose();

    /// <summary>Takes entities in, or their new state; relations are complete, with those that others declare.</summary>
    public void Put(IEnumerable<Entity> entities)
    {
        _gate.EnterWriteLock();
        try
        {
            try
            {
                foreach (var entity in entities)
                {
                    Put(entity);
                }
            }
            finally
            {
                SettleRelated();
            }
        }
        finally
        {
            _byUid.Settle();
            _gate.ExitWriteLock();
        }
    }

    /// <summary>Takes an entity out.</summary>
    /// <param name="stays">Whether an entity goes on declaring a relation to the one that is gone: which, type.</param>
    public void Remove(EntityRef which, Func<string, string, bool> stays)
    {
        _gate.EnterWriteLock();
        try
        {
            var key = which.ToString();
            if (!_slotOf.Remove(key, out var slot))
            {
                return;
            }

            foreach (var (type, target) in RelationsOf(slot))
            {
                if (inverseOf(type) is { } inverse && !stays(target, inverse))
                {
                    Unrelate(target, inverse, key);
                }
            }

            _now.Clear();
            Clear(slot, except: _now);
            _byUid.Remove(_occupants[slot].Uid);
            _live.Clear(slot);
            _occupants[slot] = default;
            _free.Push(slot);
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    /// <summary>Takes in all that there are, in place of what was there.</summary>
    /// <param name="all">As they are at one moment, so that each relation is there from both of its ends already.</param>
    public void Fill(IEnumerable<Entity> all)
    {
        _gate.EnterWriteLock();
        try
        {
            Clear();
            foreach (var entity in all)
            {
                SetValues(Occupy(entity.Ref.ToString(), entity.Metadata.Uid!), entity);
            }

            // Growing took room in advance.
            foreach (var column in _columns.Values.Concat(_items.Values))
            {
                column.Trim();
            }
        }
        finally
        {
            _byUid.Settle();
            _gate.ExitWriteLock();
        }
    }

    public IndexPage Find(IndexQuery query) => Read(() =>
    {
        var matches = Matches(query.Filter);
        return query.Order is { } order ? Ordered(query, order, matches) : ByUid(query, matches);
    });

    /// <summary>All that match, by several values, one after the other; those that miss one are behind those that have it.</summary>
    public IReadOnlyList<string> Sorted(EntityFilter? filter, IReadOnlyList<EntityOrder> orders) => Read(() =>
    {
        var sorted = Matches(filter).Members().OrderBy(_ => 0);
        foreach (var order in orders)
        {
            var column = At(order.Path);
            string? Value(int slot) => column?.OrderOf(slot);
            sorted = sorted.ThenBy(slot => Value(slot) is null);
            sorted = order.Descending ? sorted.ThenByDescending(Value, StringComparer.Ordinal) : sorted.ThenBy(Value, StringComparer.Ordinal);
        }

        return sorted.ThenBy(slot => _occupants[slot].Uid, StringComparer.Ordinal).Select(slot => _occupants[slot].Key).ToArray();
    });

    /// <summary>Those of these refs that match.</summary>
    public HashSet<string> Matching(IReadOnlyList<string> refs, EntityFilter filter) => Read(() =>
    {
        var matches = Matches(filter);
        return refs.Where(one => _slotOf.TryGetValue(one, out var slot) && matches[slot]).ToHashSet();
    });

    /// <summary>The ref of the entity with a uid, or null.</summary>
    public string? WithUid(string uid) => Read(() =>
    {
        var place = _byUid.PlaceOf(uid);
        return place < _byUid.Count && _byUid[place].Uid == uid ? _occupants[_byUid[place].Slot].Key : null;
    });

    /// <summary>How many of those that match have each value at a path, sorted by value.</summary>
    public IReadOnlyList<IReadOnlyList<(string Value, int Count)>> Facets(IReadOnlyList<string> paths, EntityFilter? filter) => Read(() =>
    {
        var among = filter is null ? null : Matches(filter);
        return paths
            .Select(path => At(path) is { } column ? column.Counts(among).OrderBy(one => one.Value, StringComparer.Ordinal).ToArray() : [])
            .ToArray();
    });

    private T Read<T>(Func<T> read)
    {
        _gate.EnterReadLock();
        try
        {
            return read();
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    private void Put(Entity entity)
    {
        var (key, uid) = (entity.Ref.ToString(), entity.Metadata.Uid!);
        var isNew = !_slotOf.TryGetValue(key, out var slot);
        if (isNew)
        {
            slot = Occupy(key, uid);
        }
        else if (_occupants[slot].Uid is var former && former != uid)
        {
            // It went and came again.
            _byUid.Remove(former);
            _byUid.Add(uid, slot);
        }

        // 1. One that was not there has only to be told to its neighbours.
        if (isNew)
        {
            SetValues(slot, entity);
            foreach (var edge in entity.Relations)
            {
                if (inverseOf(edge.Type) is { } inverse)
                {
                    Relate(edge.TargetRef.ToString(), inverse, key);
                }
            }

            return;
        }

        // 2. The relations as they were, and as they are.
        _before.Clear();
        _before.UnionWith(RelationsOf(slot));
        _after.Clear();
        foreach (var edge in entity.Relations)
        {
            _after.Add((edge.Type, edge.TargetRef.ToString()));
        }

        // 3. The values at each path; nothing is left at paths that it has no more.
        SetValues(slot, entity);
        Clear(slot, except: _now);

        // 4. The other ends of what is new and of what is gone: no neighbour is read again for it.
        foreach (var (type, target) in _before)
        {
            if (!_after.Contains((type, target)) && inverseOf(type) is { } inverse)
            {
                Unrelate(target, inverse, key);
            }
        }

        foreach (var (type, target) in _after)
        {
            if (!_before.Contains((type, target)) && inverseOf(type) is { } inverse)
            {
                Relate(target, inverse, key);
            }
        }
    }

    /// <summary>The columns are in <see cref="_now"/> afterwards.</summary>
    private void SetValues(int slot, Entity entity)
    {
        _now.Clear();
        var rows = _searchRows.Of(entity);
        for (var (start, end) = (0, 0); start < rows.Count; start = end)
        {
            _values.Clear();
            for (end = start; end < rows.Count && rows[end].Path == rows[start].Path && rows[end].IsItem == rows[start].IsItem; end++)
            {
                _values.Add(rows[end].Value);
            }

            var column = rows[start].IsItem ? ItemsAt(rows[start].Path) : ColumnAt(rows[start].Path, entity);
            column.Set(slot, CollectionsMarshal.AsSpan(_values));
            _now.Add(column);
        }
    }

    private void Clear()
    {
        _columns.Clear();
        _items.Clear();
        _relationColumns.Clear();
        _slotOf.Clear();
        _occupants.Clear();
        _free.Clear();
        _byUid.Clear();
        _live = new Bits(1024);
    }

    private int Occupy(string key, string uid)
    {
        if (!_free.TryPop(out var slot))
        {
            slot = _occupants.Count;
            _occupants.Add(default);
            if (slot >= _live.Room)
            {
                _live = _live.Copy(2 * _live.Room);
            }
        }

        _occupants[slot] = new Occupant(key, uid);
        _slotOf[key] = slot;
        _byUid.Add(uid, slot);
        _live.Set(slot);
        return slot;
    }

    private void Relate(string from, string type, string to)
    {
        if (_slotOf.TryGetValue(from, out var slot))
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_related, type, out _) ??= []).Add((slot, to));
        }
    }

    private void SettleRelated()
    {
        foreach (var (type, values) in _related)
        {
            ColumnAt(SearchRows.PathOf(type), type).Add(values);
        }

        _related.Clear();
    }

    private void Unrelate(string from, string type, string to)
    {
        if (_slotOf.TryGetValue(from, out var slot) && _columns.TryGetValue(SearchRows.PathOf(type), out var column))
        {
            column.Remove(slot, to);
        }
    }

    /// <summary>A target that is too long to be found by is there without its value.</summary>
    private IEnumerable<(string Type, string Target)> RelationsOf(int slot) =>
        from column in _relationColumns
        from target in column.Of(slot)
        where target is not null
        select (column.RelationType!, target);

    private Column ColumnAt(string path, Entity entity) =>
        _columns.TryGetValue(path, out var known) ? known : ColumnAt(path, RelationTypeAt(path, entity));

    private static string? RelationTypeAt(string path, Entity entity) =>
        entity.Relations.Select(edge => edge.Type).FirstOrDefault(type => SearchRows.PathOf(type) == path);

    private Column ItemsAt(string path) => CollectionsMarshal.GetValueRefOrAddDefault(_items, path, out _) ??= new Column(path, null);

    private Column ColumnAt(string path, string? relationType)
    {
        ref var column = ref CollectionsMarshal.GetValueRefOrAddDefault(_columns, path, out var known);
        if (!known)
        {
            column = new Column(path, relationType);
            if (relationType is not null)
            {
                _relationColumns.Add(column);
            }
        }

        return column!;
    }

    /// <summary>
    /// Takes a slot's values out of all columns but these. Looking into each costs a search in it, for a change only; to know of
    /// every entity in which columns it is would cost more memory than its values.
    /// </summary>
    private void Clear(int slot, HashSet<Column> except)
    {
        foreach (var columns in (Dictionary<string, Column>[])[_columns, _items])
        {
            foreach (var column in columns.Values)
            {
                if (!except.Contains(column) && column.Has(slot))
                {
                    column.Set(slot, []);
                    if (column.IsEmpty)
                    {
                        // Allowed while going through the values.
                        columns.Remove(column.Path);
                        _relationColumns.Remove(column);
                    }
                }
            }
        }
    }

    /// <summary>The values at a path; for <c>path.text</c> <c>true</c> where the list at the path has that text.</summary>
    private Column? At(string path)
    {
        var known = _columns.GetValueOrDefault(path);
        Bits? having = null;
        for (var dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1))
        {
            if (_items.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(path.AsSpan(0, dot), out var items)
                && items.Values.Equal([path[(dot + 1)..]]) is { Count: > 0 } numbers)
            {
                items.AddHaving(numbers, having ??= new Bits(_live.Room));
            }
        }

        return having is null ? known : WithItems(path, known, having);
    }

    private Column WithItems(string path, Column? known, Bits having)
    {
        var all = having.Copy(_live.Room);
        known?.AddAll(all);
        var (column, values) = (new Column(path, null), new List<string?>());
        foreach (var slot in all.Members())
        {
            values.Clear();
            values.AddRange(known?.Of(slot) ?? []);
            if (having[slot] && !values.Contains("true", StringComparer.OrdinalIgnoreCase))
            {
                values.Add("true");
            }

            column.Set(slot, CollectionsMarshal.AsSpan(values));
        }

        return column;
    }

    private Bits Matches(EntityFilter? filter)
    {
        switch (filter)
        {
            case null:
                return _live;
            case EntityFilter.All all:
                return Together(all.Of, _live, (bits, other) => bits.And(other));
            case EntityFilter.Any any:
                return Together(any.Of, new Bits(_live.Room), (bits, other) => bits.Or(other));
            case EntityFilter.Not not:
                return Matches(not.Of).Except(_live);
            case EntityFilter.Exists exists:
                return Scan(exists.Path, (column, found) => column.AddAll(found));
            case EntityFilter.In one:
                return Scan(one.Path, (column, found) => column.AddHaving(column.Values.Equal(one.Values), found));
            case EntityFilter.HasPrefix prefix:
                return Scan(prefix.Path, (column, found) => column.AddHaving(column.Values.Beginning(prefix.Prefix), found));
            case EntityFilter.Contains contains:
                return Together([.. contains.Paths.Select(path => new Containing(path, contains.Text))], new Bits(_live.Room), (bits, other) => bits.Or(other));
            case Containing containing:
                return Scan(containing.Path, (column, found) => column.AddHaving(column.Values.Having(containing.Text), found));
            default:
                throw new ArgumentOutOfRangeException(nameof(filter), filter, "An unknown kind of filter.");
        }
    }

    private Bits Together(IReadOnlyList<EntityFilter> filters, Bits first, Action<Bits, Bits> join)
    {
        var joined = first.Copy(_live.Room);
        foreach (var filter in filters)
        {
            join(joined, Matches(filter));
        }

        return joined;
    }

    private Bits Scan(string path, Action<Column, Bits> scan)
    {
        var found = new Bits(_live.Room);
        if (At(path) is { } column)
        {
            scan(column, found);
        }

        return found;
    }

    private IndexPage ByUid(IndexQuery query, Bits matches)
    {
        var total = ReferenceEquals(matches, _live) ? Count : matches.Count;
        var step = query.Backwards ? -1 : 1;
        var place = (query.From, query.Backwards) switch
        {
            (null, false) => 0,
            (null, true) => _byUid.Count - 1,
            ({ } from, false) => _byUid.PlaceOf(from.Uid + "\0"),
            ({ } from, true) => _byUid.PlaceOf(from.Uid) - 1,
        };

        var (items, skip) = (new List<Found>(), query.Skip);
        for (; place >= 0 && place < _byUid.Count; place += step)
        {
            var (uid, slot) = _byUid[place];
            if (!matches[slot] || skip-- > 0)
            {
                continue;
            }

            if (items.Count == query.Limit)
            {
                return Page(query, items, total, true);
            }

            items.Add(new Found(_occupants[slot].Key, new OrderPlace(null, uid)));
        }

        return Page(query, items, total, false);
    }

    private IndexPage Ordered(IndexQuery query, EntityOrder order, Bits matches)
    {
        if (At(order.Path) is not { } column)
        {
            return new IndexPage([], 0, false);
        }

        // Keeps the best so many, the worst of them on top.
        var sign = order.Descending != query.Backwards ? -1 : 1;
        var wanted = (int)Math.Min(query.Limit + (long)query.Skip + 1, Array.MaxLength);
        var ranks = column.Values.Ranks();
        var begin = query.From is { } from ? ranks.Find(from.Value ?? "") : default;
        var best = new PriorityQueue<int, RankPlace>(Comparer<RankPlace>.Create((a, b) => -sign * a.CompareTo(b)));
        var total = 0;
        foreach (var (slot, rank) in column.Ranked(matches, ranks))
        {
            total++;
            var place = new RankPlace(rank, _occupants[slot].Uid);
            if (query.From is { } behind && sign * FromBegin(place, begin, behind.Uid) <= 0)
            {
                continue;
            }

            if (best.Count < wanted)
            {
                best.Enqueue(slot, place);
            }
            else
            {
                best.EnqueueDequeue(slot, place);
            }
        }

        var items = new List<Found>(best.Count);
        while (best.TryDequeue(out var slot, out var place))
        {
            items.Add(new Found(_occupants[slot].Key, new OrderPlace(ranks.ValueAt(place.Rank), place.Uid)));
        }

        items.Reverse();
        var more = items.Count == wanted;
        items = [.. items.Skip(query.Skip).Take(query.Limit)];
        return Page(query, items, total, more);
    }

    /// <summary>A page begins behind a value, which may be gone by now, and of its entities behind a uid.</summary>
    private static int FromBegin(RankPlace place, (int Rank, bool IsThere) begin, string uid) =>
        place.Rank != begin.Rank ? place.Rank.CompareTo(begin.Rank)
        : begin.IsThere ? string.CompareOrdinal(place.Uid, uid)
        : 1;

    private static IndexPage Page(IndexQuery query, List<Found> items, int total, bool more)
    {
        if (query.Backwards)
        {
            items.Reverse();
        }

        return new IndexPage(items, total, more);
    }

    private readonly record struct Occupant(string Key, string Uid);

    /// <summary>A place in the order while it is looked for: <see cref="OrderPlace"/> with the value's rank for the value.</summary>
    private readonly record struct RankPlace(int Rank, string Uid) : IComparable<RankPlace>
    {
        public int CompareTo(RankPlace other) =>
            Rank.CompareTo(other.Rank) is not 0 and var byRank ? byRank : string.CompareOrdinal(Uid, other.Uid);
    }

    /// <summary>One path of an <see cref="EntityFilter.Contains"/>.</summary>
    private sealed record Containing(string Path, string Text) : EntityFilter;
}
