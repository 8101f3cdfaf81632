using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog;

/// <summary>Entities that match, page by page.</summary>
internal static class ListEntities
{
    private const int LimitMax = 1000;
    private const int FiltersMax = 32;

    public static IResult Endpoint(
        IEntityStore entities,
        Rights rights,
        string[]? kind = null,
        string? @namespace = null,
        string? owner = null,
        string[]? filter = null,
        string? q = null,
        int limit = 100,
        string? cursor = null,
        string? order = null)
    {
        if (limit is < 1 or > LimitMax)
        {
            return new QueryInvalid($"limit is {limit}; a page has 1 to {LimitMax} entities.", "Use the cursor for more.").ToHttp();
        }

        if (order is not (null or "" or "ref" or "newest"))
        {
            return new QueryInvalid($"order is '{order}'.", "Use newest, or ref.").ToHttp();
        }

        var kinds = (kind ?? []).SelectMany(one => one.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        if (kinds.Find(one => rights.Kind(one) is null) is { } unknown)
        {
            return rights.Unknown(unknown).ToHttp();
        }

        var related = new List<Relation>();
        if (!string.IsNullOrEmpty(owner))
        {
            if (!EntityRef.TryParse(owner, Kinds.Group, EntityRef.DefaultNamespace, out var which))
            {
                return new QueryInvalid($"owner is '{owner}', which is no entity ref.", "Write a group's name, or kind:namespace/name.").ToHttp();
            }

            related.Add(new Relation("ownedBy", which));
        }

        if (filter?.Length > FiltersMax)
        {
            return new QueryInvalid($"There are {filter.Length} filters; {FiltersMax} are the most.", "Ask for less at once.").ToHttp();
        }

        var query = new EntityQuery
        {
            Kinds = [.. kinds.Select(one => rights.Kind(one)!.Name)],
            Namespace = Blank(@namespace),
            Related = related,
            Where = [.. (filter ?? []).Where(one => one.Length > 0).Select(Condition)],
            Text = Blank(q),
            Limit = limit,
            Cursor = Blank(cursor),
            NewestFirst = order == "newest",
        };
        try
        {
            return TypedResults.Ok(entities.Query(query));
        }
        catch (ArgumentException) when (query.Cursor is not null)
        {
            return new QueryInvalid("The cursor is none that this platform gave out.", "Begin without one.").ToHttp();
        }
    }

    private static KeyValuePair<string, string?> Condition(string filter) =>
        filter.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? new(filter[..at], filter[(at + 1)..]) : new(filter, null);

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
