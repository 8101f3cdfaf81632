using Axle.Contracts;
using Axle.Engines;
using Axle.Entities;
using Axle.Platform;
using Axle.Platform.Files;
using Axle.Platform.Http;
using Microsoft.Data.Sqlite;

namespace Axle.Server.Requests;

/// <summary>
/// Turns what went wrong into Problem Details. What a client did wrong is said; what we did wrong is logged, and the
/// client gets the id to find it by.
/// </summary>
internal sealed class Problems(RequestDelegate next, PlatformOptions platform, ILogger<Problems> log)
{
    private const int SqliteFull = 13;
    private const int NoSpace = 28;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (Unanswered(context) is { } unanswered)
            {
                await unanswered.ToHttp().ExecuteAsync(context);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away; nobody reads an answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var error = e switch
            {
                BadHttpRequestException bad => Worded(bad),
                StoreException store => store.Error,
                _ when IsDiskFull(e) => DiskSpace.Full(platform.DataFolder),
                EngineUnavailableException or EngineRefusedException => new Error("engine.failed", e.Message, "axle status", 503),
                _ => new Error("server.failed", "Axle failed at this; the fault is ours.", "Try again; if it stays, report the traceId.", 500),
            };
            if (error.Status >= 500)
            {
                // A full disk is no fault of ours, and its log would only fill it further.
                log.LogError(error.Status == StatusCodes.Status507InsufficientStorage ? null : e, "{Method} {Path} failed ({TraceId})", context.Request.Method, context.Request.Path, error.ToProblemDetails(context).TraceId);
            }

            context.Response.Headers.ETag = default;
            context.Response.Headers.CacheControl = "no-store";
            await error.ToHttp().ExecuteAsync(context);
        }
    }

    /// <summary>The agent tells only that it failed, so there the disk itself is asked.</summary>
    private bool IsDiskFull(Exception e) => e switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode == SqliteFull,
        IOException { HResult: NoSpace } => true,
        EngineUnavailableException or EngineRefusedException or IOException => DiskSpace.IsGone(platform.DataFolder),
        _ => false,
    };

    /// <summary>What routing refuses by itself, with an empty answer: no such address, method or type of content.</summary>
    private static Error? Unanswered(HttpContext context)
    {
        if (context.Response.HasStarted || context.GetEndpoint() is RouteEndpoint)
        {
            return null;
        }

        var request = context.Request;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => new Error("http.nothing_here", $"There is nothing at {request.Method} {request.Path}.", "See /openapi.json for what there is.", 404),
            StatusCodes.Status405MethodNotAllowed => new Error("http.method", $"{request.Path} does not take {request.Method}.", $"Use {context.Response.Headers.Allow}.", 405),
            StatusCodes.Status415UnsupportedMediaType => new Error("http.content_type", $"{request.Method} {request.Path} does not take {request.ContentType ?? "a request without Content-Type"}.", "Send application/json.", 415),
            _ => null,
        };
    }

    private static Error Worded(BadHttpRequestException bad) => bad switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => new Error("http.too_large", "The request's body is too large.", "Send it in parts.", 413),
        { InnerException: System.Text.Json.JsonException json } => new Error("http.body_invalid", "The request's body does not fit.", "See /openapi.json for its form.", 400)
        {
            Problems = [new Problem(json.Message.Split(" Path:")[0], Path: json.Path?.TrimStart('$').TrimStart('.'))],
        },
        _ => new Error("http.bad_request", bad.Message, "See /openapi.json for what is expected.", bad.StatusCode),
    };
}
