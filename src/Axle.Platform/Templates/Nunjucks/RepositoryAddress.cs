using Axle.Contracts;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>What Backstage's repository picker gives: <c>github.com?owner=shop&amp;repo=orders</c>.</summary>
/// <param name="Parts">The parameters that are there, without slashes around them.</param>
internal sealed record RepositoryAddress(string Host, IReadOnlyDictionary<string, string> Parts)
{
    private static readonly string[] s_names = ["owner", "organization", "workspace", "project", "repo"];

    public static Result<RepositoryAddress> Parse(Value value, Func<string, string?> kindOfHost)
    {
        if (!value.IsText || !Uri.TryCreate($"https://{value.Text}", UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            return Refused("The value is no address of a repository.");
        }

        var host = address.Authority;
        var given = Parameters(address.Query);
        if (kindOfHost(host) is not { } kind)
        {
            return Refused($"Nobody has configured the host {host}.");
        }

        var missing = Required(kind, given).FirstOrDefault(name => given.GetValueOrDefault(name, "").Length == 0);
        return missing is null
            ? new RepositoryAddress(host, given.ToDictionary(part => part.Key, part => part.Value.Trim('/'), StringComparer.Ordinal))
            : Refused($"The address of the repository at {host} has no '{missing}'.");
    }

    private static string[] Required(string kind, Dictionary<string, string> given) => kind switch
    {
        "bitbucketCloud" => ["workspace", "project", "repo"],
        "bitbucketServer" or "azure" => ["project", "repo"],
        "gitlab" => given.GetValueOrDefault("project", "").Trim('/').Length > 0 ? [] : ["owner", "repo"],
        "gitea" or "gerrit" => ["repo"],
        _ => ["repo", "owner"],
    };

    /// <summary>The first value of each parameter that means something.</summary>
    private static Dictionary<string, string> Parameters(string query)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.TrimStart('?').Split('&'))
        {
            var parts = pair.Split('=', 2);
            var name = Decoded(parts[0]);
            if (s_names.Contains(name))
            {
                parameters.TryAdd(name, parts.Length > 1 ? Decoded(parts[1]) : "");
            }
        }

        return parameters;
    }

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static Error Refused(string message) => new("templates.repository", message, "Choose the repository again, as host?owner=…&repo=….", 422);
}
