using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog;

/// <summary>What happened lately, in words, newest first.</summary>
public static class ActivityFeed
{
    private const int LimitMax = 200;
    private const int ReadAtOnce = 200;

    // One request reads at most this much of the log for a thing to which little happened; the answer tells where to go on.
    private const int RowsMax = 5000;

    internal static async Task<IResult> Endpoint(IEntityStore entities, CancellationToken stop, long? before = null, int limit = 50, string? @ref = null)
    {
        if (limit is < 1 or > LimitMax)
        {
            return new QueryInvalid($"limit is {limit}; a page has 1 to {LimitMax} rows.", "Use nextBefore for more.").ToHttp();
        }

        EntityRef? about = null;
        if (!string.IsNullOrEmpty(@ref))
        {
            if (!EntityRef.TryParse(@ref, null, out var which))
            {
                return new QueryInvalid($"ref is '{@ref}', which is no entity ref.", "Write kind:namespace/name.").ToHttp();
            }

            about = which;
        }

        return TypedResults.Ok(await PageAsync(entities, before, limit, about, stop));
    }

    /// <summary>A page of it, for the API and the portal alike.</summary>
    public static async Task<ActivityPage> PageAsync(IEntityStore entities, long? before, int limit, EntityRef? about, CancellationToken stop)
    {
        var items = new List<Contracts.Activity>();
        var next = before;
        for (var read = 0; read < RowsMax;)
        {
            var rows = await entities.LogAsync(next, ReadAtOnce, includeStatus: false, stop);
            foreach (var change in rows)
            {
                next = change.Revision;
                if ((about is null || Concerns(change, about.Value)) && Sentences.Of(change) is { } sentence)
                {
                    items.Add(new Contracts.Activity(change.Revision, change.At, Sentences.ActorOf(change), change.Verb, change.Ref, sentence));
                    if (items.Count == limit)
                    {
                        return new ActivityPage(items, next);
                    }
                }
            }

            if (rows.Count < ReadAtOnce)
            {
                return new ActivityPage(items, null);
            }

            read += rows.Count;
        }

        return new ActivityPage(items, next);
    }

    /// <summary>What happened to one entity itself, newest first, from its own history.</summary>
    public static async Task<IReadOnlyList<Contracts.Activity>> OfAsync(IEntityStore entities, EntityRef which, int limit, CancellationToken stop) =>
    [
        .. (await entities.HistoryAsync(which, ReadAtOnce, stop))
            .Select(change => (Change: change, Sentence: Sentences.Of(change)))
            .Where(row => row.Sentence is not null)
            .Take(limit)
            .Select(row => new Contracts.Activity(row.Change.Revision, row.Change.At, Sentences.ActorOf(row.Change), row.Change.Verb, row.Change.Ref, row.Sentence!)),
    ];

    /// <summary>About the entity itself, or about something that is a part of it or belongs to it.</summary>
    private static bool Concerns(Change change, EntityRef which) =>
        change.Ref == which
        || change.Entity.Relations.Any(relation => relation.TargetRef == which && relation.Type is ("partOf" or "ownedBy" or "runsIn"));
}
