using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Tests.Source;

/// <summary>The members that repositories use, in memory. The owner of a component is the relation of its <c>spec.owner</c>.</summary>
internal sealed class FakeEntityStore : IEntityStore
{
    private readonly ConcurrentDictionary<EntityRef, Entity> _entities = new();
    private readonly List<Channel<Change>> _watchers = [];
    private readonly Lock _lock = new();
    private long _revision;

    public long Revision => Interlocked.Read(ref _revision);

    public Entity? Find(EntityRef which) => _entities.GetValueOrDefault(which);

    public Entity? Read(EntityRef which, bool declared) => Find(which);

    public EntityHead? FindHead(EntityRef which) => Find(which) is { } found ? new EntityHead(found) : null;

    public IReadOnlyList<Relation> EdgesTo(EntityRef which) => throw new NotSupportedException();

    public EntityHead? FindSame(Entity entity) => null;

    public ParallelQuery<Entity> ReadAll(EntityQuery query, bool declared) => Query(query).Items.AsParallel();

    public IEnumerable<EntityHead> Heads(EntityQuery query) => Query(query).Items.Select(found => new EntityHead(found));

    public EntityPage Query(EntityQuery query)
    {
        var found = _entities.Values.Where(e => query.Kinds.Count == 0 || query.Kinds.Contains(e.Kind, StringComparer.OrdinalIgnoreCase)).OrderBy(e => e.Ref).ToList();
        return new EntityPage(found, null, found.Count);
    }

    public Task<Result<Entity>> PutAsync(Entity entity, string actor, long? expected = null, string? message = null, CancellationToken stop = default)
    {
        lock (_lock)
        {
            var before = Find(entity.Ref);
            if (expected is 0 && before is not null)
            {
                return Task.FromResult<Result<Entity>>(new Error("entities.conflict", $"{entity.Ref} exists.", null, 409));
            }

            var revision = Interlocked.Increment(ref _revision);
            var made = entity with
            {
                Metadata = entity.Metadata with { Revision = revision, CreatedAt = before?.Metadata.CreatedAt ?? DateTimeOffset.UnixEpoch.AddSeconds(revision) },
                Relations = entity.Spec.ValueKind == JsonValueKind.Object && entity.Spec.TryGetProperty("owner", out var owner)
                    ? [new Relation("ownedBy", EntityRef.TryParse(owner.GetString(), "group", EntityRef.DefaultNamespace, out var found) ? found : default)]
                    : [],
            };
            _entities[entity.Ref] = made;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(new Change(revision, DateTimeOffset.UnixEpoch, actor, before is null ? "create" : "update", made.Ref, made));
            }

            return Task.FromResult<Result<Entity>>(made);
        }
    }

    public async IAsyncEnumerable<Change> WatchAsync(long after, [EnumeratorCancellation] CancellationToken stop)
    {
        var mine = Channel.CreateUnbounded<Change>();
        lock (_lock)
        {
            _watchers.Add(mine);
        }

        await foreach (var change in mine.Reader.ReadAllAsync(stop))
        {
            yield return change;
        }
    }

    public async Task<Result<IReadOnlyList<EntityHead>>> PutAllAsync(IReadOnlyList<Entity> entities, string actor, string? message = null, CancellationToken stop = default)
    {
        var heads = new List<EntityHead>();
        foreach (var entity in entities)
        {
            heads.Add(new EntityHead((await PutAsync(entity, actor, message: message, stop: stop)).Value));
        }

        return heads;
    }

    public Task<Result<Entity>> PutStatusAsync(EntityRef which, object status, string actor, long? expected = null, CancellationToken stop = default) => throw new NotSupportedException();

    public Task<Result<Entity>> DeleteAsync(EntityRef which, string actor, bool force = false, long? expected = null, CancellationToken stop = default)
    {
        lock (_lock)
        {
            if (!_entities.TryRemove(which, out var before))
            {
                return Task.FromResult<Result<Entity>>(new Error("entities.unknown", $"There is no {which}.", null, 404));
            }

            var change = new Change(Interlocked.Increment(ref _revision), DateTimeOffset.UnixEpoch, actor, "delete", which, before);
            _watchers.ForEach(watcher => watcher.Writer.TryWrite(change));
            return Task.FromResult<Result<Entity>>(before);
        }
    }

    public Task RemoveAsync(EntityRef which, string actor, CancellationToken stop = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<Change>> HistoryAsync(EntityRef which, int limit = 100, CancellationToken stop = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<Change>> LogAsync(long? before, int limit, bool includeStatus = false, CancellationToken stop = default) => throw new NotSupportedException();
}
