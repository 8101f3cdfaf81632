using System.Text.Json;
using System.Text.Json.Serialization;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>Registered locations as Backstage's client reads and writes them.</summary>
internal static class CatalogLocations
{
    private const int LimitDefault = 1000;

    public static IResult All(LocationService locations) => TypedResults.Json(locations.All().Select(location => new { data = View(location) }), JsonSerializerOptions.Web);

    public static IResult Get(string id, LocationService locations) =>
        locations.Find(id) is { } found ? TypedResults.Json(View(found), JsonSerializerOptions.Web) : Unknown(id);

    /// <summary>The location that an entity came from.</summary>
    public static IResult ByEntity(string kind, string @namespace, string name, IEntityStore store, LocationService locations) =>
        store.Find(new EntityRef(kind, @namespace, name)) is { } entity && locations.Of(entity) is { } found
            ? TypedResults.Json(View(found), JsonSerializerOptions.Web)
            : new CatalogEntityUnknown($"found no originating location for entity {kind}:{@namespace}/{name}").ToHttp();

    public static async Task<IResult> Post(HttpContext context, Caller caller, LocationService locations, CancellationToken stop)
    {
        var parameters = new Parameters(context.Request.Query, "dryRun", "onConflict");
        if (parameters.Error is { } wrong || !(await BodyAsync(context.Request, stop)).TryGet(out var target, out wrong))
        {
            return wrong.ToHttp();
        }

        // 1. Only looking.
        var existing = locations.FindTarget(target);
        if (parameters.One("dryRun") is "true" or "1")
        {
            if (!(await locations.TryAsync(target, caller, stop)).TryGet(out var entities, out wrong))
            {
                return wrong.ToHttp();
            }

            return TypedResults.Json(
                new Registered(View(LocationSpec.Of(target)), [.. entities.Select(EntityDocument.Raw)], existing is not null),
                JsonSerializerOptions.Web,
                statusCode: StatusCodes.Status201Created);
        }

        // 2. It may be there.
        if (existing is not null)
        {
            if (parameters.One("onConflict") != "refresh")
            {
                return new LocationExists(target).ToHttp();
            }

            locations.Refresh(existing);
            return TypedResults.Json(new Registered(View(existing), [], null), JsonSerializerOptions.Web, statusCode: StatusCodes.Status201Created);
        }

        return (await locations.RegisterAsync(target, caller, stop)).ToHttp(location =>
            TypedResults.Json(new Registered(View(location), [], null), JsonSerializerOptions.Web, statusCode: StatusCodes.Status201Created));
    }

    public static async Task<IResult> Put(string id, HttpContext context, Caller caller, LocationService locations, CancellationToken stop)
    {
        if (!(await BodyAsync(context.Request, stop)).TryGet(out var target, out var wrong))
        {
            return wrong.ToHttp();
        }

        return locations.Find(id) is { } location
            ? (await locations.MoveAsync(location, target, caller, stop)).ToHttp(moved => TypedResults.Json(View(moved), JsonSerializerOptions.Web))
            : Unknown(id);
    }

    public static async Task<IResult> Delete(string id, Caller caller, LocationService locations, CancellationToken stop)
    {
        if (locations.Find(id) is not { } location)
        {
            return Unknown(id);
        }

        return await locations.RemoveAsync(location, caller, stop) is { } refusal ? refusal.ToHttp() : TypedResults.NoContent();
    }

    /// <summary>Locations that match a predicate on id, type, target and entityRef.</summary>
    public static async Task<IResult> Query(HttpContext context, LocationService locations, CancellationToken stop)
    {
        if (!(await RequestBody.ReadAsync<QueryBody>(context.Request, stop)).TryGet(out var body, out var wrong))
        {
            return wrong.ToHttp();
        }

        var place = new LocationPlace(body.Limit ?? LimitDefault, null, body.Query.ValueKind == JsonValueKind.Undefined ? null : body.Query);
        if (body.Cursor is not null && !LocationPlace.Read(body.Cursor).TryGet(out place!, out wrong))
        {
            return wrong.ToHttp();
        }

        if (place.Limit < 1)
        {
            return new CatalogInputInvalid("Limit must be a positive integer >= 1").ToHttp();
        }

        Index.EntityFilter? filter = null;
        if (place.Query is { } query && !FilterPredicate.Read(query).TryGet(out filter, out wrong))
        {
            return wrong.ToHttp();
        }

        var all = locations.All().Select(View).OrderBy(view => view.Id, StringComparer.Ordinal).Where(view => filter is null || filter.Holds(view.ValueAt)).ToArray();
        var page = all.Where(view => place.AfterId is null || string.CompareOrdinal(view.Id, place.AfterId) > 0).Take(place.Limit).ToArray();
        var more = page.Length > 0 && page[^1].Id != all[^1].Id;
        return TypedResults.Json(
            new { items = page, totalItems = all.Length, pageInfo = more ? (object)new { nextCursor = (place with { AfterId = page[^1].Id }).ToString() } : new { } },
            JsonSerializerOptions.Web);
    }

    private static async Task<Result<string>> BodyAsync(HttpRequest request, CancellationToken stop)
    {
        if (!(await RequestBody.ReadAsync<LocationBody>(request, stop)).TryGet(out var body, out var wrong))
        {
            return wrong;
        }

        return body switch
        {
            { Type: null } or { Target: null } => new CatalogInputInvalid("Malformed request: type and target are needed"),
            { Type: not "url" } => new CatalogInputInvalid($"Registered locations must be of type 'url', got '{body.Type}'"),
            _ => body.Target,
        };
    }

    private static IResult Unknown(string id) => new CatalogEntityUnknown($"Found no location with ID {id}").ToHttp();

    private static LocationView View(Entity location) =>
        new(location.Metadata.Uid ?? "", "url", LocationSpec.TargetsOf(location) is [var first, ..] ? first : "", location.Ref.ToString());

    private sealed record LocationBody(string? Type, string? Target, string? Presence);

    private sealed record QueryBody(JsonElement Query, int? Limit, string? Cursor);

    private sealed record Registered(LocationView Location, IReadOnlyList<JsonElement> Entities, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Exists);

    private sealed record LocationView(string Id, string Type, string Target, string EntityRef)
    {
        public string? ValueAt(string path) => path switch
        {
            "id" => Id,
            "type" => Type,
            "target" => Target,
            "entityref" => EntityRef,
            _ => null,
        };
    }
}
