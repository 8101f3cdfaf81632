using Axle.Contracts;

namespace Axle.Platform.Files;

/// <summary>The room on the disk that holds a folder, and the words for when there is none.</summary>
public static class DiskSpace
{
    private const long LeastBytes = 1024 * 1024;

    /// <summary>Whether practically nothing can be written below a folder. False when the disk cannot be asked.</summary>
    public static bool IsGone(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace < LeastBytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The refusal. What runs goes on meanwhile, and so does reading.</summary>
    public static Error Full(string folder) =>
        new("platform.disk_full", $"The disk that holds {folder} is full; apps go on serving, but nothing can be written.", $"Free some space there (df -h {folder}), then do this again; no restart is needed.", 507);
}
