using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Index;
using Axle.Platform.Catalog.Search;
using Axle.Platform.Ownership;
using Microsoft.Extensions.Options;

namespace Axle.Platform.Catalog.Locations;

/// <summary>
/// Keeps the catalogue at what a Location's files say. An entity belongs to the Location that described it first; what a file
/// no longer describes goes; what cannot be read or is wrong stays as it was, and is listed with its place.
/// </summary>
internal sealed class LocationReconciler(IEntityStore entities, LocationFiles files, KnownDocuments documents, CatalogIndexing columns, SearchIndexing search, IReconcileQueue queue, IOptions<CatalogOptions> options) : IReconciler
{
    private const string Actor = "system:locations";
    private const int HistoryLooked = 20;
    private const int NestingMax = 16;
    private const int PutAtOnce = 2000;
    private const int WithdrawnAtOnce = 500;
    private const int ManyRead = 20_000;

    /// <summary>Locations that describe something whose name another one holds: looked at again when names are released.</summary>
    private readonly ConcurrentDictionary<EntityRef, bool> _contested = new();

    public string Name => "locations";

    public IReadOnlyList<string> Kinds => [Contracts.Kinds.Location];

    public TimeSpan Resync => options.Value.RefreshEvery;

    /// <summary>Its own status says nothing new about files; to read them all again for it would double the work.</summary>
    public IEnumerable<EntityRef> KeysFor(Change change) => change.Verb == "status" ? [] : [change.Ref];

