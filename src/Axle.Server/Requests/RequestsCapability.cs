using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;

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

    public static void UseWholeText(this IApplicationBuilder app) => app.Use(WholeText.Check);

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
}
