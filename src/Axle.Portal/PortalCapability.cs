using Axle.Platform;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Portal.Actions;
using Axle.Portal.Layout;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Axle.Portal;

/// <summary>The portal: server-rendered pages over the same verbs as the API.</summary>
public static class PortalCapability
{
    public static IServiceCollection AddPortal(this IServiceCollection services)
    {
        services.AddRazorComponents();

        // Razor brings keys along; like everything else they stay in the data folder, and not in the user's home.
        // Nothing of ours is protected by them, so they need no further encryption.
        services.AddOptions<KeyManagementOptions>().Configure<PlatformOptions>((keys, platform) =>
        {
            keys.XmlRepository = new FileSystemXmlRepository(new DirectoryInfo(platform.Folder("keys")), NullLoggerFactory.Instance);
            keys.XmlEncryptor = new NullXmlEncryptor();
        });
        services.AddHttpContextAccessor();
        return services.AddScoped<Visitor>().AddSingleton<Forms.FormDrafts>();
    }

    public static void MapPortal(this IEndpointRouteBuilder routes)
    {
        // The sign-in page needs the look before anybody is known.
        routes.MapStaticAssets().Requires(Verb.Anonymous);

        // The host refuses writes by cookie from another site, so the forms need no token of their own.
        routes.MapRazorComponents<Document>().WithStaticAssets().DisableAntiforgery().Requires(Verb.Read);
        routes.MapComponentActions();
        routes.MapEntryActions();
        routes.MapResourceActions();
        routes.MapSecretActions();
        routes.MapTaskActions();
        routes.MapDriftActions();
        routes.MapCommands();
    }

    /// <summary>
    /// Answers a person, as opposed to a program, with a page where nothing is. Stands after routing and before the check
    /// on the caller, whom the page needs.
    /// </summary>
    public static IApplicationBuilder UsePortal(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is not RouteEndpoint && IsPageVisit(context.Request))
        {
            context.SetEndpoint(s_notFound);
        }

        return next(context);
    });

    private static readonly RouteEndpoint s_notFound = new(
        context => new RazorComponentResult<Document> { StatusCode = StatusCodes.Status404NotFound }.ExecuteAsync(context),
        RoutePatternFactory.Parse("/{**path}"),
        int.MaxValue,
        new EndpointMetadataCollection(Verb.Read),
        "Page where nothing is");

    private static bool IsPageVisit(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && !request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
        && !request.Path.StartsWithSegments("/git", StringComparison.Ordinal)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
