using System.Text.Json;
using Axle.Contracts;
using Axle.Entities.Index;

namespace Axle.Entities.Store;

/// <summary>
/// Where the writes of one transaction are decided, one after the other, each seeing those before. Pure: nothing is written
/// until the store commits <see cref="Written"/>, and a refused write is undone with <see cref="Back"/>.
/// </summary>
internal sealed class Desk(Snapshot snapshot, long revision, DateTimeOffset now, Unpacked unpacked)
{
    private const int MessageMax = 2000;

    private readonly List<Written> _written = [];
    private long _revision = revision;
    private Draft _draft = new(snapshot);

    /// <summary>What is stored, with everything decided here so far.</summary>
    public Snapshot Snapshot => _draft.ToSnapshot();

    public IReadOnlyList<Written> Written => _written;

    public Mark Here() => new(Snapshot, _revision, _written.Count);

    public void Back(Mark mark)
    {
        (_draft, _revision) = (new Draft(mark.Snapshot), mark.Revision);
        _written.RemoveRange(mark.Written, _written.Count - mark.Written);
    }

    public Result<Node> Put(Wish wish, string actor, long? expected, string? message)
    {
        var before = _draft.Find(wish.Ref);
        if (Unexpected(wish.Ref, before, expected) is { } conflict)
        {
            return conflict;
        }

        if (before is null)
        {
            return Write("create", wish.Entity, wish.Entity.Metadata with { Uid = Ulid.New(now), CreatedAt = now, Generation = 1 }, actor, message);
        }

        var stored = before.Entity;
        if (before.IsBeingDeleted)
        {
            return new EntityBeingDeleted(wish.Ref);
        }

        if (wish.Equals(stored))
        {
            return before;
        }

        if (wish.Kind.Immutable && !Wish.SameJson(wish.Entity.Spec, stored.Spec))
        {
            return new EntityImmutable(wish.Ref);
        }

        return Write(
            "update",
            wish.Entity with { Status = stored.Status },
            wish.Entity.Metadata with { Uid = stored.Metadata.Uid, CreatedAt = stored.Metadata.CreatedAt, Generation = stored.Metadata.Generation + 1 },
            actor,
            message);
    }

    public Result<Node> PutStatus(EntityRef which, JsonElement status, string actor, long? expected)
    {
        var before = _draft.Find(which);
        if (Unexpected(which, before, expected) is { } conflict)
        {
            return conflict;
        }

        if (before is null)
        {
            return new EntityNotFound(which);
        }

        return Wish.SameJson(before.Entity.Status, status)
            ? before
            : Write("status", before.Entity with { Status = status }, before.Entity.Metadata, actor, null);
    }

    public Result<Node> Delete(EntityRef which, EntityKind? kind, string actor, bool force, long? expected)
    {
        var before = _draft.Find(which);
        if (Unexpected(which, before, expected) is { } conflict)
        {
            return conflict;
        }

        if (before is null)
        {
            return new EntityNotFound(which);
        }

        if (before.IsBeingDeleted)
        {
            return before;
        }

        if (!force && Dependents(before) is { Count: > 0 } dependents)
        {
            return new EntityDependedOn(which, dependents);
        }

        if (kind is not { Finalized: true })
        {
            return Gone(before, actor);
        }

        var metadata = before.Entity.Metadata;
        return Write("update", before.Entity, metadata with { DeletedAt = now, Generation = metadata.Generation + 1 }, actor, "delete requested");
    }

    public Result<Node?> Remove(EntityRef which, string actor) => _draft.Find(which) is { } before ? Gone(before, actor) : (Node?)null;

    private static EntityConflict? Unexpected(EntityRef which, Node? found, long? expected) =>
        expected is null || expected == (found?.Revision ?? 0) ? null : new EntityConflict(which, expected.Value, found?.Revision);

    /// <summary>Entities that stay and need this one, each with its edge's type.</summary>
    private List<Relation> Dependents(Node node) =>
        [.. _draft.Incoming(node.Key).Where(edge =>
            _draft.Types.HoldsTarget(edge.Type)
            && edge.TargetRef != node.Ref
            && _draft.Find(edge.TargetRef) is { IsBeingDeleted: false })];

    private Node Write(string verb, Entity entity, Metadata metadata, string actor, string? message)
    {
        var node = new Node(entity with { Metadata = metadata with { Revision = ++_revision, UpdatedAt = now } }, unpacked);
        _draft.Put(node);
        Log(verb, node, actor, message);
        return node;
    }

    private Node Gone(Node before, string actor)
    {
        _revision++;
        _draft.Remove(before);
        Log("delete", before, actor, null);
        return before;
    }

    private void Log(string verb, Node node, string actor, string? message) =>
        _written.Add(new Written(new Change(_revision, now, actor, verb, node.Ref, node.Entity, message?.Length > MessageMax ? message[..MessageMax] + "…" : message), node));

    /// <summary>A place to go back to.</summary>
    public readonly record struct Mark(Snapshot Snapshot, long Revision, int Written);
}

/// <summary>A change, and the entity that it is about: its new state, or its last one when it goes.</summary>
internal sealed record Written(Change Change, Node Node)
{
    /// <summary>What is written of the entity; set before that.</summary>
    public byte[] Json { get; set; } = [];
}
