using System.Text.Json;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// One entity in the index, with the edges that start at it as its relations. In memory it is the JSON that is on disk, without the
/// relations: as objects it would be dozens, each of which the collector must look at. It is read when somebody asks for it.
/// </summary>
internal sealed class Node : EntityHead
{
    private const int ManyEdges = 64;

    private readonly Unpacked _unpacked;
    private byte[]? _json;
    private Entity? _entity;
    private Completed? _completed;

    /// <summary>A new one, or the new state of one.</summary>
    public Node(Entity entity, Unpacked unpacked)
        : base(entity)
    {
        (Key, _unpacked, _entity) = (Ref.ToString(), unpacked, entity);
    }

    /// <summary>One as it is stored.</summary>
    public Node(in Outline outline, byte[] json, Unpacked unpacked)
        : base(outline.Ref, outline.Uid, outline.Revision, outline.Generation, outline.IsBeingDeleted, outline.Relations)
    {
        (Key, _unpacked, _json) = (Ref.ToString(), unpacked, Packed(json, outline.RelationsAt));
    }

    /// <summary>Only a place in the order, for searching.</summary>
    private Node(string key)
        : base(default, "", 0, 0, false, [])
    {
        (Key, _unpacked) = (key, null!);
    }

    public static IComparer<Node> ByKey { get; } = Comparer<Node>.Create((a, b) => string.CompareOrdinal(a.Key, b.Key));

    public static IComparer<Node> ByRevision { get; } = Comparer<Node>.Create((a, b) => a.Revision.CompareTo(b.Revision));

    public string Key { get; }

    /// <summary>The same instance for as long as it is read now and then.</summary>
    public Entity Entity => Volatile.Read(ref _entity) ?? Unpack();

    /// <summary>As it is stored, in UTF-8; made anew.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(Entity, AxleJson.Default.Entity);

    public static Node Probe(string key) => new(key);

    /// <summary>From now on the JSON is what is kept; call it when that is on disk.</summary>
    /// <param name="json">As <see cref="ToJson"/>.</param>
    public void Pack(byte[] json)
    {
        _json ??= Packed(json, Outline.RelationsIn(json));
        if (Unpacked.MayKeep(_json))
        {
            _unpacked.Keep(this);
        }
        else
        {
            Forget();
        }
    }

    /// <summary>Keeps the JSON only.</summary>
    public void Forget() => Volatile.Write(ref _entity, null);

    /// <summary>
    /// The entity with the edges that end at it turned round. As long as the set of those edges is the same object many readers
    /// share one instance. Only one with many edges is kept when nobody reads it: those of a large catalogue would fill the memory.
    /// </summary>
    public Entity Complete(EdgeSet? incoming, RelationTypes types)
    {
        if (incoming is null)
        {
            return Entity;
        }

        if (_completed is { } kept && ReferenceEquals(kept.Incoming, incoming) && kept.Weak.TryGetTarget(out var known))
        {
            return known;
        }

        var entity = Entity with { Relations = BothWays(incoming, types) };
        _completed = new Completed(incoming, new WeakReference<Entity>(entity), incoming.Count < ManyEdges ? null : entity);
        return entity;
    }

    /// <summary>As <see cref="Entity"/>, without being kept for the next one who asks.</summary>
    public Entity Read() => Volatile.Read(ref _entity) ?? EntityReader.Read(_json!, this, _unpacked.Words);

    /// <summary>As <see cref="Complete"/>, without being kept.</summary>
    public Entity ReadComplete(EdgeSet? incoming, RelationTypes types) =>
        incoming is null ? Read() : Read() with { Relations = BothWays(incoming, types) };

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

    private static byte[] Packed(byte[] json, (int Start, int End) relations)
    {
        // With the comma behind them, or the one before when nothing follows.
        var (start, end) = relations;
        (start, end) = end == 0 ? (0, 0) : json[end] == ',' ? (start, end + 1) : (start - 1, end);
        var packed = new byte[json.Length - (end - start)];
        json.AsSpan(0, start).CopyTo(packed);
        json.AsSpan(end).CopyTo(packed.AsSpan(start));
        return packed;
    }

    private Relation[] BothWays(EdgeSet incoming, RelationTypes types)
    {
        var all = new List<Relation>(Relations);
        foreach (var edge in incoming)
        {
            if (types.InverseOf(edge.Type) is { } inverse)
            {
                all.Add(new Relation(inverse, edge.TargetRef));
            }
        }

        return Sorted(all);
    }

    private Entity Unpack()
    {
        var read = EntityReader.Read(_json!, this, _unpacked.Words);
        if (!Unpacked.MayKeep(_json!))
        {
            return read;
        }

        var entity = Interlocked.CompareExchange(ref _entity, read, null) ?? read;
        _unpacked.Keep(this);
        return entity;
    }

    private sealed record Completed(EdgeSet Incoming, WeakReference<Entity> Weak, Entity? Kept);
}

/// <summary>By type, then by ref.</summary>
internal sealed class EdgeOrder : IComparer<Relation>
{
    public static EdgeOrder Instance { get; } = new();

    public int Compare(Relation x, Relation y) =>
        string.CompareOrdinal(x.Type, y.Type) is not 0 and var byType ? byType : x.TargetRef.CompareTo(y.TargetRef);
}
