using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Ownership;

/// <summary>
/// Tells a browser's request that another site made it send. The session cookie is <c>SameSite=Lax</c>, which still
/// counts services on other ports of this host as the same site; so writes, and WebSockets, must be of the same origin.
/// </summary>
internal static class Origins
{
    public static bool Crosses(HttpRequest request, string publicUrl, bool hasCookie)
    {
        if (!Acts(request) || request.Headers.Authorization.Count > 0)
        {
            // A page of another site cannot set this header without being asked for permission, which nobody gives.
            return false;
        }

        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
        {
            return !site.Equals("same-origin", StringComparison.OrdinalIgnoreCase);
        }

        return request.Headers.Origin.ToString() is { Length: > 0 } origin
            ? !IsOwn(origin, request, publicUrl)
            : hasCookie;
    }

    private static bool Acts(HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
        || request.HttpContext.WebSockets.IsWebSocketRequest
        || request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    private static bool IsOwn(string origin, HttpRequest request, string publicUrl) =>
        origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || (Uri.TryCreate(publicUrl, UriKind.Absolute, out var known) && origin.Equals(known.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase));
}
