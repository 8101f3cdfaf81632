using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using ProblemDetails = Axle.Contracts.ProblemDetails;

namespace Axle.Agent.Ingress;

/// <summary>
/// What the ingress says in its own name: a small page for people, Problem Details for programs. Everybody can read it, so it names no
/// workload, host, instance or path.
/// </summary>
internal sealed record Answer(int Status, string Code, string Title, string Detail, int? RetryAfterSeconds = null, string? Allow = null)
{
    public static Answer UnknownHost { get; } =
        new(404, "ingress.unknown_host", "There is nothing here", "No application answers at this address. Check its spelling, or deploy the application that should be here.");

    public static Answer NotFound { get; } = new(404, "ingress.not_found", "Page not found", "This site has no page at this address.");

    public static Answer MethodRefused { get; } = new(405, "ingress.method", "Method not allowed", "This method cannot be used here.");

    public static Answer OnlyReading { get; } = new(405, "ingress.method", "Method not allowed", "This site can only be read.", Allow: "GET, HEAD");

    public static Answer Refused { get; } =
        new(502, "ingress.refused", "The application does not answer", "It accepts no connection: it may be starting again. Try again in a moment.", 2);

    public static Answer Broken { get; } =
        new(502, "ingress.broken", "The application did not answer properly", "It closed the connection before its answer was complete, or sent something that is no HTTP. Its logs say more.");

    public static Answer TooSlow { get; } = new(504, "ingress.too_slow", "The application took too long", "It accepted the request and then said nothing for too long.");

    public static Answer Cut { get; } =
        new(503, "ingress.cut", "The request was interrupted", "The application was replaced or stopped before it had answered. It is safe to look whether the request took effect and to try again.", 1);

    public static Answer Failed { get; } = new(500, "ingress.failed", "Something went wrong here", "The request could not be handled. Nothing is known to be wrong with the application itself.");

    public static Answer NoFiles { get; } = new(503, "ingress.no_files", "This site is not available", "Its files are missing on the server. Deploying it again brings them back.", 10);

    public static Answer BadRequest(int status) => new(status, "ingress.bad_request", status == 408 ? "The request came too slowly" : "The request is not valid", "It was not passed on to the application.");

    public static Answer TooLarge(long bytesMax) =>
        new(413, "ingress.too_large", "The request is too large", string.Create(CultureInfo.InvariantCulture, $"At most {bytesMax / (1024d * 1024):0.##} MB can be sent at once."));

    public static Answer Of(Unavailable? unavailable) => unavailable is null
        ? new(503, "ingress.unavailable", "Not available at the moment", "The application is starting or stopped. Try again in a moment.", 5)
        : new(unavailable.Status, "ingress.unavailable", unavailable.Title, unavailable.Detail, unavailable.Status >= 500 ? 5 : null);

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "Accept";
        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (Allow is not null)
        {
            response.Headers.Allow = Allow;
        }

        byte[] body;
        if (WantsHtml(context.Request.Headers.Accept.ToString()))
        {
            response.ContentType = "text/html; charset=utf-8";
            response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
            body = Encoding.UTF8.GetBytes(Html());
        }
        else
        {
            response.ContentType = "application/problem+json";
            var problem = new ProblemDetails { Type = $"https://axle.dev/errors/{Code}", Title = Title, Status = Status, Detail = Detail, Code = Code };
            body = JsonSerializer.SerializeToUtf8Bytes(problem, AxleJson.Default.ProblemDetails);
        }

        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    // Browsers name text/html first; programs ask for JSON, for everything, or for nothing.
    private static bool WantsHtml(string accept)
    {
        var html = accept.IndexOf("text/html", StringComparison.OrdinalIgnoreCase);
        var json = accept.IndexOf("json", StringComparison.OrdinalIgnoreCase);
        return html >= 0 && (json < 0 || html < json);
    }

    private string Html() => $$"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{{WebUtility.HtmlEncode(Title)}}</title>
        <style>
        :root { color-scheme: light dark; --ground: light-dark(#f7f8fa, #14161a); --card: light-dark(#fff, #1c1f25); --ink: light-dark(#1b1f27, #e8eaee); --soft: light-dark(#5a6270, #a0a8b5); --line: light-dark(#e3e6eb, #2c313a) }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
        main { box-sizing: border-box; width: min(30rem, 100vw - 2rem); padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px }
        h1 { margin: .25rem 0 .5rem; font-size: 1.35rem; line-height: 1.3 } p { margin: 0; color: var(--soft) } small { color: var(--soft); letter-spacing: .06em }
        </style>
        <main>
        <small>{{Status}}</small>
        <h1>{{WebUtility.HtmlEncode(Title)}}</h1>
        <p>{{WebUtility.HtmlEncode(Detail)}}</p>
        </main>
        </html>

        """;
}
