using System.Net.Http.Headers;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Axle.Platform.Ownership;

/// <summary>
/// Finds out who asks, and lets through what their role and scopes allow. Denies by default: an endpoint that declares no
/// verb is closed to everybody. Whether the caller owns the thing is the endpoint's own question.
/// </summary>
internal sealed class Authentication(
    RequestDelegate next,
    Tokens tokens,
    Sessions sessions,
    Callers callers,
    Failures failures,
    PlatformOptions options,
    IWebHostEnvironment environment)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // What is no route is routing's own refusal (no such address, method or type of content) and runs no code of ours.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        // 1. Every endpoint says what it needs.
        if (endpoint.Metadata.GetMetadata<Verb>() is not { } verb)
        {
            var missing = new NoVerb(endpoint.DisplayName ?? "This endpoint");
            await (environment.IsDevelopment() ? missing with { Status = 500 } : missing).ToHttp().ExecuteAsync(context);
            return;
        }

        // 2. A browser's write must come from the portal itself.
        if (Origins.Crosses(context.Request, options.PublicUrl, SessionCookie.Of(context.Request, options) is not null))
        {
            await new CrossSite().ToHttp().ExecuteAsync(context);
            return;
        }

        // 3. Who is it?
        var found = Identify(context.Request);
        if (found.TryGet(out var known, out var error))
        {
            context.Features.Set(known.Caller);
            context.Features.Set(known.Credential);
        }

        if (verb == Verb.Anonymous)
        {
            await next(context);
            return;
        }

        if (error is not null)
        {
            await RefuseAsync(context, error);
            return;
        }

        // 4. May they?
        if (known!.Caller.Refuse(verb) is { } refusal)
        {
            await refusal.ToHttp().ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    private Result<Identified> Identify(HttpRequest request)
    {
        if (TokenOf(request) is { } text)
        {
            return tokens.Check(text).TryGet(out var token, out var error)
                ? Known(new Credential(token.Id, EntityRef.Parse(token.User), token.Scopes))
                : error;
        }

        if (SessionCookie.Of(request, options) is not { } cookie)
        {
            return new NotSignedIn();
        }

        return sessions.Check(cookie) is { } credential ? Known(credential) : new SessionEnded();
    }

    private Result<Identified> Known(Credential credential) =>
        callers.Of(credential) is { } caller ? new Identified(caller, credential) : new UserGone(credential.User);

    /// <summary>The token of <c>Bearer</c>, or the password of <c>Basic</c>, which is how git sends it.</summary>
    private static string? TokenOf(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Parameter is not { } parameter)
        {
            return null;
        }

        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return parameter;
        }

        if (!header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var decoded = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, decoded, out var length))
        {
            return "";
        }

        var pair = Encoding.UTF8.GetString(decoded, 0, length);
        return pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    private async Task RefuseAsync(HttpContext context, Error error)
    {
        // Only who fails is slowed down. A right token always passes, so nobody can lock others of the same address out.
        if (error is not NotSignedIn and not SessionEnded && failures.Add(context.Connection.RemoteIpAddress))
        {
            context.Response.Headers.RetryAfter = "60";
            await new TooManyFailures().ToHttp().ExecuteAsync(context);
            return;
        }

        if (IsBrowser(context.Request))
        {
            context.Response.Redirect($"/login?return={Uri.EscapeDataString(PageOf(context.Request))}");
            return;
        }

        context.Response.Headers.WWWAuthenticate = context.Request.Path.StartsWithSegments("/git", StringComparison.Ordinal)
            ? "Basic realm=\"Axle\", charset=\"UTF-8\""
            : "Bearer realm=\"Axle\"";
        await error.ToHttp().ExecuteAsync(context);
    }

    private static bool IsBrowser(HttpRequest request) =>
        !request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
        && !request.Path.StartsWithSegments("/git", StringComparison.Ordinal)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where somebody was: what they asked to see, or the page whose button they pressed when their session had ended.</summary>
    private static string PageOf(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) ? request.Path + request.QueryString
        : Uri.TryCreate(request.Headers.Referer.ToString(), UriKind.Absolute, out var page) ? page.PathAndQuery
        : "/";

    private sealed record Identified(Caller Caller, Credential Credential);
}
