using System.Formats.Tar;
using Axle.Engines;

namespace Axle.Agent.Volumes;

/// <summary>
/// Brings an archive into a folder that nobody else can reach. What is in it was written by applications: a name that leads out of the
/// folder, by itself or through a link, is refused, and so is everything but files, folders and links.
/// </summary>
internal static class VolumeUnpack
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Runs of zeros as long as this become holes again.</summary>
    private const int HoleBytes = 4096;

    private const UnixFileMode Rights = (UnixFileMode)0x1FF;
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="FormatException">The archive is not whole, or has something in it that no volume can have.</exception>
    public static async Task RunAsync(Stream archive, string folder, CancellationToken stop)
    {
        var (whole, folders) = (false, new List<(string Path, UnixFileMode Mode, DateTimeOffset Changed)>());
        try
        {
            await using var tar = new TarReader(archive, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, stop) is { } entry)
            {
                if (entry is PaxGlobalExtendedAttributesTarEntry marks)
                {
                    whole |= marks.GlobalExtendedAttributes.ContainsKey(VolumeMarks.End);
                    continue;
                }

                await EntryAsync(entry, folder, folders, stop);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new FormatException($"The archive cannot be read: {e.Message}", e);
        }

        if (!whole)
        {
            throw new FormatException("The archive is not whole: its end is missing.");
        }

        // Rights of folders last, the inner ones first: they may forbid to write into them.
        foreach (var (path, mode, changed) in Enumerable.Reverse(folders))
        {
            File.SetUnixFileMode(path, mode);
            Directory.SetLastWriteTimeUtc(path, changed.UtcDateTime);
        }
    }

    private static async Task EntryAsync(TarEntry entry, string folder, List<(string Path, UnixFileMode Mode, DateTimeOffset Changed)> folders, CancellationToken stop)
    {
        var path = PathOf(folder, entry.Name);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                RemoveAnythingElse(path);
                Directory.CreateDirectory(path, Own);
                folders.Add((path, entry.Mode & Rights, entry.ModificationTime));
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                RemoveFile(path);
                await using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, BufferSize = 0 }))
                {
                    await CopyAsync(entry.DataStream, file, stop);
                }

                File.SetLastWriteTimeUtc(path, entry.ModificationTime.UtcDateTime);
                File.SetUnixFileMode(path, entry.Mode & Rights);
                break;
            case TarEntryType.SymbolicLink:
                RemoveFile(path);
                File.CreateSymbolicLink(path, entry.LinkName);
                break;
            default:
                throw new FormatException($"'{entry.Name}' is a {entry.EntryType}, which no volume can have.");
        }
    }

    /// <summary>Its place, below folders that are really folders.</summary>
    private static string PathOf(string folder, string name)
    {
        var parts = name.TrimEnd('/').Split('/');
        if (name.StartsWith('/') || parts.Any(part => part is "" or "." or ".." || part.Contains('\0', StringComparison.Ordinal)))
        {
            throw new FormatException($"'{name}' leads out of the volume.");
        }

        var path = folder;
        foreach (var part in parts[..^1])
        {
            path = Path.Combine(path, part);
            if (new DirectoryInfo(path) is not { Exists: true, LinkTarget: null })
            {
                throw new FormatException($"'{name}' is below something that is no folder.");
            }
        }

        return Path.Combine(path, parts[^1]);
    }

    private static void RemoveAnythingElse(string path)
    {
        if (new FileInfo(path) is { LinkTarget: not null } or { Exists: true })
        {
            File.Delete(path);
        }
    }

    private static void RemoveFile(string path)
    {
        if (new DirectoryInfo(path) is { Exists: true, LinkTarget: null })
        {
            throw new FormatException($"'{Path.GetFileName(path)}' is a folder and something else in the archive.");
        }

        File.Delete(path);
    }

    private static async Task CopyAsync(Stream? from, FileStream to, CancellationToken stop)
    {
        var (buffer, length) = (new byte[BufferBytes], 0L);
        while (from is not null && await from.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop) is var read and > 0)
        {
            for (var at = 0; at < read; at += HoleBytes)
            {
                var piece = buffer.AsMemory(at, Math.Min(HoleBytes, read - at));
                if (piece.Span.ContainsAnyExcept((byte)0))
                {
                    await RandomAccess.WriteAsync(to.SafeFileHandle, piece, length + at, stop);
                }
            }

            length += read;
        }

        RandomAccess.SetLength(to.SafeFileHandle, length);
    }
}
