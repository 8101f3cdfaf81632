using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// All entities at one revision. Immutable: readers keep a consistent view without locks, a write shares all but a
/// logarithmic part with the snapshot before, and an unfinished write is undone by forgetting it.
/// </summary>
internal sealed class Snapshot
{
    private readonly ImmutableSortedSet<Node> _byKey;
    private readonly ImmutableDictionary<string, ImmutableSortedSet<Node>> _byKindRecent;
    private readonly ImmutableDictionary<string, EdgeSet> _incoming;
    private readonly ImmutableDictionary<(string Path, string Value), ImmutableSortedSet<string>> _postings;

    private Snapshot(
        ImmutableSortedSet<Node> byKey,
        ImmutableDictionary<string, ImmutableSortedSet<Node>> byKindRecent,
        ImmutableDictionary<string, EdgeSet> incoming,
        ImmutableDictionary<(string Path, string Value), ImmutableSortedSet<string>> postings,
        RelationTypes types) =>
        (_byKey, _byKindRecent, _incoming, _postings, Types) = (byKey, byKindRecent, incoming, postings, types);

    public RelationTypes Types { get; }

    /// <summary>Every entity, by key; the entities of one kind, or of one namespace of a kind, are one range.</summary>
    public ImmutableSortedSet<Node> ByKey => _byKey;

    /// <summary>Kinds that have entities, in lower case.</summary>
    public IEnumerable<string> Kinds => _byKindRecent.Keys;

    /// <summary>Builds all at once: faster than adding one by one.</summary>
    public static Snapshot Of(IReadOnlyCollection<Loaded> all, RelationTypes types)
    {
        var (byKey, recent) = (ImmutableSortedSet<Node>.Empty, ImmutableDictionary<string, ImmutableSortedSet<Node>>.Empty);
        var incoming = ImmutableDictionary<string, EdgeSet>.Empty;
        var postings = ImmutableDictionary<(string Path, string Value), ImmutableSortedSet<string>>.Empty;
        Parallel.Invoke(
            () => incoming = Incoming(all),
            () => byKey = ImmutableSortedSet.CreateRange(Node.ByKey, all.Select(one => one.Node)),
            () => postings = Sets(all.SelectMany(one => one.Postings, (one, posting) => (posting, one.Node.Key)), StringComparer.Ordinal),
            () => recent = Sets(all.Select(one => (one.Node.Ref.Kind, one.Node)), Node.ByRevision));
        return new Snapshot(byKey, recent, incoming, postings, types);
    }

    public Node? Find(EntityRef which) => Find(which.ToString());

    public Node? Find(string key) => _byKey.TryGetValue(Node.Probe(key), out var found) ? found : null;

    public Entity Complete(Node node) => node.Complete(_incoming.GetValueOrDefault(node.Key), Types);

    /// <summary>As <see cref="Complete"/>, without being kept for the next one who asks.</summary>
    public Entity Read(Node node) => node.ReadComplete(_incoming.GetValueOrDefault(node.Key), Types);

    /// <summary>The edges that end at an entity, each with its source as the target; empty when there are none.</summary>
    public EdgeSet Incoming(string key) => _incoming.GetValueOrDefault(key) ?? EdgeSet.Empty;

    /// <summary>A kind's entities, oldest change first.</summary>
    public ImmutableSortedSet<Node> Recent(string kind) =>
        _byKindRecent.GetValueOrDefault(kind) ?? ImmutableSortedSet<Node>.Empty.WithComparer(Node.ByRevision);

    /// <summary>Keys of the entities that have a value at an indexed path; both in lower case.</summary>
    public ImmutableSortedSet<string> Having(string path, string value) =>
        _postings.GetValueOrDefault((path, value)) ?? ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);

    /// <summary>The place of a key, or where it would be.</summary>
    public int PlaceOf(string key) => _byKey.IndexOf(Node.Probe(key)) is var place && place >= 0 ? place : ~place;

    /// <summary>This with other entities, and with these sets in place of those of the same keys; an empty one goes.</summary>
    public Snapshot With(
        ImmutableSortedSet<Node> byKey,
        IEnumerable<KeyValuePair<string, ImmutableSortedSet<Node>>> recent,
        IEnumerable<KeyValuePair<string, EdgeSet>> incoming,
        IEnumerable<KeyValuePair<(string Path, string Value), ImmutableSortedSet<string>>> postings) =>
        new(byKey, Changed(_byKindRecent, recent, set => set.Count), Changed(_incoming, incoming, set => set.Count), Changed(_postings, postings, set => set.Count), Types);

    /// <summary>By target. Afterwards the edges of all have the same instance of each target's ref, since most of it is their memory.</summary>
    private static ImmutableDictionary<string, EdgeSet> Incoming(IReadOnlyCollection<Loaded> all)
    {
        // 1. A place for each target, and how many edges end there.
        var places = new Dictionary<string, int>(all.Count, StringComparer.Ordinal);
        var (targets, counts) = (new List<EntityRef>(all.Count), new List<int>(all.Count));
        int PlaceOf(EntityRef target)
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, target.ToString(), out var isKnown);
            if (!isKnown)
            {
                place = targets.Count;
                targets.Add(target);
                counts.Add(0);
            }

            return place;
        }

        foreach (var one in all)
        {
            PlaceOf(one.Node.Ref);
        }

        foreach (var one in all)
        {
            foreach (ref var edge in one.Edges.AsSpan())
            {
                var place = PlaceOf(edge.TargetRef);
                edge = new Relation(edge.Type, targets[place]);
                CollectionsMarshal.AsSpan(counts)[place]++;
            }
        }

        // 2. The edges of each, turned round.
        var edges = counts.ConvertAll(count => new Relation[count]);
        foreach (var one in all)
        {
            foreach (var edge in one.Edges)
            {
                var place = places[edge.TargetRef.ToString()];
                edges[place][--CollectionsMarshal.AsSpan(counts)[place]] = new Relation(edge.Type, one.Node.Ref);
            }
        }

        return edges.Index().Where(one => one.Item.Length > 0).ToImmutableDictionary(one => targets[one.Index].ToString(), one => EdgeSet.Of(one.Item));
    }

    private static ImmutableDictionary<TKey, ImmutableSortedSet<T>> Sets<TKey, T>(IEnumerable<(TKey Key, T Member)> members, IComparer<T> order)
        where TKey : notnull =>
        members.GroupBy(one => one.Key, one => one.Member).ToImmutableDictionary(group => group.Key, group => ImmutableSortedSet.CreateRange(order, group));

    private static ImmutableDictionary<TKey, TSet> Changed<TKey, TSet>(ImmutableDictionary<TKey, TSet> all, IEnumerable<KeyValuePair<TKey, TSet>> sets, Func<TSet, int> countOf)
        where TKey : notnull
    {
        var changed = all.ToBuilder();
        foreach (var (key, set) in sets)
        {
            if (countOf(set) == 0)
            {
                changed.Remove(key);
            }
            else
            {
                changed[key] = set;
            }
        }

        return changed.ToImmutable();
    }
}

/// <summary>An entity as it was found in the database.</summary>
/// <param name="Edges">Its <see cref="EntityHead.Relations"/>.</param>
/// <param name="Postings">As <see cref="Paths.Indexed"/>.</param>
internal readonly record struct Loaded(Node Node, Relation[] Edges, IEnumerable<(string Path, string Value)> Postings);
