using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Axle.Contracts;
using Axle.Entities.Index;
using Axle.Entities.Validation;
using Microsoft.Extensions.Logging;

namespace Axle.Entities.Store;

/// <summary>
/// The store on one SQLite file. Reads come from a snapshot in memory. Writes line up for one writer, which decides as many
/// as wait, commits them together, publishes the new snapshot and only then answers: a caller that has its answer, and a
/// watcher that has a change, always finds it in a read.
/// </summary>
internal sealed class SqliteEntityStore : IEntityStore, ILogAudit, IAsyncDisposable
{
    private const int ReadMax = 500;
    private const int PruneEvery = 1000;
    private const int PruneMax = 5000;
    private const int ManyAtOnce = 64;

    /// <summary>Whoever takes in what they read needs a processor too.</summary>
    private static readonly int s_readers = Math.Max(1, Environment.ProcessorCount - 1);


    private readonly SqliteDatabase _database;
    private readonly EntityKinds _kinds;
    private readonly TimeProvider _clock;
    private readonly EntityStoreOptions _options;
    private readonly ILogger _log;
    private readonly Unpacked _unpacked = new(new Words());
    private readonly RelationTypes _types;
    private readonly Tail _tail;
    private readonly Channel<Work> _queue;
    private readonly Task _writing;
    private Published _published;
    private int _statusRows;

