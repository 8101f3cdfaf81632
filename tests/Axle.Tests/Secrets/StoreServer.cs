using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Secrets;

/// <summary>A store as the documentation of Vault (KV version 2) and of Kubernetes describes its answers; and one that misbehaves.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    public const string Token = "hvs.the-token-of-axle";

    private readonly WebApplication _app;

    private StoreServer(WebApplication app) => _app = app;

    /// <summary>How it answers: <c>well</c>, or a kind of trouble.</summary>
    public string Mood { get; set; } = "well";

    /// <summary>Path to fields, as JSON.</summary>
    public ConcurrentDictionary<string, string> Values { get; } = new();

    /// <summary>What was asked, with what was shown for it.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public string Address { get; private set; } = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<StoreServer> StartAsync(X509Certificate2? certificate = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        var server = new StoreServer(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(Stop);
        server.Address = server._app.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var shown = context.Request.Headers["X-Vault-Token"].ToString() is { Length: > 0 } vault ? vault : context.Request.Headers.Authorization.ToString();
        Asked.Enqueue($"{context.Request.Method} {path} {context.Request.Headers["X-Vault-Namespace"]}{shown}");
        return Mood switch
        {
            "sealed" => Answer(context, 503, """{"errors":["Vault is sealed"]}"""),
            "broken" => Answer(context, 500, """{"errors":["internal error"]}"""),
            "throttled" => Answer(context, 429, "{}"),
            "huge" => Answer(context, 200, """{"data":{"data":{"password":"LONG"}}}""".Replace("LONG", new string('x', 2 << 20), StringComparison.Ordinal)),
            "text" => Answer(context, 200, "<html>sign in</html>"),
            "other" => Answer(context, 200, """{"data":{"password":"of version 1"}}"""),
            "redirect" => Redirect(context),
            "slow" => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted),
            _ when shown != Token && shown != "Bearer " + Token => path.StartsWith("/v1/", StringComparison.Ordinal) ? Answer(context, 403, """{"errors":["permission denied"]}""") : Answer(context, 401, """{"kind":"Status","reason":"Unauthorized"}"""),
            _ when path.Contains("/closed", StringComparison.Ordinal) => Answer(context, 403, """{"errors":["1 error occurred: permission denied"]}"""),
            _ when path.StartsWith("/v1/auth/token/", StringComparison.Ordinal) => Answer(context, 200, """{"data":{"ttl":3600,"renewable":true}}"""),
            _ when path.EndsWith("/selfsubjectaccessreviews", StringComparison.Ordinal) => Answer(context, 201, """{"kind":"SelfSubjectAccessReview","status":{"allowed":false}}"""),
            _ when Vault(path) is { } fields => Answer(context, 200, $$$"""{"request_id":"1","lease_id":"","data":{"data":{{{fields}}},"metadata":{"version":3,"destroyed":false,"deletion_time":""}},"warnings":null}"""),
            _ when Kubernetes(path) is { } fields => Answer(context, 200, $$$"""{"kind":"Secret","apiVersion":"v1","type":"Opaque","metadata":{"name":"x"},"data":{{{fields}}} }"""),
            _ => Answer(context, 404, """{"errors":[]}"""),
        };
    }

    private string? Vault(string path) =>
        path.StartsWith("/v1/", StringComparison.Ordinal) && path.Split('/') is ["", "v1", var mount, "data", .. var rest] ? Values.GetValueOrDefault($"{mount}/{string.Join('/', rest)}") : null;

    private string? Kubernetes(string path) =>
        path.Split('/') is ["", "api", "v1", "namespaces", var space, "secrets", var name] && Values.GetValueOrDefault($"{space}/{name}") is { } fields
            ? JsonSerializer.Serialize(JsonSerializer.Deserialize<Dictionary<string, string>>(fields)!.ToDictionary(
                field => field.Key,
                field => field.Value.StartsWith("hex:", StringComparison.Ordinal) ? Convert.ToBase64String(Convert.FromHexString(field.Value[4..])) : Convert.ToBase64String(Encoding.UTF8.GetBytes(field.Value))))
            : null;

    private static Task Redirect(HttpContext context)
    {
        context.Response.StatusCode = 307;
        context.Response.Headers.Location = "/v1/kv/data/elsewhere";
        return Task.CompletedTask;
    }

    private static Task Answer(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
