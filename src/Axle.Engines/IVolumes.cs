namespace Axle.Engines;

/// <summary>
/// An engine that keeps volumes apart from workloads (<see cref="VolumeSpec.Volume"/>): they stay when their workload goes, until they are
/// removed here. They are made by the first instance that mounts them. Every method may be called again after a crash.
/// </summary>
public interface IVolumes
{
    /// <summary>How much is in it; null when nobody has mounted it yet.</summary>
    Task<VolumeSize?> ObserveVolumeAsync(string name, CancellationToken stop);

    /// <summary>
    /// Writes all of it as a tar archive (pax), while its workload goes on working; an empty one when nobody has mounted it yet. A whole
    /// archive has <see cref="VolumeMarks.End"/> among its global attributes.
    /// </summary>
    Task ReadVolumeAsync(string name, Stream output, CancellationToken stop);

    /// <summary>Makes a volume of such an archive, all of it or nothing; refused when there is one of this name.</summary>
    Task FillVolumeAsync(string name, Stream archive, CancellationToken stop);

    /// <summary>Gives a volume that nobody mounts another name; refused when that is taken. Nothing happens when it was done before.</summary>
    Task RenameVolumeAsync(string from, string to, CancellationToken stop);

    /// <summary>Destroys it; refused while a workload mounts it. Nothing happens when there is none.</summary>
    Task RemoveVolumeAsync(string name, CancellationToken stop);
}

/// <param name="Bytes">Of all files.</param>
/// <param name="Files">How many; counting ends at <see cref="FilesMax"/>, and the rest is not in either number.</param>
public sealed record VolumeSize(long Bytes, int Files)
{
    public const int FilesMax = 100_000;
}

/// <summary>Global attributes at the end of a volume's archive.</summary>
public static class VolumeMarks
{
    /// <summary>There when the archive is whole.</summary>
    public const string End = "AXLE.end";

    /// <summary>Why it is not whole.</summary>
    public const string Failed = "AXLE.failed";

    /// <summary>How many files changed each time that they were read.</summary>
    public const string Changing = "AXLE.changing";
}