    private SqliteEntityStore(SqliteDatabase database, EntityKinds kinds, RelationTypes types, TimeProvider clock, EntityStoreOptions options, ILogger log)
    {
        (_database, _kinds, _types, _clock, _options, _log) = (database, kinds, types, clock, options, log);
        _published = new Published(Load(), database.Head.Revision);
        _tail = new Tail(options.TailMax);
        _tail.Begin(_published.Revision);
        _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(options.QueueMax) { SingleReader = true });
        _writing = Task.Run(WriteAsync);
    }

    public long Revision => Volatile.Read(ref _published).Revision;

    internal SqliteDatabase Database => _database;

    private Snapshot Now => Volatile.Read(ref _published).Snapshot;

    /// <exception cref="StoreException">The file cannot be used.</exception>
    public static SqliteEntityStore Open(string file, EntityKinds kinds, RelationTypes types, TimeProvider clock, EntityStoreOptions options, ILogger log)
    {
        var database = SqliteDatabase.Open(file);
        try
        {
            var began = clock.GetTimestamp();
            var store = new SqliteEntityStore(database, kinds, types, clock, options, log);
            log.LogInformation(
                "Opened {File}: {Entities} entities at revision {Revision} in {Milliseconds:F0} ms",
                file, store.Now.ByKey.Count, store.Revision, clock.GetElapsedTime(began).TotalMilliseconds);
            return store;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public Entity? Find(EntityRef which)
    {
        var now = Now;
        return now.Find(which) is { } node ? now.Complete(node) : null;
    }

    public Entity? Read(EntityRef which, bool declared)
    {
        var now = Now;
        return now.Find(which) is not { } node ? null : declared ? node.Read() : now.Read(node);
    }

    public EntityHead? FindHead(EntityRef which) => Now.Find(which);

    public IReadOnlyList<Relation> EdgesTo(EntityRef which) => Now.Incoming(which.ToString());

    public EntityHead? FindSame(Entity entity)
    {
        // What is not there need not be understood: of a new catalogue that is all of it.
        return Now.Find(entity.Ref) is { IsBeingDeleted: false } node
            && Wish.Of(entity, _kinds, _unpacked.Words).TryGet(out var wish, out _)
            && wish.Equals(node.Entity)
                ? node
                : null;
    }

    public EntityPage Query(EntityQuery query) => Search.Run(Now, query);

    public IEnumerable<EntityHead> Heads(EntityQuery query) => Search.Nodes(Now, query);

    public ParallelQuery<Entity> ReadAll(EntityQuery query, bool declared)
    {
        var now = Now;
        return Search.Nodes(now, query).AsParallel().WithDegreeOfParallelism(s_readers).Select(node => declared ? node.Read() : now.Read(node));
    }

    public async Task<Result<Entity>> PutAsync(Entity entity, string actor, long? expected = null, string? message = null, CancellationToken stop = default) =>
        Wish.Of(entity, _kinds, _unpacked.Words).TryGet(out var wish, out var refusal)
            ? await WriteOneAsync(desk => desk.Put(wish, actor, expected, message), stop)
            : refusal;

    public async Task<Result<IReadOnlyList<EntityHead>>> PutAllAsync(IReadOnlyList<Entity> entities, string actor, string? message = null, CancellationToken stop = default)
    {
        // 1. Everything wrong in any of them, in one answer.
        var wishes = new Result<Wish>[entities.Count];
        Each(entities.Count, i => wishes[i] = Wish.Of(entities[i], _kinds, _unpacked.Words));
        var refusals = wishes.Select(wish => wish.Error).OfType<Error>().ToList();
        if (refusals.Count > 0)
        {
            return refusals.Count == 1 ? refusals[0] : refusals[0] with { Problems = [.. refusals.SelectMany(refusal => refusal.Problems)] };
        }

        // 2. All or none: the writer undoes the whole when one is refused.
        return await WriteAsync<IReadOnlyList<EntityHead>>(
            desk =>
            {
                var nodes = new List<Node>(wishes.Length);
                foreach (var wish in wishes)
                {
                    if (!desk.Put(wish.Value, actor, null, message).TryGet(out var node, out var refusal))
                    {
                        return refusal;
                    }

                    nodes.Add(node);
                }

                return new Decision<IReadOnlyList<EntityHead>>(_ => nodes);
            },
            stop);
    }

    public async Task<Result<Entity>> PutStatusAsync(EntityRef which, object status, string actor, long? expected = null, CancellationToken stop = default)
    {
        var json = JsonSerializer.SerializeToElement(status, EntityJson.Options);
        return EnvelopeRules.CheckStatus(json) is { Count: > 0 } problems
            ? new EntityInvalid($"The status of {which}", problems)
            : await WriteOneAsync(desk => desk.PutStatus(which, json, actor, expected), stop);
    }

    public Task<Result<Entity>> DeleteAsync(EntityRef which, string actor, bool force = false, long? expected = null, CancellationToken stop = default) =>
        WriteOneAsync(desk => desk.Delete(which, _kinds.Find(which.Kind), actor, force, expected), stop);

    public Task RemoveAsync(EntityRef which, string actor, CancellationToken stop = default) =>
        WriteAsync<bool>(
            desk =>
            {
                desk.Remove(which, actor);
                return new Decision<bool>(_ => true);
            },
            stop);

    public async IAsyncEnumerable<Change> WatchAsync(long after, [EnumeratorCancellation] CancellationToken stop)
    {
        var pruned = _database.PrunedThrough;
        if (after < pruned || after > Revision)
        {
            throw new RevisionGoneException(after, pruned + 1, Revision);
        }

        while (true)
        {
            var (changes, next) = _tail.After(after, ReadMax);
            if (changes is { Length: 0 })
            {
                await next.WaitAsync(stop);
                continue;
            }

            // Behind the ring: the log has it all. Up to what is published, so that a reader never sees less than its watcher.
            var upTo = Revision;
            var from = after;
            var page = changes ?? (IReadOnlyList<Change>)await Task.Run(() => _database.After(from, upTo, ReadMax), stop);
            foreach (var change in page)
            {
                // A row whose content went between the look and the read must not pass for a change.
                if (change.Entity.ApiVersion.Length == 0)
                {
                    throw new RevisionGoneException(after, _database.PrunedThrough + 1, Revision);
                }

                stop.ThrowIfCancellationRequested();
                yield return change;
                after = change.Revision;
            }
        }
    }

    public Task<IReadOnlyList<Change>> HistoryAsync(EntityRef which, int limit = 100, CancellationToken stop = default)
    {
        var upTo = Revision;
        return Task.Run<IReadOnlyList<Change>>(() => _database.Of(which, upTo, Math.Clamp(limit, 1, Search.LimitMax)), stop);
    }

    public Task<IReadOnlyList<Change>> LogAsync(long? before, int limit, bool includeStatus = false, CancellationToken stop = default)
    {
        var below = Math.Min(before ?? long.MaxValue, Revision + 1);
        return Task.Run<IReadOnlyList<Change>>(() => _database.Before(below, Math.Clamp(limit, 1, Search.LimitMax), includeStatus), stop);
    }

    public Task<LogCheck> VerifyAsync(CancellationToken stop = default)
    {
        var newest = Revision;
        return Task.Run(() => _database.Verify(newest, stop), stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            await _writing;
            _database.Dispose();
        }
    }

    private Snapshot Load()
    {
        StoredRelations.Renew(_database, _kinds, _unpacked.Words, _log);

        // All processors read, and take turns at fetching what is next.
        return Snapshot.Of(_database.Load().AsParallel().Select(Loaded).ToList(), _types);
    }

    private Loaded Loaded(byte[] json)
    {
        var outline = Outline.Of(json, _unpacked.Words);
        var node = new Node(outline, json, _unpacked);
        return new Loaded(node, outline.Relations, outline.Indexed ?? Paths.Indexed(node.Entity));
    }

    private Task<Result<Entity>> WriteOneAsync(Func<Desk, Result<Node>> decide, CancellationToken stop) =>
        WriteAsync<Entity>(
            desk => decide(desk).TryGet(out var node, out var refusal) ? new Decision<Entity>(snapshot => snapshot.Complete(node)) : refusal,
            stop);

    private async Task<Result<T>> WriteAsync<T>(Func<Desk, Result<Decision<T>>> decide, CancellationToken stop)
    {
        var work = new Work<T>(decide, stop);
        try
        {
            await _queue.Writer.WriteAsync(work, stop);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteEntityStore), "The store is closed.");
        }

        return await work.Answer;
    }

    /// <summary>On all processors when there are many.</summary>
    private static void Each(int count, Action<int> body)
    {
        if (count >= ManyAtOnce)
        {
            Parallel.For(0, count, body);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            body(i);
        }
    }

    private async Task WriteAsync()
    {
        var batch = new List<Work>(_options.BatchMax);
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < _options.BatchMax && _queue.Reader.TryRead(out var work))
            {
                batch.Add(work);
            }

            Commit(batch);
        }
    }

    private void Commit(List<Work> batch)
    {
        Desk desk;
        try
        {
            CatchUp();
            desk = new Desk(Now, Revision, _clock.GetUtcNow(), _unpacked);
            foreach (var work in batch)
            {
                work.Decide(desk);
            }

            if (desk.Written.Count > 0)
            {
                Each(desk.Written.Count, i => desk.Written[i].Json = desk.Written[i].Node.ToJson());
                _database.Write(desk.Written);
                Publish(desk.Snapshot, [.. desk.Written.Select(one => one.Change)]);
                foreach (var one in desk.Written)
                {
                    one.Node.Pack(one.Json);
                }
            }
        }
        catch (Exception e)
        {
            _log.LogError(e, "{Count} writes were not made", batch.Count);
            foreach (var work in batch)
            {
                work.Fail(e);
            }

            return;
        }

        foreach (var work in batch)
        {
            work.Succeed(desk.Snapshot);
        }

        Prune(desk.Written.Count(one => one.Change.Verb == "status"));
    }

    /// <summary>
    /// After a failed commit nobody knows whether the disk has it after all. Nothing was acknowledged, so either is right, but
    /// memory must agree with the file before the next decision.
    /// </summary>
    private void CatchUp()
    {
        _database.Connected();
        if (_database.Head.Revision == Revision)
        {
            return;
        }

        var missed = _database.After(Revision, _database.Head.Revision, int.MaxValue);
        var draft = new Draft(Now);
        foreach (var change in missed)
        {
            if (change.Verb != "delete")
            {
                draft.Put(new Node(change.Entity, _unpacked));
            }
            else if (draft.Find(change.Ref) is { } gone)
            {
                draft.Remove(gone);
            }
        }

        _log.LogWarning("{Count} writes that had been reported as failed are in the database after all", missed.Count);
        Publish(draft.ToSnapshot(), missed);
    }

    private void Publish(Snapshot snapshot, IReadOnlyList<Change> changes)
    {
        Volatile.Write(ref _published, new Published(snapshot, changes[^1].Revision));
        _tail.Add(changes);
    }

    /// <summary>Retention, now and then and a bounded part at a time; a failure waits for the next turn.</summary>
    private void Prune(int statusRows)
    {
        _statusRows += statusRows;
        if (_statusRows < PruneEvery)
        {
            return;
        }

        _statusRows = 0;
        try
        {
            _database.Prune(_options.StatusBodiesMax, PruneMax);
        }
        catch (StoreException e)
        {
            _log.LogWarning(e, "Old status changes were not dropped; tried again later");
        }
    }

    private sealed record Published(Snapshot Snapshot, long Revision);
}
