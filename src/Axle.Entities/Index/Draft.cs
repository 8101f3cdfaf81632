using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// The next snapshot while it is being made. What one transaction changes is changed in place, so that thousands of entities
/// cost little more than their own places; <see cref="ToSnapshot"/> gives what is there so far and can be called any time.
/// For one writer.
/// </summary>
internal sealed class Draft
{
    private readonly ImmutableSortedSet<Node>.Builder _byKey;
    private readonly Dictionary<string, ImmutableSortedSet<Node>.Builder> _recent = [];
    private readonly Dictionary<string, EdgeSet.Builder> _incoming = [];
    private readonly Dictionary<(string Path, string Value), ImmutableSortedSet<string>.Builder> _postings = [];
    private readonly Snapshot _start;
    private Snapshot? _made;

    public Draft(Snapshot start) => (_start, _made, _byKey) = (start, start, start.ByKey.ToBuilder());

    public RelationTypes Types => _start.Types;

    public Node? Find(EntityRef which) => _byKey.TryGetValue(Node.Probe(which.ToString()), out var found) ? found : null;

    /// <summary>The edges that end at an entity, each with its source as the target.</summary>
    public EdgeSet Incoming(string key) => _incoming.TryGetValue(key, out var changed) ? changed.ToSet() : _start.Incoming(key);

    public void Put(Node node) => Replace(Find(node.Ref), node);

    public void Remove(Node node) => Replace(node, null);

    /// <summary>What is there now; the same object as long as nothing changes.</summary>
    public Snapshot ToSnapshot() => _made ??= _start.With(
        _byKey.ToImmutable(),
        _recent.Select(one => KeyValuePair.Create(one.Key, one.Value.ToImmutable())),
        _incoming.Select(one => KeyValuePair.Create(one.Key, one.Value.ToSet())),
        _postings.Select(one => KeyValuePair.Create(one.Key, one.Value.ToImmutable())));

    private void Replace(Node? before, Node? after)
    {
        _made = null;
        if (before is not null)
        {
            _byKey.Remove(before);
            Recent(before).Remove(before);
        }

        if (after is not null)
        {
            _byKey.Add(after);
            Recent(after).Add(after);
        }

        Edges(before, after);
        Postings(before, after);
    }

    /// <summary>Only the edges that differ are touched, so that a change of status leaves the readers' instances of the neighbours alone.</summary>
    private void Edges(Node? before, Node? after)
    {
        var (gone, added) = (before?.Relations ?? [], after?.Relations ?? []);
        if (ReferenceEquals(gone, added))
        {
            return;
        }

        foreach (var edge in before is null ? [] : gone.Except(added))
        {
            IncomingOf(edge.TargetRef.ToString()).Remove(new Relation(edge.Type, before!.Ref));
        }

        foreach (var edge in before is null ? added : added.Except(gone))
        {
            IncomingOf(edge.TargetRef.ToString()).Add(new Relation(edge.Type, after!.Ref));
        }
    }

    private void Postings(Node? before, Node? after)
    {
        (string, string)[] gone = before is null ? [] : [.. Paths.Indexed(before.Entity)];
        (string, string)[] added = after is null ? [] : [.. Paths.Indexed(after.Entity)];
        foreach (var posting in added.Length == 0 ? gone : gone.Except(added))
        {
            PostingsOf(posting).Remove(before!.Key);
        }

        foreach (var posting in gone.Length == 0 ? added : added.Except(gone))
        {
            PostingsOf(posting).Add(after!.Key);
        }
    }

    private ImmutableSortedSet<Node>.Builder Recent(Node node) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_recent, node.Ref.Kind, out _) ??= _start.Recent(node.Ref.Kind).ToBuilder();

    private EdgeSet.Builder IncomingOf(string target) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_incoming, target, out _) ??= _start.Incoming(target).ToBuilder();

    private ImmutableSortedSet<string>.Builder PostingsOf((string Path, string Value) posting) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_postings, posting, out _) ??= _start.Having(posting.Path, posting.Value).ToBuilder();
}
