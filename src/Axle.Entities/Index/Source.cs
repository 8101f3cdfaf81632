using System.Collections.Immutable;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>Candidates for a query: how many, and in order from any place on without reading those before.</summary>
internal abstract class Source
{
    public abstract int Count { get; }

    /// <summary>By key, behind this one.</summary>
    public abstract IEnumerable<Node> From(string? afterKey);

    /// <summary>Newest change first, before this revision.</summary>
    public virtual IEnumerable<Node> Newest(long? before) =>
        From(null).Where(node => before is null || node.Revision < before).OrderByDescending(node => node.Revision);
}

/// <summary>Ranges of the order by key: kinds, or a namespace in each; null is everything.</summary>
internal sealed class RangeSource : Source
{
    private readonly Snapshot _all;
    private readonly string[]? _kinds;
    private readonly string? _space;
    private readonly (int Start, int End)[] _ranges;

    public RangeSource(Snapshot all, IReadOnlyList<string>? kinds, string? space)
    {
        _all = all;
        _kinds = kinds?.ToArray();
        _space = space;

        // The character after the last one of a prefix gives the end of its range.
        _ranges = kinds is null
            ? [(0, all.ByKey.Count)]
            : [.. kinds
                .Select(kind => space is null
                    ? (Start: all.PlaceOf(kind + ":"), End: all.PlaceOf(kind + ";"))
                    : (Start: all.PlaceOf($"{kind}:{space}/"), End: all.PlaceOf($"{kind}:{space}0")))
                .OrderBy(range => range.Start)];
        Count = _ranges.Sum(range => range.End - range.Start);
    }

    public override int Count { get; }

    public override IEnumerable<Node> From(string? afterKey)
    {
        var first = afterKey is null ? 0 : _all.PlaceOf(afterKey + "\0");
        foreach (var (start, end) in _ranges)
        {
            for (var i = Math.Max(start, first); i < end; i++)
            {
                yield return _all.ByKey[i];
            }
        }
    }

    public override IEnumerable<Node> Newest(long? before)
    {
        if (_space is not null)
        {
            foreach (var node in base.Newest(before))
            {
                yield return node;
            }

            yield break;
        }

        // Each kind is in order already; a heap of their heads merges them.
        var heads = new PriorityQueue<(ImmutableSortedSet<Node> Nodes, int Place), long>();
        foreach (var kind in _kinds ?? [.. _all.Kinds])
        {
            var nodes = _all.Recent(kind);
            Push(nodes, (before is { } revision ? Below(nodes, revision) : nodes.Count) - 1);
        }

        while (heads.TryDequeue(out var head, out _))
        {
            yield return head.Nodes[head.Place];
            Push(head.Nodes, head.Place - 1);
        }

        void Push(ImmutableSortedSet<Node> nodes, int place)
        {
            if (place >= 0)
            {
                heads.Enqueue((nodes, place), -nodes[place].Revision);
            }
        }
    }

    /// <summary>How many are older than a revision.</summary>
    private static int Below(ImmutableSortedSet<Node> nodes, long revision)
    {
        var (low, high) = (0, nodes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = nodes[middle].Revision < revision ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}

/// <summary>Entities that declare one relation to one target.</summary>
internal sealed class EdgeSource : Source
{
    private readonly Snapshot _all;
    private readonly string _type;
    private readonly EdgeSet _edges;
    private readonly int _start;
    private readonly int _end;

    public EdgeSource(Snapshot all, Relation related)
    {
        (_all, _type, _edges) = (all, related.Type, all.Incoming(related.TargetRef.ToString()));
        _start = PlaceOf(_type, default);
        _end = PlaceOf(_type + "\0", default);
    }

    public override int Count => _end - _start;

    public bool Has(Node node) => _edges.Contains(new Relation(_type, node.Ref));

    public IEnumerable<string> Keys()
    {
        for (var i = _start; i < _end; i++)
        {
            yield return _edges[i].TargetRef.ToString();
        }
    }

    public override IEnumerable<Node> From(string? afterKey)
    {
        var first = EntityRef.TryParse(afterKey, null, out var after) ? PlaceOf(_type, after) : _start;
        for (var i = Math.Max(first, _start); i < _end; i++)
        {
            // A source of an edge is always in the same snapshot.
            var node = _all.Find(_edges[i].TargetRef)!;
            if (afterKey is null || string.CompareOrdinal(node.Key, afterKey) > 0)
            {
                yield return node;
            }
        }
    }

    private int PlaceOf(string type, EntityRef which) => _edges.IndexOf(new Relation(type, which)) is var place && place >= 0 ? place : ~place;
}

/// <summary>Keys in order.</summary>
internal sealed class KeySource(Snapshot all, IReadOnlyList<string> keys) : Source
{
    public override int Count => keys.Count;

    public override IEnumerable<Node> From(string? afterKey)
    {
        var (low, high) = (0, afterKey is null ? 0 : keys.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(keys[middle], afterKey) <= 0 ? (middle + 1, high) : (low, middle);
        }

        for (var i = low; i < keys.Count; i++)
        {
            yield return all.Find(keys[i])!;
        }
    }
}
