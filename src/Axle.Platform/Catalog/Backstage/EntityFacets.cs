using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Catalog.Index;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>How many entities have which value at a path: <c>/entity-facets</c>, by GET and by POST.</summary>
internal sealed class EntityFacets(CatalogIndexing indexing, CatalogIndex index)
{
    public static Task<IResult> Get(HttpContext context, EntityFacets self, CancellationToken stop)
    {
        var parameters = new Parameters(context.Request.Query, "facet", "filter");
        var filter = parameters.Take(FilterParameter.Read(parameters.All("filter")));
        return self.AnswerAsync([.. parameters.All("facet")], parameters.Error is { } error ? error : filter, stop);
    }

    public static async Task<IResult> Post(HttpContext context, EntityFacets self, CancellationToken stop)
    {
        if (!(await RequestBody.ReadAsync<Body>(context.Request, stop)).TryGet(out var body, out var error))
        {
            return error.ToHttp();
        }

        EntityFilter? filter = null;
        if (body.Query.ValueKind != JsonValueKind.Undefined && !FilterPredicate.Read(body.Query).TryGet(out filter, out error))
        {
            return error.ToHttp();
        }

        return await self.AnswerAsync(body.Facets ?? [], filter, stop);
    }

    private async Task<IResult> AnswerAsync(IReadOnlyList<string?> asked, Result<EntityFilter?> filter, CancellationToken stop)
    {
        if (filter.Error is { } error)
        {
            return error.ToHttp();
        }

        string[] facets = [.. asked.OfType<string>().Where(facet => facet.Length > 0).Distinct(StringComparer.Ordinal)];
        if (facets.Length == 0)
        {
            return new CatalogInputInvalid("Missing facet parameter").ToHttp();
        }

        await indexing.CaughtUpAsync(stop);
        var counted = index.Facets([.. facets.Select(facet => facet.ToLowerInvariant())], filter.Value);
        return TypedResults.Json(
            new Answer(facets.Zip(counted).ToDictionary(one => one.First, one => one.Second.Select(value => new Facet(value.Value, value.Count)))),
            JsonSerializerOptions.Web);
    }

    private sealed record Body(IReadOnlyList<string>? Facets, JsonElement Query);

    private sealed record Answer(Dictionary<string, IEnumerable<Facet>> Facets);

    private sealed record Facet(string Value, int Count);
}
