using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Http;

namespace Axle.Portal.Layout;

/// <summary>Who looks at this page.</summary>
public sealed class Visitor(IHttpContextAccessor accessor)
{
    /// <summary>The caller that the host has found for this request.</summary>
    /// <exception cref="InvalidOperationException">There is no request, or nobody is signed in; the host lets neither come here.</exception>
    public Caller Caller => accessor.HttpContext?.Features.Get<Caller>() ?? throw new InvalidOperationException("A page is rendered without a caller.");

    /// <summary>The path and query of this page.</summary>
    public string Here => accessor.HttpContext is { } context ? context.Request.Path + context.Request.QueryString : "/";

    /// <summary>A value of the query, or null.</summary>
    public string? Query(string name) => accessor.HttpContext?.Request.Query[name] is [var value, ..] ? value : null;

    /// <summary>Up to two letters for the avatar.</summary>
    public string Initials =>
        string.Concat((Caller.DisplayName ?? Caller.User.Name).Split([' ', '-', '.', '_'], StringSplitOptions.RemoveEmptyEntries).Take(2).Select(w => char.ToUpperInvariant(w[0])));
}
