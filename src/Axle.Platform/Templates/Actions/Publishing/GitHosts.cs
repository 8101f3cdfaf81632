namespace Axle.Platform.Templates.Actions;

/// <summary>What runs at which host, in Backstage's words.</summary>
internal static class GitHosts
{
    public static string? KindOf(string host) => host switch
    {
        "github.com" => "github",
        "gitlab.com" => "gitlab",
        "bitbucket.org" => "bitbucketCloud",
        "gitea.com" => "gitea",
        "dev.azure.com" => "azure",
        _ => null,
    };
}
