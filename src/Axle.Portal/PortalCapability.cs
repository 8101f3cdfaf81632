using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Portal.Actions;
using Axle.Portal.Layout;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Portal;

/// <summary>The portal: server-rendered pages over the same verbs as the API.</summary>
public static class PortalCapability
{
    public static IServiceCollection AddPortal(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddHttpContextAccessor();
        return services.AddScoped<Visitor>();
    }

    public static void MapPortal(this IEndpointRouteBuilder routes)
    {
        routes.MapRazorComponents<Document>().DisableAntiforgery().Requires(Verb.Read);
        routes.MapComponentActions();
        routes.MapCommands();
    }
}
