using Axle.Contracts;
using Axle.Entities;

namespace Axle.Tests.Templates.Tasks;

/// <summary>A store whose process dies at a certain write of a status: just before it, or just after.</summary>
internal sealed class DyingStore(IEntityStore real, int writes, bool before) : IEntityStore
{
    private int _left = writes;

    public long Revision => real.Revision;

    public Entity? Find(EntityRef which) => real.Find(which);

    public Entity? Read(EntityRef which, bool declared) => real.Read(which, declared);

    public EntityHead? FindHead(EntityRef which) => real.FindHead(which);

    public IReadOnlyList<Relation> EdgesTo(EntityRef which) => real.EdgesTo(which);

    public EntityHead? FindSame(Entity entity) => real.FindSame(entity);

    public IEnumerable<EntityHead> Heads(EntityQuery query) => real.Heads(query);

    public ParallelQuery<Entity> ReadAll(EntityQuery query, bool declared) => real.ReadAll(query, declared);

    public EntityPage Query(EntityQuery query) => real.Query(query);

    public Task<Result<Entity>> PutAsync(Entity entity, string actor, long? expected = null, string? message = null, CancellationToken stop = default) => real.PutAsync(entity, actor, expected, message, stop);

    public Task<Result<IReadOnlyList<EntityHead>>> PutAllAsync(IReadOnlyList<Entity> entities, string actor, string? message = null, CancellationToken stop = default) => real.PutAllAsync(entities, actor, message, stop);

    public async Task<Result<Entity>> PutStatusAsync(EntityRef which, object status, string actor, long? expected = null, CancellationToken stop = default)
    {
        var dies = --_left <= 0;
        if (dies && before)
        {
            throw new DiedException();
        }

        var put = await real.PutStatusAsync(which, status, actor, expected, stop);
        return dies ? throw new DiedException() : put;
    }

    public Task<Result<Entity>> DeleteAsync(EntityRef which, string actor, bool force = false, long? expected = null, CancellationToken stop = default) => real.DeleteAsync(which, actor, force, expected, stop);

    public Task RemoveAsync(EntityRef which, string actor, CancellationToken stop = default) => real.RemoveAsync(which, actor, stop);

    public IAsyncEnumerable<Change> WatchAsync(long after, CancellationToken stop) => real.WatchAsync(after, stop);

    public Task<IReadOnlyList<Change>> HistoryAsync(EntityRef which, int limit = 100, CancellationToken stop = default) => real.HistoryAsync(which, limit, stop);

    public Task<IReadOnlyList<Change>> LogAsync(long? before, int limit, bool includeStatus = false, CancellationToken stop = default) => real.LogAsync(before, limit, includeStatus, stop);
}

internal sealed class DiedException : Exception;
