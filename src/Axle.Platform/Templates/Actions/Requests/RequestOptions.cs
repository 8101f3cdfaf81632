namespace Axle.Platform.Templates.Actions;

/// <summary>Where <c>http:backstage:request</c> may lead besides the platform's own API; section <c>Templates</c>.</summary>
public sealed class RequestOptions
{
    /// <summary>As Backstage's <c>proxy.endpoints</c>: a path that begins with <c>proxy/NAME/</c> is asked at the target of that name.</summary>
    public Dictionary<string, ProxyTarget> Proxy { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>One of them.</summary>
public sealed class ProxyTarget
{
    /// <summary>An http or https address; what stands after the name in the path is put behind it.</summary>
    public string Target { get; set; } = "";

    /// <summary>Headers of every request, for instance a token; templates never see them.</summary>
    public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}
