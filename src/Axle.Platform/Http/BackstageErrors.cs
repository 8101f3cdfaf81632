using System.Text.Json;
using Axle.Contracts;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Http;

/// <summary>Refusals as Backstage's clients read them, on the paths where Axle speaks Backstage's API.</summary>
internal static class BackstageErrors
{
    public static bool AreSpokenAt(PathString path) =>
        path.StartsWithSegments("/api/catalog", StringComparison.Ordinal) || path.StartsWithSegments("/api/scaffolder", StringComparison.Ordinal);

    public static Task WriteAsync(HttpContext context, Error error)
    {
        var request = context.Request;
        var body = new Body(
            new Named(Name(error.Status), error.Message, error.Next),
            new Asked(request.Method, request.PathBase + request.Path + request.QueryString),
            new Answered(error.Status));
        return context.Response.WriteAsJsonAsync(body, JsonSerializerOptions.Web, context.RequestAborted);
    }

    private static string Name(int status) => status switch
    {
        StatusCodes.Status400BadRequest or StatusCodes.Status422UnprocessableEntity => "InputError",
        StatusCodes.Status401Unauthorized => "AuthenticationError",
        StatusCodes.Status403Forbidden => "NotAllowedError",
        StatusCodes.Status404NotFound => "NotFoundError",
        StatusCodes.Status409Conflict => "ConflictError",
        StatusCodes.Status501NotImplemented => "NotImplementedError",
        StatusCodes.Status503ServiceUnavailable => "ServiceUnavailableError",
        _ => "Error",
    };

    private sealed record Body(Named Error, Asked Request, Answered Response);

    private sealed record Named(string Name, string Message, string? Next);

    private sealed record Asked(string Method, string Url);

    private sealed record Answered(int StatusCode);
}
