using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Axle.Platform.Builds;

/// <summary>The two system calls that .NET does not offer: what kind of file a path is, and flushing a whole file system.</summary>
internal static class Posix
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint TypeAndMode = 0x3;
    private const int BufferSize = 256;
    private const int ModeOffset = 28;

    public enum FileType
    {
        Regular,
        Folder,
        Link,

        /// <summary>Pipes, sockets, devices: opening one may block for ever.</summary>
        Other,
    }

    /// <summary>A path's own type (links are not followed) and permission bits.</summary>
    public static (FileType Type, int Permissions) Type(string path)
    {
        // statx, because its layout is the same on every architecture.
        var buffer = new byte[BufferSize];
        if (StatX(CurrentFolder, path, NoFollow, TypeAndMode, buffer) != 0)
        {
            throw new IOException($"{path} cannot be looked at: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        var mode = BitConverter.ToUInt16(buffer, ModeOffset);
        var type = (mode & 0xF000) switch
        {
            0x8000 => FileType.Regular,
            0x4000 => FileType.Folder,
            0xA000 => FileType.Link,
            _ => FileType.Other,
        };
        return (type, mode & 0xFFF);
    }

    /// <summary>
    /// Writes everything of the file system that a file lies on to the disk: one call instead of one per file, of which an artifact may have a hundred thousand.
    /// </summary>
    public static void Flush(SafeFileHandle file)
    {
        if (SyncFs(file) != 0)
        {
            throw new IOException($"The disk did not take what was written: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] buffer);

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SyncFs(SafeFileHandle file);
}
