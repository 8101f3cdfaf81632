using System.Text;
using System.Text.Json;
using Axle.Entities;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Http;

/// <summary>One event of a stream; the data becomes JSON on one line.</summary>
public sealed record ServerEvent(string Name, object Data, string? Id = null);

/// <summary>
/// Sends events for as long as the source has some. A comment every 15 seconds keeps proxies from closing a quiet
/// stream, and a stopping server ends it, so that no open page holds up a restart.
/// </summary>
public sealed class ServerSentEvents(Func<CancellationToken, IAsyncEnumerable<ServerEvent>> source) : IResult
{
    private static readonly TimeSpan s_quietMax = TimeSpan.FromSeconds(15);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            httpContext.RequestAborted,
            services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None);
        var stop = ending.Token;

        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        var events = source(stop).GetAsyncEnumerator(stop);
        Task<bool>? next = null;
        try
        {
            await response.StartAsync(stop);
            await response.Body.FlushAsync(stop);
            while (true)
            {
                next ??= events.MoveNextAsync().AsTask();
                if (!next.IsCompleted && await QuietAsync(next, clock, stop))
                {
                    await response.WriteAsync(": quiet\n\n", stop);
                }
                else if (await next)
                {
                    next = null;
                    await response.Body.WriteAsync(Text(events.Current), stop);
                }
                else
                {
                    return;
                }

                await response.Body.FlushAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The reader went away, or the server stops: both are how such a stream ends.
        }
        finally
        {
            await ending.CancelAsync();
            await FinishAsync(next);
            await events.DisposeAsync();
        }
    }

    /// <summary>True when the time was up before something happened.</summary>
    private static async Task<bool> QuietAsync(Task next, TimeProvider clock, CancellationToken stop)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var quiet = Task.Delay(s_quietMax, clock, enough.Token);
        var first = await Task.WhenAny(next, quiet);
        await enough.CancelAsync();
        return first == quiet && !stop.IsCancellationRequested;
    }

    /// <summary>An enumerator must not be disposed while it is asked for its next item.</summary>
    private static async Task FinishAsync(Task? next)
    {
        if (next is not null)
        {
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static byte[] Text(ServerEvent one)
    {
        var id = one.Id is null ? "" : $"id: {one.Id}\n";
        return Encoding.UTF8.GetBytes($"event: {one.Name}\n{id}data: {JsonSerializer.Serialize(one.Data, EntityJson.Options)}\n\n");
    }
}
