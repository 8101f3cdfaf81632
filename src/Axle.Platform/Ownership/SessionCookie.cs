using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Ownership;

/// <summary>The cookie that carries a session. Over https its name makes the browser refuse it from anybody but this host.</summary>
internal static class SessionCookie
{
    public static string? Of(HttpRequest request, PlatformOptions options) =>
        request.Cookies.TryGetValue(Name(options), out var value) && value.Length > 0 ? value : null;

    public static void Set(HttpResponse response, PlatformOptions options, string value) =>
        response.Cookies.Append(Name(options), value, Settings(options, Sessions.Longest));

    public static void Clear(HttpResponse response, PlatformOptions options) =>
        response.Cookies.Append(Name(options), "", Settings(options, TimeSpan.Zero));

    private static string Name(PlatformOptions options) => IsHttps(options) ? "__Host-axle" : "axle_session";

    private static bool IsHttps(PlatformOptions options) => options.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    private static CookieOptions Settings(PlatformOptions options, TimeSpan age) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        SameSite = SameSiteMode.Lax,
        Secure = IsHttps(options),
        Path = "/",
        MaxAge = age,
    };
}
