using Axle.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Axle.Platform.Ownership;

/// <summary>Who people are and what they may do: users and groups of the catalogue, tokens, sessions, the check on every request.</summary>
public static class OwnershipCapability
{
    public static IServiceCollection AddOwnership(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<IdentityDatabase>()
            .AddSingleton<Tokens>()
            .AddSingleton<Sessions>()
            .AddSingleton<Callers>()
            .AddSingleton<ILentTokens, LentTokens>()
            .AddSingleton<ICallers>(provider => provider.GetRequiredService<Callers>())
            .AddSingleton<Failures>()
            .AddSingleton<AdminToken>()
            .AddHostedService<FirstStart>();
    }

    /// <summary>Checks every request; stands after routing and before everything that acts.</summary>
    public static IApplicationBuilder UseOwnership(this IApplicationBuilder app) => app.UseMiddleware<Authentication>();

    public static void MapOwnership(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Identity").Requires(Verb.Tokens);
        api.MapGet("/me", TokenEndpoints.Me).Requires(Verb.Read).WithSummary("Who you are, your groups, role and scopes.");
        api.MapGet("/tokens", TokenEndpoints.List).WithSummary("Your tokens; with all=true an administrator sees everybody's.");
        api.MapPost("/tokens", TokenEndpoints.Create).WithSummary("Makes a token; its text is shown this once.").WithMetadata(KeptSecret.Instance);
        api.MapDelete("/tokens/{id}", TokenEndpoints.Revoke).WithSummary("Ends a token and its browser sessions at once.");
        api.MapPost("/login-links", LoginEndpoints.NewLink).WithSummary("A link that opens the portal signed in, once, within ten minutes.").WithMetadata(KeptSecret.Instance);

        var login = routes.MapGroup("").Requires(Verb.Anonymous).ExcludeFromDescription();
        login.MapGet("/login", LoginEndpoints.Form);
        login.MapPost("/login", LoginEndpoints.SignIn);
        login.MapGet("/login/{code}", LoginEndpoints.UseLink);
        login.MapPost("/logout", LoginEndpoints.SignOut);
    }

    /// <summary>Writes a new administrator's token into the data folder and ends the old one; works while the server runs.</summary>
    /// <returns>The file.</returns>
    public static string ResetAdminToken(PlatformOptions options) =>
        new AdminToken(new Tokens(new IdentityDatabase(options), TimeProvider.System), options).Renew();
}
