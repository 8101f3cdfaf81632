using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Backstage;
using Axle.Platform.Catalog.Browsing;
using Axle.Platform.Catalog.Importing;
using Axle.Platform.Catalog.Index;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Catalog.Locations.Hosts;
using Axle.Platform.Catalog.Search;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axle.Platform.Catalog;

/// <summary>The catalogue: Backstage's kinds, and reading, writing, watching and explaining entities of every kind.</summary>
public static class CatalogCapability
{
    public static IServiceCollection AddCatalog(this IServiceCollection services)
    {
        foreach (var kind in CatalogKinds.All)
        {
            services.AddEntityKind(kind);
        }

        services.AddOptions<CatalogOptions>().BindConfiguration("Catalog");
        services.AddOptions<IntegrationsOptions>().BindConfiguration("Integrations");
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<Rights>()
            .AddSingleton<Describe>()
            .AddSingleton<ICatalog, Apply>()
            .AddSingleton<ImportCatalog>()
            .AddSingleton(services => new CatalogIndex(services.GetRequiredService<RelationTypes>().InverseOf))
            .AddSingleton<CatalogIndexing>()
            .AddHostedService(services => services.GetRequiredService<CatalogIndexing>())
            .AddSingleton<SearchIndex>()
            .AddSingleton<SearchIndexing>()
            .AddHostedService(services => services.GetRequiredService<SearchIndexing>())
            .AddHostedService<StartCompaction>()
            .AddSingleton<ISearch, Searching>()
            .AddEntityKind(Starring.Kind)
            .AddSingleton<Starring>()
            .AddSingleton<ICatalogDesk, CatalogDesk>()
            .AddSingleton<GuardedConnections>()
            .AddSingleton<HostApi>()
            .AddSingleton<TargetReader>()
            .AddSingleton<Substitutions>()
            .AddSingleton<Discovery>()
            .AddSingleton<LocationRefreshes>()
            .AddSingleton<LocationHook>()
            .AddSingleton<ISourceChanges>(services => services.GetRequiredService<LocationRefreshes>())
            .AddSingleton<DocumentMemory>()
            .AddSingleton<KnownDocuments>()
            .AddSingleton<DocumentForm>()
            .AddSingleton<FileContents>()
            .AddSingleton<LocationFiles>()
            .AddSingleton<LocationService>()
            .AddSingleton<ILocations, LocationsFace>()
            .AddReconciler<LocationReconciler>()
            .AddBackstageCatalog();
    }

    public static void MapCatalog(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Catalogue").Requires(Verb.Read);
        api.MapGet("/entities", ListEntities.Endpoint).Answers<EntityPage>().WithSummary("Entities that match, page by page.");
        api.MapPost("/apply", Apply.Endpoint).Requires(Verb.Write)
            .Accepts<string>("application/yaml", "application/json", "text/plain")
            .Answers<ApplyAnswer>()
            .WithSummary("Makes the catalogue say what a YAML or JSON file says: all of it, or nothing.");
        api.MapPost("/import/catalog", ImportCatalog.Endpoint).Requires(Verb.Write).Answers<CatalogImportAnswer>().WithSummary("Takes entities of another catalogue over, each by itself, and says of every one what came of it.");
        api.MapGet("/watch", Watch.Endpoint).WithSummary("Changes as they happen, as server-sent events.")
            .Produces<Change>(StatusCodes.Status200OK, "text/event-stream");
        api.MapGet("/activity", ActivityFeed.Endpoint).Answers<ActivityPage>().WithSummary("What happened lately, in words.");

        api.MapGet("/search", Searching.Endpoint).Answers<SearchAnswer>().WithSummary("Entities found by words, best first; beginnings and mistyped words fit too.");

        var entity = api.MapGroup("/entities/{kind}/{namespace}/{name}");
        entity.MapGet("", EntityEndpoints.Get).Answers<Entity>().WithSummary("One entity.");
        entity.MapPut("", EntityEndpoints.Put).Requires(Verb.Write).Answers<Entity>().WithSummary("Creates or replaces an entity; its status is the platform's own.");
        entity.MapDelete("", EntityEndpoints.Delete).Requires(Verb.Delete).WithSummary("Deletes an entity; refuses when others need it, unless forced.");
        entity.MapGet("/history", EntityEndpoints.History).Answers<List<Change>>().WithSummary("Who changed what when, newest first.");
        entity.MapGet("/describe", Describe.Endpoint).Answers<Description>().WithSummary("Why it is as it is, in one sentence, with the root cause.");

        // Organisations' webhooks prove themselves by a secret of their own.
        routes.MapPost("/api/catalog/hook", LocationHook.Endpoint).WithTags("Catalogue").Requires(Verb.Anonymous).WithSummary("A push somewhere: what is described there is read again.");

        routes.MapBackstageCatalog();
    }
}
