using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Ingress.Static;

/// <summary>An open file of a site, known to lie within the site's folder.</summary>
internal sealed class SiteFile : IDisposable
{
    // O_RDONLY | O_NONBLOCK | O_CLOEXEC. Without O_NONBLOCK, opening a named pipe that nobody writes to blocks the thread for ever.
    private const int OpenFlags = 0x800 | 0x80000;

    private readonly SafeFileHandle _handle;

    private SiteFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        Path = path;
        Length = RandomAccess.GetLength(handle);
        // HTTP dates have no fractions of a second.
        var written = File.GetLastWriteTimeUtc(handle);
        Version = written.Ticks;
        LastModified = new DateTimeOffset(written).AddTicks(-(written.Ticks % TimeSpan.TicksPerSecond));
    }

    /// <summary>The path it was asked by.</summary>
    public string Path { get; }

    public long Length { get; }

    public long Version { get; }

    public DateTimeOffset LastModified { get; }

    /// <summary>Opens a regular file, or answers null: absent, a folder, no regular file, or outside of <paramref name="realRoot"/>.</summary>
    public static SiteFile? Open(string realRoot, string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var handle = new SafeFileHandle(open(path, OpenFlags), ownsHandle: true);
        try
        {
            // Asked of what was opened, not of the path: whatever is renamed or linked meanwhile, these are the bytes that will be sent.
            if (!handle.IsInvalid && RealPath(handle) is { } real && real.StartsWith(realRoot + "/", StringComparison.Ordinal))
            {
                return new(handle, path);
            }
        }
        catch (NotSupportedException)
        {
            // No length: a pipe or a socket.
        }

        handle.Dispose();
        return null;
    }

    /// <summary>A folder's path without any link in it; null when there is no such folder.</summary>
    public static string? RealFolder(string path)
    {
        using var handle = new SafeFileHandle(open(path, OpenFlags), ownsHandle: true);
        return handle.IsInvalid || !Directory.Exists(path) ? null : RealPath(handle);
    }

    public ValueTask<int> ReadAsync(Memory<byte> into, long offset, CancellationToken stop) => RandomAccess.ReadAsync(_handle, into, offset, stop);

    public async Task<byte[]> ReadAllAsync(CancellationToken stop)
    {
        var bytes = new byte[Length];
        var read = 0;
        while (read < bytes.Length && await ReadAsync(bytes.AsMemory(read), read, stop) is > 0 and var count)
        {
            read += count;
        }

        return read == bytes.Length ? bytes : bytes[..read];
    }

    public void Dispose() => _handle.Dispose();

    private static string? RealPath(SafeFileHandle handle) => new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget;

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
