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
            .AddSingleton<AnalyzeLocation>()
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
        api.MapDelete("/entities/by-uid/{uid}", CatalogVerbs.DeleteByUid).Requires(Verb.Delete).WithSummary("Takes one entity out; a location with all it describes.");
        api.MapGet("/entities/by-name/{kind}/{namespace}/{name}/ancestry", EntityAncestry.Get).Lists().WithSummary("The locations that an entity came from.");
        api.MapPost("/entities/by-refs", ReadEntities.ByRefs).Lists().WithSummary("Entities by their refs, null where there is none.");
        api.MapGet("/entity-facets", EntityFacets.Get).Lists().WithSummary("How many entities have which value at a path.");
        api.MapPost("/entity-facets", EntityFacets.Post).Lists().WithSummary("The same, with a predicate.");
        api.MapPost("/refresh", CatalogVerbs.Refresh).WithSummary("Reads the file that describes an entity again.");
        api.MapPost("/validate-entity", CatalogVerbs.Validate).WithSummary("Says what is wrong with an entity.");
        api.MapPost("/analyze-location", AnalyzeLocation.Endpoint).Requires(Verb.Create).Lists().WithSummary("Which descriptor files a repository has, or a first one for it.");
        api.MapGet("/locations", CatalogLocations.All).Lists().WithSummary("All registered locations.");
        api.MapPost("/locations", CatalogLocations.Post).Requires(Verb.Create).Lists().WithSummary("Registers a location, or only tries it.");
        api.MapPost("/locations/by-query", CatalogLocations.Query).Lists().WithSummary("Registered locations that match a predicate.");
        api.MapGet("/locations/{id}", CatalogLocations.Get).Lists().WithSummary("One registered location.");
        api.MapPut("/locations/{id}", CatalogLocations.Put).Requires(Verb.Create).Lists().WithSummary("Gives a location another target.");
        api.MapDelete("/locations/{id}", CatalogLocations.Delete).Requires(Verb.Delete).WithSummary("Takes a location back, with all it describes.");
        api.MapGet("/locations/by-entity/{kind}/{namespace}/{name}", CatalogLocations.ByEntity).Lists().WithSummary("The registered location that led to an entity.");
    }

    private static RouteHandlerBuilder Lists(this RouteHandlerBuilder builder) => builder.Produces(StatusCodes.Status200OK, contentType: "application/json");
}
