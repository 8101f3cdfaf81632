using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Index;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Entities page by page, filtered, searched and in order: <c>/entities/by-query</c>, by GET and by POST.</summary>
internal sealed class QueryEntities(IEntityStore store, CatalogIndexing indexing, CatalogIndex index)
{
    // Backstage's own; its text says 20, its code 200.
    private const int LimitDefault = 200;

    private const string Uid = "metadata.uid";

    /// <summary>What a request asks for, whichever way it came.</summary>
    public sealed record Request
    {
        public EntityFilter? Filter { get; init; }

        public EntityFields? Fields { get; init; }

        public IReadOnlyList<OrderField> OrderFields { get; init; } = [];

        public FullText? FullTextFilter { get; init; }

        public int Limit { get; init; } = LimitDefault;

        public int Offset { get; init; }

        public bool CountTotal { get; init; } = true;

        public EntityCursor? Cursor { get; init; }
    }

    public static Task<IResult> Get(HttpContext context, QueryEntities self, CancellationToken stop) => self.AnswerAsync(FromParameters(context.Request.Query), stop);

    public static async Task<IResult> Post(HttpContext context, QueryEntities self, CancellationToken stop) =>
        (await RequestBody.ReadAsync<Body>(context.Request, stop)).TryGet(out var body, out var error)
            ? await self.AnswerAsync(FromBody(body), stop)
            : error.ToHttp();

    private static Result<Request> FromParameters(IQueryCollection query)
    {
        var parameters = new Parameters(query, "fields", "limit", "offset", "orderField", "cursor", "filter", "totalItems", "fullTextFilterTerm", "fullTextFilterFields");
        var orders = parameters.All("orderField").Select(text => text!.Split(',')).Select(parts => new OrderField(parts[0], parts.ElementAtOrDefault(1)));
        var request = new Request
        {
            Fields = parameters.Take(EntityFields.Read(parameters.All("fields"))),
            Limit = parameters.Number("limit", LimitDefault, least: 0),
            Offset = parameters.Number("offset", 0, least: 0),
        };

        if (parameters.One("cursor") is { Length: > 0 } cursor)
        {
            request = request with { Cursor = parameters.Take(EntityCursor.Read(cursor)) };
        }
        else
        {
            request = request with
            {
                Filter = parameters.Take(FilterParameter.Read(parameters.All("filter"))),
                OrderFields = parameters.Take(Checked([.. orders])) ?? [],
                CountTotal = parameters.Take(Counted(parameters.One("totalItems"))),
                FullTextFilter = new FullText(parameters.One("fullTextFilterTerm") ?? "", parameters.List("fullTextFilterFields")),
            };
        }

        return parameters.Error is { } error ? error : request;
    }

    private static Result<Request> FromBody(Body body)
    {
        var request = new Request { Limit = body.Limit ?? LimitDefault, Offset = body.Offset ?? 0 };
        if (request.Limit < 0 || request.Offset < 0)
        {
            return new CatalogInputInvalid("limit and offset must not be negative");
        }

        if (!EntityFields.Read(body.Fields ?? []).TryGet(out var fields, out var error) && error is not null)
        {
            return error;
        }

        request = request with { Fields = fields };
        if (body.Cursor is not null)
        {
            return EntityCursor.Read(body.Cursor).TryGet(out var cursor, out error) ? request with { Cursor = cursor } : error;
        }

        EntityFilter? filter = null;
        if (body.Query.ValueKind != JsonValueKind.Undefined && !FilterPredicate.Read(body.Query).TryGet(out filter, out error))
        {
            return error;
        }

        if (!Checked([.. body.OrderBy ?? []]).TryGet(out var orders, out error) || !Counted(body.TotalItems).TryGet(out var counted, out error))
        {
            return error;
        }

        return request with { Filter = filter, OrderFields = orders, CountTotal = counted, FullTextFilter = body.FullTextFilter };
    }

    private static Result<OrderField[]> Checked(OrderField[] orders) =>
        Array.TrueForAll(orders, order => order is { Field: not null, Order: null or "asc" or "desc" }) ? orders : new CatalogInputInvalid("Invalid order field order, must be asc or desc");

    private static Result<bool> Counted(string? totalItems) => totalItems switch
    {
        null or "include" => true,
        "exclude" => false,
        _ => new CatalogInputInvalid($"Invalid totalItems parameter \"{totalItems}\", expected one of: include, exclude"),
    };

    private async Task<IResult> AnswerAsync(Result<Request> asked, CancellationToken stop)
    {
        if (!asked.TryGet(out var request, out var error))
        {
            return error.ToHttp();
        }

        // 1. A cursor says again what was asked for at first.
        var filter = request.Filter;
        var first = request.Cursor;
        if (first is { Query.ValueKind: not JsonValueKind.Undefined } && !FilterPredicate.Read(first.Query).TryGet(out filter, out error))
        {
            return error.ToHttp();
        }

        var cursor = first ?? new EntityCursor
        {
            OrderFields = [.. request.OrderFields],
            FullTextFilter = request.FullTextFilter,
            Query = filter is null ? default : FilterPredicate.Write(filter),
        };

        // 2. One page. Further fields to order by are ignored, as Backstage does.
        await indexing.CaughtUpAsync(stop);
        var order = cursor.OrderFields is [var field, ..] ? new EntityOrder(field.Field.ToLowerInvariant(), field.Order == "desc") : null;
        var page = index.Find(new IndexQuery(Searched(filter, cursor.FullTextFilter, order), order)
        {
            From = first?.From(),
            Backwards = cursor.IsPrevious,
            Skip = first is null ? request.Offset : 0,
            Limit = request.Limit,
        });

        // 3. What leads on and back.
        var total = first is not null ? first.TotalItems : request.CountTotal ? page.Total : 0;
        cursor = cursor with { TotalItems = total };
        string? next = null, previous = null;
        if (page.Items.Count > 0)
        {
            var begins = EntityCursor.ValuesOf(page.Items[0].Place);
            cursor = cursor with { FirstSortFieldValues = first?.FirstSortFieldValues ?? begins };
            next = page.More || cursor.IsPrevious ? (cursor with { OrderFieldValues = EntityCursor.ValuesOf(page.Items[^1].Place), IsPrevious = false }).ToString() : null;
            previous = first is not null && !begins.SequenceEqual(cursor.FirstSortFieldValues) ? (cursor with { OrderFieldValues = begins, IsPrevious = true }).ToString() : null;
        }

        return new EntitiesAnswer(store, [.. page.Items.Select(found => found.Key)], request.Fields) { Page = new EntitiesAnswer.PageInfo(total, next, previous) };
    }

    private static EntityFilter? Searched(EntityFilter? filter, FullText? text, EntityOrder? order)
    {
        var term = text?.Term?.Trim().ToLowerInvariant();
        if (string.IsNullOrEmpty(term))
        {
            return filter;
        }

        string[] paths = [.. (text!.Fields ?? [order?.Path ?? Uid]).OfType<string>().Select(path => path.ToLowerInvariant())];
        var contains = new EntityFilter.Contains(paths, term);
        return filter is null ? contains : EntityFilter.AllOf([filter, contains]);
    }

    private sealed record Body(
        JsonElement Query,
        IReadOnlyList<string>? Fields,
        int? Limit,
        int? Offset,
        IReadOnlyList<OrderField>? OrderBy,
        FullText? FullTextFilter,
        string? TotalItems,
        string? Cursor);
}
