using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Index;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Entities without cursors: all, one by name or uid, several by refs.</summary>
internal static class ReadEntities
{
    public static async Task<IResult> All(HttpContext context, IEntityStore store, CatalogIndexing indexing, CatalogIndex index, CancellationToken stop)
    {
        var parameters = new Parameters(context.Request.Query, "fields", "limit", "offset", "filter", "after", "order");
        var fields = parameters.Take(EntityFields.Read(parameters.All("fields")));
        var filter = parameters.Take(FilterParameter.Read(parameters.All("filter")));
        var orders = parameters.Take(Orders(parameters.All("order"))) ?? [];
        var place = new ListPlace(parameters.Number("limit", int.MaxValue, least: 1), parameters.Number("offset", 0, least: 0));
        if (parameters.One("after") is { } after)
        {
            place = parameters.Take(ListPlace.Read(after)) ?? place;
        }

        if (parameters.Error is { } error)
        {
            return error.ToHttp();
        }

        await indexing.CaughtUpAsync(stop);
        var paged = context.Request.Query.Keys.Any(key => key is "limit" or "offset" or "after");
        var all = paged ? index.Sorted(filter, orders) : Unpaged(index, filter, orders);
        string[] page = [.. all.Skip(place.Offset).Take(place.Limit)];
        if (place.Offset + page.Length < all.Count)
        {
            context.Response.Headers.Link = $"<{new ListPlace(place.Limit, place.Offset + page.Length).In(context.Request)}>; rel=\"next\"";
        }

        return new EntitiesAnswer(store, page, fields);
    }

    public static async Task<IResult> ByUid(string uid, IEntityStore store, CatalogIndexing indexing, CatalogIndex index, CancellationToken stop)
    {
        await indexing.CaughtUpAsync(stop);
        return index.WithUid(uid) is { } found ? One(store, EntityRef.Parse(found)) : new CatalogEntityUnknown($"No entity with uid {uid}").ToHttp();
    }

    public static IResult ByName(string kind, string @namespace, string name, IEntityStore store) => One(store, new EntityRef(kind, @namespace, name));

    /// <summary>In the order asked for, with null for what is not there. Refs are compared as they are given, so only lower-case ones are found.</summary>
    public static async Task<IResult> ByRefs(HttpContext context, IEntityStore store, CatalogIndexing indexing, CatalogIndex index, CancellationToken stop)
    {
        if (!(await RequestBody.ReadAsync<RefsBody>(context.Request, stop)).TryGet(out var body, out var error))
        {
            return error.ToHttp();
        }

        if (body.EntityRefs is null || body.EntityRefs.Any(one => one is null))
        {
            return new CatalogInputInvalid("Malformed request body, entityRefs must be a list of refs").ToHttp();
        }

        var parameters = new Parameters(context.Request.Query, "filter", "fields");
        var fields = parameters.Take(EntityFields.Read([.. body.Fields ?? [], .. parameters.All("fields")]));
        EntityFilter?[] filters =
        [
            parameters.Take(FilterParameter.Read(parameters.All("filter"))),
            body.Query.ValueKind == JsonValueKind.Undefined ? null : parameters.Take(FilterPredicate.Read(body.Query)),
        ];
        if (parameters.Error is { } wrong)
        {
            return wrong.ToHttp();
        }

        await indexing.CaughtUpAsync(stop);
        var all = EntityFilter.AllOf([.. filters.OfType<EntityFilter>()]);
        var found = index.Matching(body.EntityRefs, all);
        return new EntitiesAnswer(store, [.. body.EntityRefs.Select(one => found.Contains(one) ? one : null)], fields) { KeepMissing = true, Wrapped = true };
    }

    private static Result<EntityOrder[]> Orders(IEnumerable<string?> texts)
    {
        var orders = new List<EntityOrder>();
        foreach (var text in texts)
        {
            if (text!.Split(':', 2) is not [("asc" or "desc") and var direction, { Length: > 0 } path])
            {
                return new CatalogInputInvalid($"Invalid order parameter \"{text}\", expected \"<asc or desc>:<field name>\"");
            }

            orders.Add(new EntityOrder(path.ToLowerInvariant(), direction == "desc"));
        }

        return orders.ToArray();
    }

    /// <summary>Without pages Backstage goes by the first order only, and leaves out what has no value for it.</summary>
    private static List<string> Unpaged(CatalogIndex index, EntityFilter? filter, EntityOrder[] orders) =>
        [.. index.Find(new IndexQuery(filter, orders.FirstOrDefault())).Items.Select(found => found.Key)];

    private static IResult One(IEntityStore store, EntityRef which) =>
        CatalogView.Shows(which.Kind) && store.Find(which) is { } entity
            ? TypedResults.Bytes(EntityDocument.Of(entity), "application/json; charset=utf-8")
            : new CatalogEntityUnknown($"No entity named '{which.Name}' found, with kind '{which.Kind}' in namespace '{which.Namespace}'").ToHttp();

    private sealed record RefsBody(IReadOnlyList<string>? EntityRefs, IReadOnlyList<string>? Fields, JsonElement Query);
}
