using Axle.Contracts;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ProblemDetails = Axle.Contracts.ProblemDetails;

namespace Axle.Platform.Http;

/// <summary>What all capabilities' endpoints share: the declared verb, and refusals as Problem Details.</summary>
public static class Endpoints
{
    /// <summary>Declares the verb of an endpoint or group. The host refuses an endpoint that has none.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder builder, Verb verb)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(verb);

    /// <summary>Tells the API's description what the endpoint answers, and how it refuses.</summary>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder builder, int status = StatusCodes.Status200OK) =>
        builder.Produces<T>(status).Produces<ProblemDetails>(StatusCodes.Status400BadRequest, "application/problem+json");

    /// <summary>The value as the endpoint words it, or the refusal.</summary>
    public static IResult ToHttp<T>(this Result<T> result, Func<T, IResult> ok) => result.TryGet(out var value, out var error) ? ok(value) : error.ToHttp();

    /// <summary>A refusal in RFC 9457's form.</summary>
    public static IResult ToHttp(this Error error) => new ProblemResult(error);

    /// <summary>A refusal's body.</summary>
    public static ProblemDetails ToProblemDetails(this Error error, HttpContext context) => new()
    {
        Type = $"https://axle.dev/errors/{error.Code}",
        Title = error.Message,
        Status = error.Status,
        Code = error.Code,
        Next = error.Next,
        Errors = error.Problems,
        TraceId = System.Diagnostics.Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier,
    };

    private sealed class ProblemResult(Error error) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = error.Status;

            // git shows a refusal to the person, behind "remote:", only when it is plain text.
            if (httpContext.Request.Path.StartsWithSegments("/git", StringComparison.Ordinal))
            {
                httpContext.Response.ContentType = "text/plain; charset=utf-8";
                return httpContext.Response.WriteAsync($"axle: {error.Message}\n{string.Concat((error.Problems ?? []).Select(p => $"  {p}\n"))}{(error.Next is null ? "" : $"Next: {error.Next}\n")}", httpContext.RequestAborted);
            }

            if (BackstageErrors.AreSpokenAt(httpContext.Request.Path))
            {
                return BackstageErrors.WriteAsync(httpContext, error);
            }

            return httpContext.Response.WriteAsJsonAsync(error.ToProblemDetails(httpContext), AxleJson.Default.ProblemDetails, "application/problem+json", httpContext.RequestAborted);
        }
    }
}
