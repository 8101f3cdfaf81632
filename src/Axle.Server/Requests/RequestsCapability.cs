using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Portal;

namespace Axle.Server.Requests;

/// <summary>What happens to every request around the capabilities: problems, headers, idempotency, health, description.</summary>
internal static class RequestsCapability
{
    public static IServiceCollection AddRequests(this IServiceCollection services) =>
        services
            .AddSingleton<Replies>()
            .AddSingleton<PlatformEndpoint>()
            .AddApiDescription();

    public static void UseProblems(this IApplicationBuilder app) => app.UseMiddleware<Problems>();

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use(SecurityHeaders.Add);

    public static void UseIdempotency(this IApplicationBuilder app) => app.UseMiddleware<Idempotency>();

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("").Requires(Verb.Anonymous).ExcludeFromDescription();

        // The server listens only after the store was read, so whoever gets an answer has a server that is ready.
        health.MapGet("/healthz", () => "ok");
        health.MapGet("/readyz", () => "ok");
    }

    public static void MapPlatform(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/platform", PlatformEndpoint.Endpoint).Requires(Verb.Read).WithTags("Platform")
            .Answers<PlatformView>()
            .WithSummary("The platform itself: version, addresses, isolation.");

    /// <summary>Everything that nobody maps, so that also such an answer says what to do.</summary>
    public static void MapUnknown(this IEndpointRouteBuilder routes) =>
        routes.MapFallback("{**path}", (HttpContext context) => PortalCapability.NotFoundPage(context) ?? new NothingHere(context.Request.Method, context.Request.Path).ToHttp())
            .Requires(Verb.Anonymous)
            .ExcludeFromDescription();
}

internal sealed record NothingHere(string Method, string Path)
    : Error("http.nothing_here", $"There is nothing at {Method} {Path}.", "See /openapi.json for what there is.", 404);
