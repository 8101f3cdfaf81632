namespace Axle.Cli.Configuration;

/// <summary>The CLI's configuration file: the platforms it knows, and the one in use.</summary>
internal sealed record CliConfig
{
    /// <summary>Name of the platform that verbs talk to.</summary>
    public string? Current { get; init; }

    public Dictionary<string, KnownPlatform> Platforms { get; init; } = [];
}

/// <param name="Url">Base of its API, without a slash at the end.</param>
/// <param name="Token">An access token.</param>
/// <param name="Data">Its data folder, when it is one that <c>axle up</c> started here.</param>
internal sealed record KnownPlatform(string Url, string? Token = null, string? Data = null);

/// <summary>Where verbs go, and how they prove who they are.</summary>
/// <param name="DataFolder">Set for a platform of this machine: its admin token helps out when ours is missing or stale.</param>
internal sealed record Connection(Uri Url, string? Token, string? DataFolder);
