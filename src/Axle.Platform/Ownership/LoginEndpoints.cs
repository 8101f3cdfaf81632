using System.Text.Encodings.Web;
using Axle.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Axle.Platform.Ownership;

/// <summary>How a browser gets a session: by a one-time link that the CLI asked for, or by a token typed into the form.</summary>
internal static class LoginEndpoints
{
    private const int FormMax = 4096;

    public static Created<LoginLink> NewLink(Sessions sessions, PlatformOptions options, HttpContext context)
    {
        var credential = context.Features.Get<Credential>() ?? throw new InvalidOperationException("The endpoint ran without a checked credential.");
        var (code, expires) = sessions.NewLink(credential);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, new LoginLink($"{options.PublicUrl}/login/{code}", expires));
    }

    public static IResult UseLink(string code, Sessions sessions, Failures failures, PlatformOptions options, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (sessions.BeginWithLink(code) is not { } cookie)
        {
            var slowDown = failures.Add(context.Connection.RemoteIpAddress);
            return Page("/", "This link was used before, or is older than ten minutes. Ask for a new one:", slowDown ? 429 : 410);
        }

        SessionCookie.Set(context.Response, options, cookie);
        return TypedResults.Redirect("/");
    }

    public static IResult Form(HttpRequest request) => Page(Local(request.Query["return"]), null, 200);

    public static async Task<IResult> SignIn(HttpContext context, Tokens tokens, Sessions sessions, Callers callers, Failures failures, PlatformOptions options, CancellationToken stop)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!context.Request.HasFormContentType || context.Request.ContentLength is null or > FormMax)
        {
            return Page("/", "The form could not be read.", 400);
        }

        var form = await context.Request.ReadFormAsync(stop);
        var target = Local(form["return"]);
        var typed = form["token"].ToString().Trim();
        if (!tokens.Check(typed).TryGet(out var token, out var error))
        {
            return failures.Add(context.Connection.RemoteIpAddress)
                ? Page(target, new TooManyFailures().Message, 429)
                : Page(target, error.Message, 401);
        }

        var credential = new Credential(token.Id, EntityRef.Parse(token.User), token.Scopes);
        if (callers.Of(credential) is null)
        {
            return Page(target, new UserGone(credential.User).Message, 401);
        }

        SessionCookie.Set(context.Response, options, sessions.Begin(credential));
        return TypedResults.LocalRedirect(target);
    }

    public static RedirectHttpResult SignOut(HttpContext context, Sessions sessions, PlatformOptions options)
    {
        if (SessionCookie.Of(context.Request, options) is { } cookie)
        {
            sessions.End(cookie);
        }

        SessionCookie.Clear(context.Response, options);
        return TypedResults.Redirect("/login");
    }

    /// <summary>A path on this host, whatever was asked for.</summary>
    private static string Local(string? path) =>
        path is ['/', ..] && path is not ['/', '/' or '\\', ..] && !path.Any(char.IsControl) ? path : "/";

    private static ContentHttpResult Page(string target, string? problem, int status) => TypedResults.Content(
        $$"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Sign in · Axle</title>
        <meta name="color-scheme" content="light dark">
        <link rel="stylesheet" href="/_content/Axle.Portal/app.css">
        <link rel="icon" href="/_content/Axle.Portal/icon.svg" type="image/svg+xml">
        <body class="signin">
        <main class="card form">
          <img src="/_content/Axle.Portal/icon.svg" alt="" width="36" height="36">
          <h1>Sign in to Axle</h1>
          {{(problem is null ? "" : $"<p class=\"notice failing\" role=\"alert\">{HtmlEncoder.Default.Encode(problem)}</p>")}}
          <p>Run <code>axle open</code>: it opens this page signed in. Or paste a token:</p>
          <form method="post" action="/login">
            <input type="hidden" name="return" value="{{HtmlEncoder.Default.Encode(target)}}">
            <div class="field"><label for="token">Token</label><input id="token" name="token" type="password" autocomplete="off" required></div>
            <button class="primary">Sign in</button>
          </form>
        </main>
        </html>
        """,
        "text/html; charset=utf-8",
        statusCode: status);
}
