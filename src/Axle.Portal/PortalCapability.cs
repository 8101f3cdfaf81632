using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Portal.Actions;
using Axle.Portal.Layout;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
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
        // The sign-in page needs the look before anybody is known.
        routes.MapStaticAssets().Requires(Verb.Anonymous);

        // The host refuses writes by cookie from another site, so the forms need no token of their own.
        routes.MapRazorComponents<Document>().WithStaticAssets().DisableAntiforgery().Requires(Verb.Read);
        routes.MapComponentActions();
        routes.MapCommands();
    }

    /// <summary>What a person, as opposed to a program, is told about an address where nothing is; null for programs.</summary>
    public static IResult? NotFoundPage(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method)
            || request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            || request.Path.StartsWithSegments("/git", StringComparison.Ordinal)
            || !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return context.Features.Get<Caller>() is null
            ? TypedResults.LocalRedirect($"~/login?return={Uri.EscapeDataString(request.Path + request.QueryString)}")
            : new RazorComponentResult<Document> { StatusCode = StatusCodes.Status404NotFound };
    }
}
