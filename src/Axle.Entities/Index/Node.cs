using System.Collections.Immutable;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>One entity in the index, with the edges that start at it as its relations.</summary>
internal sealed class Node
{
    private const int ManyEdges = 64;

    private Completed? _completed;

    public Node(Entity entity)
    {
        Entity = entity;
        Ref = entity.Ref;
        Key = Ref.ToString();
    }

    /// <summary>Only a place in the order, for searching.</summary>
    private Node(string key) => (Entity, Key) = (null!, key);

    public static IComparer<Node> ByKey { get; } = Comparer<Node>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key));

    public static IComparer<Node> ByRevision { get; } = Comparer<Node>.Create((a, b) => a.Revision.CompareTo(b.Revision));

    public Entity Entity { get; }

    public EntityRef Ref { get; }

    public string Key { get; }

    public long Revision => Entity.Metadata.Revision;

    public static Node Probe(string key) => new(key);

    /// <summary>
    /// The entity with the edges that end at it turned round. As long as the set of those edges is the same object many readers
    /// share one instance. Only one with many edges is kept when nobody reads it: those of a large catalogue would fill the memory.
    /// </summary>
    public Entity Complete(ImmutableSortedSet<Relation>? incoming, RelationTypes types)
    {
        if (incoming is null)
        {
            return Entity;
        }

        if (_completed is { } kept && ReferenceEquals(kept.Incoming, incoming) && kept.Weak.TryGetTarget(out var known))
        {
            return known;
        }

        var all = new List<Relation>(Entity.Relations);
        foreach (var edge in incoming)
        {
            if (types.InverseOf(edge.Type) is { } inverse)
            {
                all.Add(new Relation(inverse, edge.TargetRef));
            }
        }

        var entity = Entity with { Relations = Sorted(all) };
        _completed = new Completed(incoming, new WeakReference<Entity>(entity), incoming.Count < ManyEdges ? null : entity);
        return entity;
    }

    /// <summary>By type, then by ref, each once.</summary>
    public static Relation[] Sorted(IEnumerable<Relation> relations)
    {
        var all = relations.ToArray();
        Array.Sort(all, EdgeOrder.Instance);
        for (var i = 1; i < all.Length; i++)
        {
            if (all[i] == all[i - 1])
            {
                return all.Distinct().ToArray();
            }
        }

        return all;
    }

    private sealed record Completed(ImmutableSortedSet<Relation> Incoming, WeakReference<Entity> Weak, Entity? Kept);
}

/// <summary>By type, then by ref.</summary>
internal sealed class EdgeOrder : IComparer<Relation>
{
    public static EdgeOrder Instance { get; } = new();

    public int Compare(Relation x, Relation y) =>
        string.CompareOrdinal(x.Type, y.Type) is not 0 and var byType ? byType : x.TargetRef.CompareTo(y.TargetRef);
}
