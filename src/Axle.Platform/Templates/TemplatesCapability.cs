using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Templates.Actions;
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
        services.AddOptions<TemplatesOptions>().BindConfiguration("Templates");
        return services
            .AddSingleton<TemplateLibrary>()
            .AddSingleton<CreateComponent>()
            .AddSingleton<ITemplates, TemplatesFace>()
            .AddHostedService<TemplateEntities>()
            .AddTemplateActions();
    }

    public static void MapTemplates(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Templates");
        api.MapGet("/templates", ListTemplates.Endpoint).Requires(Verb.Read);
        api.MapPost("/create", CreateComponent.Endpoint).Requires(Verb.Create);
    }
}
