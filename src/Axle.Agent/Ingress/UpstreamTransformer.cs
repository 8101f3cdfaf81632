using System.Net;
using Yarp.ReverseProxy.Forwarder;

namespace Axle.Agent.Ingress;

/// <summary>What changes on the way to an instance: who asked, over what and for which host is said by us, never by the client.</summary>
internal sealed class UpstreamTransformer(Upstream upstream) : HttpTransformer
{
    /// <summary>What a client may not tell an instance. <c>Proxy</c> becomes the variable HTTP_PROXY in CGI programs.</summary>
    private static readonly string[] s_dropped = ["Forwarded", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Real-IP", "X-Original-URL", "X-Rewrite-URL", "Proxy"];

    private static readonly UriCreationOptions s_asItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override ValueTask TransformRequestAsync(HttpContext context, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var headers = context.Request.Headers;
        foreach (var name in s_dropped)
        {
            headers.Remove(name);
        }

        headers["X-Forwarded-For"] = Address(context.Connection.RemoteIpAddress);
        headers["X-Forwarded-Host"] = context.Request.Host.Value;
        headers["X-Forwarded-Proto"] = context.Request.Scheme;

        // The path goes on byte for byte: decoding and encoding again would change what some instances tell apart (%7E and ~).
        // That every character may stand in a request line was checked before.
        if (Forwarding.RawTarget(context) is { } target && target.StartsWith('/'))
        {
            proxyRequest.RequestUri = new Uri(destinationPrefix + target, s_asItIs);
        }

        // Copies the headers, Host included, without those that belong to the connection.
        return base.TransformRequestAsync(context, proxyRequest, destinationPrefix, cancellationToken);
    }

    public override ValueTask<bool> TransformResponseAsync(HttpContext context, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is not null && IsEventStream(proxyResponse))
        {
            return StartStreamAsync(context, proxyResponse, cancellationToken);
        }

        if (proxyResponse is { StatusCode: HttpStatusCode.SwitchingProtocols })
        {
            upstream.MarkEndless(context);
        }

        return base.TransformResponseAsync(context, proxyResponse, cancellationToken);
    }

    // The forwarder sends the headers with the first bytes of the body; a page that waits for its event source to open wants them now.
    private async ValueTask<bool> StartStreamAsync(HttpContext context, HttpResponseMessage proxyResponse, CancellationToken stop)
    {
        upstream.MarkEndless(context);
        var copyBody = await base.TransformResponseAsync(context, proxyResponse, stop);
        await context.Response.Body.FlushAsync(stop);
        return copyBody;
    }

    private static bool IsEventStream(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var types)
        && types.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static string? Address(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();
}
