using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Axle.Agent.Ingress;

/// <summary>
/// What Kestrel calls for each request. No middleware, routing, scopes, diagnostics or per-request logging stand between:
/// every user's request pays for what is here.
/// </summary>
internal sealed class IngressApplication(Forwarding forwarding, ILogger log) : IHttpApplication<DefaultHttpContext>
{
    public DefaultHttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is not IHostContextContainer<DefaultHttpContext> container)
        {
            return new(contextFeatures);
        }

        // Kestrel keeps it with the connection, for its next request.
        if (container.HostContext is { } context)
        {
            context.Initialize(contextFeatures);
            return context;
        }

        return container.HostContext = new(contextFeatures);
    }

    public Task ProcessRequestAsync(DefaultHttpContext context)
    {
        try
        {
            var running = forwarding.RunAsync(context);
            return running.IsCompletedSuccessfully ? running : FinishAsync(running, context);
        }
        catch (Exception e)
        {
            return FailAsync(e, context);
        }
    }

    public void DisposeContext(DefaultHttpContext context, Exception? exception) => context.Uninitialize();

    private async Task FinishAsync(Task running, DefaultHttpContext context)
    {
        try
        {
            await running;
        }
        catch (Exception e)
        {
            await FailAsync(e, context);
        }
    }

    private async Task FailAsync(Exception failure, DefaultHttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        log.LogError(failure, "The ingress could not handle a request.");
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        await (failure is BadHttpRequestException bad ? Answer.BadRequest(bad.StatusCode) : Answer.Failed).WriteAsync(context);
    }
}
