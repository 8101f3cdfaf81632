using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Axle.Agent.Ingress;

/// <summary>Answers one request: finds its workload, claims an instance, forwards, and says what went wrong if it did.</summary>
internal sealed class Forwarding : IDisposable
{
    /// <summary>Instances that one request is tried on.</summary>
    private const int AttemptsMax = 3;

    private readonly RouteTable _routes;
    private readonly IHttpForwarder _forwarder;
    private readonly IngressOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly HttpMessageInvoker _client;
    private readonly ForwarderRequestConfig _ordinary;
    private readonly ForwarderRequestConfig _endless;
    private readonly ForwarderRequestConfig _grpc;

    public Forwarding(RouteTable routes, IHttpForwarder forwarder, IngressOptions options, TimeProvider clock, ILogger log)
    {
        (_routes, _forwarder, _options, _clock, _log) = (routes, forwarder, options, clock, log);
        _client = new(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            // The client's traceparent goes on as it is; an ingress without spans of its own must not put itself between.
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionIdleTimeout = options.InstanceIdleTimeout,
            // Header values travel byte for byte, as they do on the way back by default. The default here refuses what is not ASCII.
            RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
        });
        _ordinary = new() { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = options.ActivityTimeout };
        _endless = _ordinary with { ActivityTimeout = options.EndlessIdleTimeout };
        _grpc = _endless with { Version = HttpVersion.Version20 };
    }

    public void Dispose() => _client.Dispose();

    public static string? RawTarget(HttpContext context) => context.Features.Get<IHttpRequestFeature>()?.RawTarget;

    public Task RunAsync(HttpContext context)
    {
        // 1. What no instance should see.
        if (Refusal(context) is { } refusal)
        {
            return refusal.WriteAsync(context);
        }

        // 2. Whose is it? A route whose instances are all retired was replaced meanwhile: its successor is already published.
        while (_routes.Find(context.Request.Host.Value ?? "") is { } route)
        {
            if (route.Site is { } site)
            {
                return site.RunAsync(context);
            }

            if (route.Upstreams.Length == 0)
            {
                return Answer.Of(route.Unavailable).WriteAsync(context);
            }

            if (route.Claim(RefusedSince()) is { } upstream)
            {
                return ForwardAsync(context, route, upstream);
            }
        }

        return Answer.UnknownHost.WriteAsync(context);
    }

    private async Task ForwardAsync(HttpContext context, Route route, Upstream upstream)
    {
        var config = ConfigOf(context.Request);
        for (var attempt = 1; ; attempt++)
        {
            ForwarderError error;
            try
            {
                error = await _forwarder.SendAsync(context, upstream.Prefix, _client, config, upstream.Transformer, upstream.Cut);
            }
            finally
            {
                upstream.Release();
            }

            if (error == ForwarderError.None)
            {
                return;
            }

            // Connections could not be made, so nothing was sent, and the body was not touched: any request may be tried elsewhere.
            if (error == ForwarderError.Request && Failure(context) is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
            {
                upstream.MarkRefused(NowMilliseconds());
                if (attempt < AttemptsMax && Another(context, route, upstream) is { } next)
                {
                    upstream = next;
                    continue;
                }
            }

            await ExplainAsync(context, route, upstream, error);
            return;
        }
    }

    /// <summary>An instance other than the one that refused: of the newest route, as a refusal is often the first sign of a switch.</summary>
    private Upstream? Another(HttpContext context, Route route, Upstream refused)
    {
        while (_routes.Find(context.Request.Host.Value ?? "") is { Upstreams.Length: > 0 } newest && newest.WorkloadId == route.WorkloadId)
        {
            if (newest.Claim(RefusedSince()) is not { } next)
            {
                continue;
            }

            if (next != refused)
            {
                context.Response.StatusCode = StatusCodes.Status200OK;
                return next;
            }

            next.Release();
            return null;
        }

        return null;
    }

    private Task ExplainAsync(HttpContext context, Route route, Upstream upstream, ForwarderError error)
    {
        // The client left, or an upgraded connection came to its end: nobody to tell, nothing to report.
        if (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        if (upstream.Cut.IsCancellationRequested)
        {
            return Answer.Cut.WriteAsync(context);
        }

        // The client's own fault, told by Kestrel: too large, too slow, malformed.
        if (context.Response.StatusCode is >= 400 and < 500 and var status)
        {
            return (status == StatusCodes.Status413PayloadTooLarge ? Answer.TooLarge(_options.BodyBytesMax) : Answer.BadRequest(status)).WriteAsync(context);
        }

        var failure = Failure(context);
        _log.LogWarning("Request to {Workload} failed at {Destination} (port {Port}): {Error}: {Failure}", route.WorkloadId, upstream.Destination.Id, upstream.Destination.Port, error, failure?.Message);
        var answer = error switch
        {
            ForwarderError.RequestTimedOut => Answer.TooSlow,
            ForwarderError.Request when failure is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => Answer.Refused,
            _ => Answer.Broken,
        };
        return answer.WriteAsync(context);
    }

    // An instance is asked in HTTP/1.1, which every one speaks; gRPC is HTTP/2 from end to end.
    private ForwarderRequestConfig ConfigOf(HttpRequest request)
    {
        var headers = request.Headers;
        if (headers.ContentType.ToString().StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
        {
            return _grpc;
        }

        return headers.Upgrade.Count > 0 || IsWebSocketOverHttp2(request) || headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase)
            ? _endless
            : _ordinary;
    }

    /// <summary>RFC 8441: HTTP/2 opens a WebSocket by CONNECT with <c>:protocol</c>.</summary>
    private static bool IsWebSocketOverHttp2(HttpRequest request) =>
        HttpMethods.IsConnect(request.Method)
        && request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
        && string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);

    private Answer? Refusal(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsTrace(request.Method) || (HttpMethods.IsConnect(request.Method) && !IsWebSocketOverHttp2(request)))
        {
            return Answer.MethodRefused;
        }

        // A control character in the request line could end it early for the instance, and begin a second request of the client's choice.
        if (RawTarget(context).AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Answer.BadRequest(StatusCodes.Status400BadRequest);
        }

        return request.ContentLength > _options.BodyBytesMax ? Answer.TooLarge(_options.BodyBytesMax) : null;
    }

    private long RefusedSince() => NowMilliseconds() - (long)_options.RefusedPause.TotalMilliseconds;

    private long NowMilliseconds() => _clock.GetTimestamp() / (_clock.TimestampFrequency / 1000);

    private static Exception? Failure(HttpContext context) => context.Features.Get<IForwarderErrorFeature>()?.Exception;
}
