using System.ComponentModel.DataAnnotations;

namespace Axle.Platform.Builds;

/// <summary>Limits of builds; the section <c>Builds</c> of the configuration.</summary>
public sealed class BuildsOptions
{
    /// <summary>Builds that run at the same time; others wait.</summary>
    [Range(1, 64)]
    public int ConcurrentMax { get; set; } = 2;

    /// <summary>Memory of one build step, in bytes.</summary>
    [Range(64L << 20, long.MaxValue)]
    public long MemoryBytes { get; set; } = 2L << 30;

    /// <summary>Processor time of one build step, in thousandths of a core.</summary>
    [Range(100, int.MaxValue)]
    public int CpuMillis { get; set; } = 2000;

    /// <summary>Processes and threads of one build step.</summary>
    [Range(16, int.MaxValue)]
    public int PidsMax { get; set; } = 1024;

    /// <summary>How long all steps of a build may take together.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Size of a build's log, in bytes; of a longer one the beginning is dropped.</summary>
    [Range(64L << 10, long.MaxValue)]
    public long LogBytesMax { get; set; } = 50L << 20;

    /// <summary>Size of an artifact, in bytes.</summary>
    public long ArtifactBytesMax { get; set; } = 4L << 30;

    /// <summary>Files of an artifact.</summary>
    public int ArtifactFilesMax { get; set; } = 300_000;

    /// <summary>How long an artifact stays although no release refers to it.</summary>
    public TimeSpan ArtifactGrace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Size of a component's build cache, in bytes; a larger one is emptied after the build.</summary>
    public long CacheBytesMax { get; set; } = 4L << 30;

    /// <summary>How often a running build is looked at when the engine says nothing.</summary>
    public TimeSpan LookAgain { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Remarks of one sort in a log.</summary>
    public int RemarksMax { get; set; } = 20;
}
