namespace Axle.Platform.Templates.Actions;

/// <summary>What Backstage's repository picker gives: <c>github.com?owner=shop&amp;repo=orders</c>.</summary>
/// <param name="Host">With its port, where there is one.</param>
/// <param name="Parts">The parameters, decoded.</param>
internal sealed record RepoUrl(string Host, IReadOnlyDictionary<string, string> Parts)
{
    /// <summary>Null for what is no such address, and for one that leads elsewhere by <c>..</c>.</summary>
    public static RepoUrl? Parse(string? text)
    {
        if (text is null || !Uri.TryCreate($"https://{text}", UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            return null;
        }

        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var sides = pair.Split('=', 2);
            parts.TryAdd(Decoded(sides[0]), sides.Length > 1 ? Decoded(sides[1]).Trim('/') : "");
        }

        // They become parts of addresses that a token is sent to.
        if (parts.Values.Any(part => part.Split('/', '\\').Any(name => name is "." or "..")))
        {
            return null;
        }

        return new RepoUrl(address.Authority, parts);
    }

    /// <summary>The value of a part that is not empty.</summary>
    public string? this[string name] => Parts.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
