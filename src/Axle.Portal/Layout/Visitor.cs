using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Portal.Layout;

/// <summary>Who looks at this page, and what they sent.</summary>
public sealed class Visitor(IHttpContextAccessor accessor)
{
    /// <summary>The caller that the host has found for this request.</summary>
    /// <exception cref="InvalidOperationException">There is no request, or nobody is signed in; the host lets neither come here.</exception>
    public Caller Caller => accessor.HttpContext?.Features.Get<Caller>() ?? throw new InvalidOperationException("A page is rendered without a caller.");

    /// <summary>The path of this page.</summary>
    public string Path => accessor.HttpContext?.Request.Path.Value ?? "/";

    /// <summary>Path and query of this page.</summary>
    public string Here => accessor.HttpContext is { } context ? context.Request.Path + context.Request.QueryString : "/";

    /// <summary>Ends when the visitor goes away.</summary>
    public CancellationToken Stop => accessor.HttpContext?.RequestAborted ?? CancellationToken.None;

    /// <summary>The form that was posted to this page, or null.</summary>
    public IFormCollection? Form => accessor.HttpContext is { Request.HasFormContentType: true } context ? context.Request.Form : null;

    /// <summary>A value of the query, or null.</summary>
    public string? Query(string name) => accessor.HttpContext?.Request.Query[name] is [var value, ..] ? value : null;

    /// <summary>All values of the query.</summary>
    public IQueryCollection Parameters => accessor.HttpContext?.Request.Query ?? QueryCollection.Empty;

    /// <summary>The status that this page answers with, for programs that look at it.</summary>
    public void Answer(int status)
    {
        // Not at once: the renderer takes a 404 that stands before it has written for "write nothing".
        if (accessor.HttpContext?.Response is { HasStarted: false } response)
        {
            response.OnStarting(() =>
            {
                response.StatusCode = status;
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>Up to two letters for the avatar.</summary>
    public string Initials =>
        string.Concat((Caller.DisplayName ?? Caller.User.Name).Split([' ', '-', '.', '_'], StringSplitOptions.RemoveEmptyEntries).Take(2).Select(w => char.ToUpperInvariant(w[0])));
}
