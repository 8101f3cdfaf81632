using System.ComponentModel.DataAnnotations;

namespace Axle.Platform.Source;

/// <summary>Settings of repositories; section <c>Source</c>.</summary>
public sealed class SourceOptions
{
    /// <summary>Largest push, in bytes, as git packs it.</summary>
    [Range(1024, long.MaxValue)]
    public long PushBytesMax { get; set; } = 512L * 1024 * 1024;

    /// <summary>Largest single file in a push, in bytes.</summary>
    [Range(1024, long.MaxValue)]
    public long FileBytesMax { get; set; } = 100L * 1024 * 1024;

    /// <summary>Largest repository that import takes, in bytes on disk.</summary>
    [Range(1024, long.MaxValue)]
    public long ImportBytesMax { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Longest clone, fetch or upload of a push. Waiting for a rollout afterwards does not count.</summary>
    public TimeSpan TransferTimeMax { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Clones, fetches and pushes that run at once; more wait.</summary>
    [Range(1, 1000)]
    public int TransfersMax { get; set; } = 16;

    /// <summary>How long a clone, fetch or push waits for its turn before it is refused.</summary>
    public TimeSpan QueueTimeMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence on a push connection after which a sign of life is sent, so that proxies keep it.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often every repository's head is compared with what was built, in case a push was not finished.</summary>
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often mirrored repositories are fetched without a webhook; zero is never.</summary>
    public TimeSpan PollEvery { get; set; } = TimeSpan.Zero;

    /// <summary>Import may reach private and loopback addresses. Off, so that nobody can look into the network through Axle.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Force pushes to the default branch are taken. Off, because releases point at its commits.</summary>
    public bool AllowForcePushToDefault { get; set; }
}