    public async Task<Again> ReconcileAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(which) is not { } location)
        {
            return Again.Never;
        }

        if (location.Metadata.DeletedAt is not null)
        {
            await WithdrawAsync(Described(which), stop);
            await entities.RemoveAsync(which, Actor, stop);
            documents.Forget(which);
            _contested.TryRemove(which, out _);
            return Again.Never;
        }

        // 1. After a start people's questions come first: they wait for the indexes, and would wait longer.
        await columns.CaughtUpAsync(stop);
        await search.CaughtUpAsync(stop);

        // 2. What the files say, and what of it belongs to somebody else.
        var decides = await DecidesIdentityAsync(location, stop);
        var reading = await files.ReadAsync(location, decides, stop);

        // Before the look at who holds which name, so that none is released between the two unseen.
        _contested[which] = true;
        var (mine, conflicts) = Claimed(location, reading.Entities);
        if (conflicts.Count == 0)
        {
            _contested.TryRemove(which, out _);
        }

        // 3. All that is new.
        var refused = await PutAsync(mine, stop);

        // 4. What is no longer described goes.
        var kept = reading.Entities.Select(one => one.Entity.Ref).ToHashSet();
        await WithdrawAsync(Described(which).Where(entity => !kept.Contains(entity.Ref) && !reading.MayHave(entity)), stop);
        documents.Remember(location, decides, mine.Where(one => one.Document is not null).Select(one => (one.Document!.Value, one.Entity)));

        // 5. What came of it.
        Problem[] problems = [.. reading.Problems, .. conflicts, .. refused];
        var status = new LocationStatus(
            problems.Length == 0 ? "Ready" : mine.Count == 0 ? "Failed" : "Incomplete",
            problems.Length == 0 ? $"{mine.Count} entities are described." : $"{mine.Count} entities are described; {problems.Length} problem{(problems.Length == 1 ? "" : "s")}, the first: {problems[0]}.",
            mine.Count,
            [.. problems.Take(LocationStatus.ProblemsMax)]);
        await entities.PutStatusAsync(which, status, Actor, stop: stop);
        if (mine.Count(one => one.Place is not null) > ManyRead)
        {
            HeapCompaction.Run();
        }

        return Again.In(options.Value.RefreshEvery);
    }

    private IReadOnlyList<Entity> Described(EntityRef location) =>
        entities.Query(new EntityQuery { Related = [new Relation(Managed.RelationType, location)], All = true, Declared = true }).Items;

    private (List<FileEntity> Mine, List<Problem> Conflicts) Claimed(Entity location, IReadOnlyList<FileEntity> described)
    {
        var (mine, conflicts) = (new List<FileEntity>(), new List<Problem>());
        foreach (var one in described)
        {
            var which = one.Entity.Ref;
            if (!one.IsStored && Holder(entities.FindDeclared(which), location.Ref) is { } holder)
            {
                conflicts.Add(new Problem($"{NameConflicts.Begin(which)}{holder}", Managed.FileOf(one.Entity)));
            }
            else if (which != location.Ref)
            {
                mine.Add(one);
            }
        }

        return (mine, conflicts);
    }

    /// <summary>Who has the name already, and how to release it; null when it is free, or this location's.</summary>
    private string? Holder(Entity? present, EntityRef location)
    {
        if (present is null)
        {
            return null;
        }

        if (Managed.LocationOf(present) is not { } other)
        {
            return $"an entity of the platform's own; delete that one first (axle delete {present.Ref.Short}) or rename this one";
        }

        return other == location || entities.Find(other) is null
            ? null
            : $"{Managed.FileOf(present)}, which was there first; take it out there, or rename this one";
    }

    /// <summary>
    /// Afterwards each is as it was written, and those that were refused are gone. Some thousands at a time: one transaction for a
    /// large catalogue would leave everybody who follows the log far behind.
    /// </summary>
    private async Task<List<Problem>> PutAsync(List<FileEntity> mine, CancellationToken stop)
    {
        var (refused, written) = (new List<Problem>(), new Dictionary<EntityRef, Entity>());
        foreach (var some in mine.Where(one => !one.IsStored).Select(one => one.Entity).Chunk(PutAtOnce))
        {
            if ((await entities.PutAllAsync(some, Actor, stop: stop)).TryGet(out var all, out _))
            {
                foreach (var entity in all)
                {
                    written[entity.Ref] = entity;
                }

                continue;
            }

            // One of them is refused: each by itself.
            foreach (var entity in some)
            {
                if ((await entities.PutAsync(entity, Actor, stop: stop)).TryGet(out var stored, out var error))
                {
                    written[stored.Ref] = stored;
                }
                else
                {
                    refused.Add(new Problem($"{entity.Ref.Short}: {error.Message}", Managed.FileOf(entity)));
                }
            }
        }

        mine.RemoveAll(one => !one.IsStored && !written.ContainsKey(one.Entity.Ref));
        for (var i = 0; i < mine.Count; i++)
        {
            mine[i] = mine[i].IsStored ? mine[i] : mine[i] with { Entity = written[mine[i].Entity.Ref] };
        }

        return refused;
    }

    /// <summary>Others may point at what goes; in a catalogue of files that is a dangling reference, and no reason to keep it.</summary>
    private async Task WithdrawAsync(IEnumerable<Entity> gone, CancellationToken stop)
    {
        // The store writes those together that wait together.
        foreach (var some in gone.Chunk(WithdrawnAtOnce))
        {
            await Task.WhenAll(some.Select(entity => entities.DeleteAsync(entity.Ref, Actor, force: true, stop: stop)));
            foreach (var location in _contested.Keys)
            {
                queue.Wake(location);
            }
        }
    }

    /// <summary>Whether an administrator wrote the Location, or the one whose file it was found in. The log is asked: an annotation could be anybody's.</summary>
    private async Task<bool> DecidesIdentityAsync(Entity location, CancellationToken stop)
    {
        for (var nesting = 0; nesting < NestingMax; nesting++)
        {
            var writer = (await entities.HistoryAsync(location.Ref, HistoryLooked, stop)).FirstOrDefault(change => change.Verb is "create" or "update")?.Actor;
            if (writer != Actor)
            {
                return EntityRef.TryParse(writer, null, out var user) && IsAdmin(user);
            }

            if (Managed.LocationOf(location) is not { } parent || entities.Find(parent) is not { } above)
            {
                return false;
            }

            // Who may push to one of many repositories is not who answers for the organisation.
            if (Discovery.TypeOf(above) is not null)
            {
                return false;
            }

            location = above;
        }

        return false;
    }

    private bool IsAdmin(EntityRef user) =>
        entities.Find(user) is { } found
        && Roles.Of(found, found.Relations.Where(relation => relation.Type == "memberOf").Select(relation => entities.Find(relation.TargetRef)).OfType<Entity>()) == Role.Admin;
}
