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
    public static Snapshot Of(IEnumerable<Node> nodes, RelationTypes types)
    {
        var byKey = ImmutableSortedSet.CreateRange(Node.ByKey, nodes);
        var incoming = byKey
            .SelectMany(node => node.Entity.Relations, (node, edge) => (edge.TargetRef, Edge: new Relation(edge.Type, node.Ref)))
            .GroupBy(found => found.TargetRef, found => found.Edge);
        var postings = byKey
            .SelectMany(node => Paths.Indexed(node.Entity), (node, posting) => (posting, node.Key))
            .GroupBy(found => found.posting, found => found.Key);
        return new Snapshot(
            byKey,
            byKey.GroupBy(node => node.Ref.Kind).ToImmutableDictionary(kind => kind.Key, kind => ImmutableSortedSet.CreateRange(Node.ByRevision, kind)),
            incoming.ToImmutableDictionary(group => group.Key.ToString(), group => ImmutableSortedSet.CreateRange(EdgeOrder.Instance, group)),
            postings.ToImmutableDictionary(group => group.Key, group => ImmutableSortedSet.CreateRange(StringComparer.Ordinal, group)),
            types);
    }

    public Node? Find(EntityRef which) => Find(which.ToString());

    public Node? Find(string key) => _byKey.TryGetValue(Node.Probe(key), out var found) ? found : null;

    public Entity Complete(Node node) => node.Complete(_incoming.GetValueOrDefault(node.Key), Types);

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

    public Snapshot With(Node node) => Replace(Find(node.Key), node);

    public Snapshot Without(Node node) => Replace(node, null);

    private Snapshot Replace(Node? before, Node? after)
    {
        var byKey = before is null ? _byKey : _byKey.Remove(before);
        byKey = after is null ? byKey : byKey.Add(after);

        var kind = (before ?? after)!.Ref.Kind;
        var recent = Recent(kind);
        recent = before is null ? recent : recent.Remove(before);
        recent = after is null ? recent : recent.Add(after);

        return new Snapshot(
            byKey,
            recent.IsEmpty ? _byKindRecent.Remove(kind) : _byKindRecent.SetItem(kind, recent),
            Edges(before, after),
            Postings(before, after),
            Types);
    }

    /// <summary>Only the edges that differ are touched, so that a change of status leaves the readers' instances of the neighbours alone.</summary>
    private ImmutableDictionary<string, ImmutableSortedSet<Relation>> Edges(Node? before, Node? after)
    {
        var (gone, added) = (before?.Entity.Relations ?? [], after?.Entity.Relations ?? []);
        var all = _incoming;
        foreach (var edge in gone.Except(added))
        {
            var target = edge.TargetRef.ToString();
            var rest = all[target].Remove(new Relation(edge.Type, before!.Ref));
            all = rest.IsEmpty ? all.Remove(target) : all.SetItem(target, rest);
        }

        foreach (var edge in added.Except(gone))
        {
            var target = edge.TargetRef.ToString();
            var set = all.GetValueOrDefault(target) ?? ImmutableSortedSet<Relation>.Empty.WithComparer(EdgeOrder.Instance);
            all = all.SetItem(target, set.Add(new Relation(edge.Type, after!.Ref)));
        }

        return all;
    }

    private ImmutableDictionary<(string Path, string Value), ImmutableSortedSet<string>> Postings(Node? before, Node? after)
    {
        (string, string)[] gone = before is null ? [] : [.. Paths.Indexed(before.Entity)];
        (string, string)[] added = after is null ? [] : [.. Paths.Indexed(after.Entity)];
        var all = _postings;
        foreach (var posting in gone.Except(added))
        {
            var rest = all[posting].Remove(before!.Key);
            all = rest.IsEmpty ? all.Remove(posting) : all.SetItem(posting, rest);
        }

        foreach (var posting in added.Except(gone))
        {
            var set = all.GetValueOrDefault(posting) ?? ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);
            all = all.SetItem(posting, set.Add(after!.Key));
        }

        return all;
    }
}
