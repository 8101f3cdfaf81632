using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>
/// Backstage's catalog REST API (release 1.55) under <c>/api/catalog</c>, for tools that speak it. Answers and refusals are
/// Backstage's; what is read is the platform's own state.
/// </summary>
internal static class BackstageCatalog
{
    public static IServiceCollection AddBackstageCatalog(this IServiceCollection services) =>
        services
            .AddSingleton<QueryEntities>()
            .AddSingleton<EntityFacets>();

    public static void MapBackstageCatalog(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/catalog").WithTags("Backstage catalog").Requires(Verb.Read);
        api.MapGet("/entities", ReadEntities.All).Lists().WithSummary("All entities that match, as one list.");
        api.MapGet("/entities/by-query", QueryEntities.Get).Lists().WithSummary("Entities that match, page by page.");
        api.MapPost("/entities/by-query", QueryEntities.Post).Lists().WithSummary("Entities that match a predicate, page by page.");
        api.MapGet("/entities/by-uid/{uid}", ReadEntities.ByUid).Lists().WithSummary("One entity by its uid.");
        api.MapGet("/entities/by-name/{kind}/{namespace}/{name}", ReadEntities.ByName).Lists().WithSummary("One entity by its name.");
        api.MapPost("/entities/by-refs", ReadEntities.ByRefs).Lists().WithSummary("Entities by their refs, null where there is none.");
        api.MapGet("/entity-facets", EntityFacets.Get).Lists().WithSummary("How many entities have which value at a path.");
        api.MapPost("/entity-facets", EntityFacets.Post).Lists().WithSummary("The same, with a predicate.");
    }

    private static RouteHandlerBuilder Lists(this RouteHandlerBuilder builder) => builder.Produces(StatusCodes.Status200OK, contentType: "application/json");
}
