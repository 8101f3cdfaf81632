using Axle.Contracts;

namespace Axle.Entities;

/// <summary>
/// The one place where state lives: entities and the log of their changes. Reads come from memory and never wait;
/// writes are durable when they return. Two implementations: SQLite and (scaling out) PostgreSQL.
/// </summary>
public interface IEntityStore
{
    /// <summary>The newest revision that reads reflect.</summary>
    long Revision { get; }

    /// <summary>The entity, or null. From memory.</summary>
    Entity? Find(EntityRef which);

    /// <summary>As <see cref="Find"/>, for passes over very many: it is not kept for the next one who asks.</summary>
    /// <param name="declared">With the relations that it declares itself only, which is less work.</param>
    Entity? Read(EntityRef which, bool declared = false);

    /// <summary>What is known of the entity without reading it, or null.</summary>
    EntityHead? FindHead(EntityRef which);

    /// <summary>The edges that others declare to an entity, each with its source as the target; empty when there are none.</summary>
    IReadOnlyList<Relation> EdgesTo(EntityRef which);

    /// <summary>What is stored when a put of this one would change nothing; null otherwise.</summary>
    EntityHead? FindSame(Entity entity);

    /// <summary>Entities that match, from memory; see <see cref="EntityQuery"/>.</summary>
    EntityPage Query(EntityQuery query);

    /// <summary>All that match, by ref, as they are now; limit, cursor and order are ignored.</summary>
    IEnumerable<EntityHead> Heads(EntityQuery query);

    /// <summary>
    /// All that match, as they are at one moment, in any order, read while they are asked for by the other processors; limit, cursor and
    /// order are ignored. For passes over very many: none of them is kept for the next one who asks.
    /// </summary>
    /// <param name="declared">With the relations that they declare themselves only, which is less work.</param>
    ParallelQuery<Entity> ReadAll(EntityQuery query, bool declared = false);

    /// <summary>
    /// Creates or replaces everything but the status. Equal content changes nothing and returns the entity as it is.
    /// </summary>
    /// <param name="entity">The wish; uid, revision, generation, times and relations are the store's own and ignored.</param>
    /// <param name="actor">A user's ref, or <c>system:name</c>.</param>
    /// <param name="expected">Refuses with <c>entities.conflict</c> (409) unless the entity is at this revision; 0 means it must not exist; null means whatever it is.</param>
    /// <param name="message">Why; kept in the history.</param>
    Task<Result<Entity>> PutAsync(Entity entity, string actor, long? expected = null, string? message = null, CancellationToken stop = default);

    /// <summary>Several puts in one transaction: all or none. The answers are in the order of the entities.</summary>
    Task<Result<IReadOnlyList<EntityHead>>> PutAllAsync(IReadOnlyList<Entity> entities, string actor, string? message = null, CancellationToken stop = default);

    /// <summary>Replaces the status. Equal content changes nothing. Generation stays.</summary>
    Task<Result<Entity>> PutStatusAsync(EntityRef which, object status, string actor, long? expected = null, CancellationToken stop = default);

    /// <summary>
    /// Asks for an entity to go. Kinds that are <see cref="EntityKind.Finalized"/> get <see cref="Metadata.DeletedAt"/>;
    /// others are gone at once. The refusal <c>entities.depended_on</c> names what points at it, unless forced.
    /// </summary>
    Task<Result<Entity>> DeleteAsync(EntityRef which, string actor, bool force = false, long? expected = null, CancellationToken stop = default);

    /// <summary>Takes an entity out for good, after clean-up.</summary>
    Task RemoveAsync(EntityRef which, string actor, CancellationToken stop = default);

    /// <summary>
    /// Every change after a revision, then new ones as they happen, in order, none left out. Ends with an exception only
    /// when the revision is older than the log.
    /// </summary>
    IAsyncEnumerable<Change> WatchAsync(long after, CancellationToken stop);

    /// <summary>An entity's changes, newest first; also of entities that are gone.</summary>
    Task<IReadOnlyList<Change>> HistoryAsync(EntityRef which, int limit = 100, CancellationToken stop = default);

    /// <summary>All changes before a revision (exclusive; null is now), newest first.</summary>
    /// <param name="includeStatus">False leaves out changes of status only.</param>
    Task<IReadOnlyList<Change>> LogAsync(long? before, int limit, bool includeStatus = false, CancellationToken stop = default);
}

/// <summary>Which entities, in which order. All given conditions must hold.</summary>
public sealed record EntityQuery
{
    /// <summary>Any of these kinds; empty is all.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    public string? Namespace { get; init; }

    /// <summary>Has this relation to this entity, for instance <c>ownedBy</c>.</summary>
    public IReadOnlyList<Relation> Related { get; init; } = [];

    /// <summary>Dotted paths and their values, without regard to case (<c>spec.type=service</c>); a null value means the path exists. Same path twice: any of them.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Where { get; init; } = [];

    /// <summary>Words that must all occur in name, title, description, tags or ref.</summary>
    public string? Text { get; init; }

    public string? Cursor { get; init; }

    /// <summary>1 to 1000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Reads everything, for reconcilers; the limit is ignored.</summary>
    public bool All { get; init; }

    /// <summary>Newest change first, instead of by ref.</summary>
    public bool NewestFirst { get; init; }
}

/// <summary>Typed reading and writing.</summary>
public static class TypedStore
{
    public static Entity<TSpec, TStatus>? Find<TSpec, TStatus>(this IEntityStore store, EntityKind<TSpec, TStatus> kind, EntityRef which)
        where TSpec : class
        where TStatus : class, new() =>
        store.Find(which) is { } found && which.Kind.Equals(kind.Name, StringComparison.OrdinalIgnoreCase) ? kind.Read(found) : null;

    /// <summary>All of a kind that match.</summary>
    public static IEnumerable<Entity<TSpec, TStatus>> All<TSpec, TStatus>(this IEntityStore store, EntityKind<TSpec, TStatus> kind, params Relation[] related)
        where TSpec : class
        where TStatus : class, new() =>
        store.Query(new EntityQuery { Kinds = [kind.Name], Related = related, All = true }).Items.Select(kind.Read);
}
