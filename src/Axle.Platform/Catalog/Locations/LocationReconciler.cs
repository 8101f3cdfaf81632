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
    private const int WithdrawnAtOnce = 500;
    private const int ManyRead = 20_000;

    /// <summary>Locations that describe something whose name another one holds: looked at again when names are released.</summary>
    private readonly ConcurrentDictionary<EntityRef, bool> _contested = new();

    /// <summary>Those that have been read since the start: the first time all is new to this process, even where it is known.</summary>
    private readonly ConcurrentDictionary<EntityRef, bool> _read = new();

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
            documents.Forget(location);
            _contested.TryRemove(which, out _);
            _read.TryRemove(which, out _);
            return Again.Never;
        }

        // 1. After a start people's questions come first: they wait for the indexes, and would wait longer.
        await columns.CaughtUpAsync(stop);
        await search.CaughtUpAsync(stop);

        // 2. What the files say and nobody else does, into the store. Before the look at who holds which name, the location counts
        // as contested, so that none is released between the two unseen.
        var decides = await DecidesIdentityAsync(location, stop);
        var (reading, intake) = (new LocationReading(), new LocationIntake(entities, location, Actor, stop));
        _contested[which] = true;
        await intake.TakeAllAsync(files.ReadAsync(location, decides, reading, stop));
        if (intake.Conflicts.Count == 0)
        {
            _contested.TryRemove(which, out _);
        }

        // 3. What is no longer described goes.
        await WithdrawAsync(Described(which).Where(head => !reading.Described.Contains(head.Ref) && !MayHave(reading, head.Ref)), stop);
        documents.Remember(location, decides, intake.Documents, reading.Known);

        // 4. What came of it.
        Problem[] problems = [.. reading.Problems, .. intake.Conflicts, .. intake.Refused];
        var status = new LocationStatus(
            problems.Length == 0 ? "Ready" : intake.Count == 0 ? "Failed" : "Incomplete",
            problems.Length == 0 ? $"{intake.Count} entities are described." : $"{intake.Count} entities are described; {problems.Length} problem{(problems.Length == 1 ? "" : "s")}, the first: {problems[0]}.",
            intake.Count,
            [.. problems.Take(LocationStatus.ProblemsMax)]);
        await entities.PutStatusAsync(which, status, Actor, stop: stop);
        if (Math.Max(intake.Read, _read.TryAdd(which, true) ? intake.Count : 0) > ManyRead)
        {
            HeapCompaction.Run();
        }

        return Again.In(options.Value.RefreshEvery);
    }

    private IEnumerable<EntityHead> Described(EntityRef location) =>
        entities.Heads(new EntityQuery { Related = [new Relation(Managed.RelationType, location)] });

    private bool MayHave(LocationReading reading, EntityRef which) => entities.Read(which, declared: true) is { } entity && reading.MayHave(entity);

    /// <summary>Others may point at what goes; in a catalogue of files that is a dangling reference, and no reason to keep it.</summary>
    private async Task WithdrawAsync(IEnumerable<EntityHead> gone, CancellationToken stop)
    {
        // The store writes those together that wait together.
        foreach (var some in gone.Chunk(WithdrawnAtOnce))
        {
            await Task.WhenAll(some.Select(head => entities.DeleteAsync(head.Ref, Actor, force: true, stop: stop)));
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
