using Axle.Platform.Resources.Volumes;

namespace Axle.Platform.Resources.Backups;

/// <summary>What the things of a copy are called, by the type of its resource. Pure.</summary>
/// <param name="Thing">One of <see cref="Contents.Tables"/>.</param>
/// <param name="Things">Several.</param>
/// <param name="Units">What is counted in each.</param>
/// <param name="Aside">Where the proof restores to.</param>
internal sealed record ContentsWords(string Thing, string Things, string Units, string Aside)
{
    private static readonly ContentsWords s_tables = new("table", "tables", "rows", "into a scratch database");
    private static readonly ContentsWords s_files = new("file", "files", "bytes", "aside");
    private static readonly ContentsWords s_keys = new("database", "databases", "keys", "into a scratch server");

    public static ContentsWords Of(string type) => type switch
    {
        VolumeDriver.Type => s_files,
        "redis" => s_keys,
        _ => s_tables,
    };
}
