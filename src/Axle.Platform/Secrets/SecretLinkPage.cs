using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Axle.Platform.Secrets;

/// <summary>The three pages behind a one-time link; they work without scripts.</summary>
internal static class SecretLinkPage
{
    public static ContentHttpResult Ask() => Page("A secret for you", """
        <p>Somebody sent you a secret. It is shown once: have ready where it belongs.</p>
        <form method="post"><button class="primary">Show it, and end this link</button></form>
        """, 200);

    public static ContentHttpResult Show(string name, SecretValue value) => Page(HtmlEncoder.Default.Encode(name), $"""
        <p>This is shown only now; the link works no more.</p>
        <pre aria-label="The secret">{HtmlEncoder.Default.Encode(value.Reveal())}</pre>
        """, 200);

    public static ContentHttpResult Gone(string why, int status) => Page("Nothing to see", $"<p class=\"notice failing\" role=\"alert\">{HtmlEncoder.Default.Encode(why)}</p>", status);

    private static ContentHttpResult Page(string title, string body, int status) => TypedResults.Content(
        $"""
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{title} · Axle</title>
        <meta name="color-scheme" content="light dark">
        <link rel="stylesheet" href="/_content/Axle.Portal/app.css">
        <link rel="icon" href="/_content/Axle.Portal/icon.svg" type="image/svg+xml">
        <body class="signin">
        <main class="card form">
        <h1>{title}</h1>
        {body}
        </main>
        </html>
        """,
        "text/html; charset=utf-8",
        statusCode: status);
}
