using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.Extensions.Primitives;

namespace Axle.Server.Requests;

/// <summary>
/// Makes a write that is sent twice happen once: the same <c>Idempotency-Key</c> with the same request gets the first
/// answer again, with another request it is refused. Keys are each user's own.
/// </summary>
internal sealed class Idempotency(RequestDelegate next, Replies replies)
{
    public const int BodyMax = 1 << 20;
    private const int KeyMax = 200;

    private static readonly string[] s_keptHeaders = ["Content-Type", "ETag", "Location"];

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var key = request.Headers["Idempotency-Key"].ToString();
        if (key.Length == 0
            || !request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            || !(HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsDelete(request.Method))
            || context.Features.Get<Caller>() is not { } caller)
        {
            await next(context);
            return;
        }

        // 1. Which request is this?
        if (key.Length > KeyMax || key.Any(char.IsControl))
        {
            await new Error("http.idempotency_key", $"The Idempotency-Key is longer than {KeyMax} characters, or has control characters.", "Use a UUID.", 400).ToHttp().ExecuteAsync(context);
            return;
        }

        if (await BodyAsync(request, context.RequestAborted) is not { } body)
        {
            await new Error("http.too_large", $"With an Idempotency-Key a body may have {BodyMax / (1 << 20)} MiB.", "Send it without the key, or in parts.", 413).ToHttp().ExecuteAsync(context);
            return;
        }

        request.Body = new MemoryStream(body, writable: false);
        var print = Print(request, context.GetEndpoint()?.Metadata.GetMetadata<KeptSecret>() is { IsInRequest: true } ? [] : body);

        // 2. Was it here before?
        if (replies.Begin(caller.Actor, key, print) is { } first)
        {
            await RepeatAsync(context, first, print);
            return;
        }

        // 3. The first time: do it, and keep what was said.
        await DoAsync(context, caller.Actor, key);
    }

    private async Task DoAsync(HttpContext context, string user, string key)
    {
        var response = context.Response;
        var body = response.Body;
        using var copy = new CopyingStream(body, BodyMax);
        response.Body = copy;
        var done = false;
        try
        {
            await next(context);
            done = true;
        }
        finally
        {
            response.Body = body;
            Keep(context, user, key, done, copy);
        }
    }

    private void Keep(HttpContext context, string user, string key, bool done, CopyingStream copy)
    {
        var response = context.Response;

        // Nothing happened that a second try could double; a failure of ours may well go better then.
        if (!done || response.StatusCode is >= 500 or 401 or 403 or 429)
        {
            replies.Forget(user, key);
            return;
        }

        var repeatable = !copy.Overflowed
            && context.GetEndpoint()?.Metadata.GetMetadata<KeptSecret>() is null or { IsInRequest: true }
            && response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) != true;
        var headers = s_keptHeaders.Where(name => response.Headers.ContainsKey(name)).ToDictionary(name => name, name => response.Headers[name].ToString());
        replies.Finish(user, key, response.StatusCode, JsonSerializer.Serialize(headers), repeatable ? copy.Copied() : null);
    }

    private static async Task RepeatAsync(HttpContext context, Reply first, byte[] print)
    {
        if (!CryptographicOperations.FixedTimeEquals(first.Request, print))
        {
            await new Error("http.idempotency_reused", "This Idempotency-Key was used for another request.", "Use a new key for each thing you want done.", 422).ToHttp().ExecuteAsync(context);
            return;
        }

        if (first.Status is not { } status)
        {
            context.Response.Headers.RetryAfter = "1";
            await new Error("http.idempotency_running", "The first request with this Idempotency-Key is still running.", "Send it again in a moment.", 409).ToHttp().ExecuteAsync(context);
            return;
        }

        context.Response.Headers["Idempotency-Replayed"] = "true";
        if (first.Body is null)
        {
            await new Error("http.idempotency_done", $"This was done before, with status {status}; its answer was a stream or a secret, and is not kept.", "Use a new key to do it again.", 409).ToHttp().ExecuteAsync(context);
            return;
        }

        context.Response.StatusCode = status;
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(first.Headers) ?? [])
        {
            context.Response.Headers[name] = new StringValues(value);
        }

        if (first.Body.Length > 0)
        {
            await context.Response.Body.WriteAsync(first.Body, context.RequestAborted);
        }
    }

    /// <summary>Null when it is too long.</summary>
    private static async Task<byte[]?> BodyAsync(HttpRequest request, CancellationToken stop)
    {
        if (request.ContentLength > BodyMax)
        {
            return null;
        }

        using var all = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, stop)) > 0)
        {
            if (all.Length + read > BodyMax)
            {
                return null;
            }

            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    private static byte[] Print(HttpRequest request, byte[] body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path}\n{request.QueryString}\n{request.Headers.IfMatch}\n{request.Headers.IfNoneMatch}\n"));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
