using Axle.Platform.Catalog;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Backstage;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Drift;
using Axle.Platform.Templates.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Platform.Templates;

/// <summary>Table of contents: golden-path templates, and what is created from them.</summary>
public static class TemplatesCapability
{
    public static IServiceCollection AddTemplates(this IServiceCollection services)
    {
        services.AddOptions<TemplatesOptions>().BindConfiguration("Templates").ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<TemplateLibrary>()
            .AddSingleton<TemplateShelf>()
            .AddSingleton<CreateComponent>()
            .AddSingleton<ITemplates, TemplatesFace>()
            .AddSingleton<ITasks, TasksFace>()
            .AddHostedService<TemplateEntities>()
            .AddSingleton<IDocumentForm, TemplateDocuments>()
            .AddTemplateActions()
            .AddSingleton<TemplateDrift>()
            .AddTasks();
    }

    public static void MapTemplates(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Templates");
        api.MapGet("/templates", ListTemplates.Endpoint).Requires(Verb.Read);
        api.MapGet("/templates/{name}", ListTemplates.One).Requires(Verb.Read).WithSummary("All that a template says.");
        api.MapPost("/templates/check", ListTemplates.Check).Requires(Verb.Read).Accepts<string>("application/yaml", "application/json", "text/plain").WithSummary("What is wrong with a template's file.");
        api.MapGet("/template-actions", ListTemplates.Actions).Requires(Verb.Read).WithSummary("Everything that a step of a template can do.");
        api.MapPost("/create", CreateComponent.Endpoint).Requires(Verb.Create);
        api.MapGet("/templates/drift", TemplateDrift.ListEndpoint).Requires(Verb.Read).WithSummary("Which components are behind the template that they were made from.");
        api.MapPost("/templates/update", TemplateDrift.UpdateEndpoint).Requires(Verb.Push).WithSummary("Proposes what a template makes now, as a branch of each component's repository.");
        TaskEndpoints.Map(routes);
        BackstageScaffolder.Map(routes);
    }
}
