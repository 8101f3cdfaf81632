using System.Collections.Immutable;
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
    private readonly ImmutableDictionary<string, ImmutableSortedSet<Relation>> _incoming;
    private readonly ImmutableDictionary<(string Path, string Value), ImmutableSortedSet<string>> _postings;

    private Snapshot(
        ImmutableSortedSet<Node> byKey,
        ImmutableDictionary<string, ImmutableSortedSet<Node>> byKindRecent,
        ImmutableDictionary<string, ImmutableSortedSet<Relation>> incoming,
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
        var incoming = ImmutableDictionary<string, ImmutableSortedSet<Relation>>.Empty;
        var postings = ImmutableDictionary<(string Path, string Value), ImmutableSortedSet<string>>.Empty;
        Parallel.Invoke(
            () => incoming = Sets(all.SelectMany(one => one.Node.Relations, (one, edge) => (edge.TargetRef.ToString(), new Relation(edge.Type, one.Node.Ref))), EdgeOrder.Instance),
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
    public ImmutableSortedSet<Relation> Incoming(string key) =>
        _incoming.GetValueOrDefault(key) ?? ImmutableSortedSet<Relation>.Empty.WithComparer(EdgeOrder.Instance);

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
        IEnumerable<KeyValuePair<string, ImmutableSortedSet<Relation>>> incoming,
        IEnumerable<KeyValuePair<(string Path, string Value), ImmutableSortedSet<string>>> postings) =>
        new(byKey, Changed(_byKindRecent, recent), Changed(_incoming, incoming), Changed(_postings, postings), Types);

    private static ImmutableDictionary<TKey, ImmutableSortedSet<T>> Sets<TKey, T>(IEnumerable<(TKey Key, T Member)> members, IComparer<T> order)
        where TKey : notnull =>
        members.GroupBy(one => one.Key, one => one.Member).ToImmutableDictionary(group => group.Key, group => ImmutableSortedSet.CreateRange(order, group));

    private static ImmutableDictionary<TKey, ImmutableSortedSet<T>> Changed<TKey, T>(ImmutableDictionary<TKey, ImmutableSortedSet<T>> all, IEnumerable<KeyValuePair<TKey, ImmutableSortedSet<T>>> sets)
        where TKey : notnull
    {
        var changed = all.ToBuilder();
        foreach (var (key, set) in sets)
        {
            if (set.IsEmpty)
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
/// <param name="Postings">As <see cref="Paths.Indexed"/>.</param>
internal readonly record struct Loaded(Node Node, IEnumerable<(string Path, string Value)> Postings);
