using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Axle.Contracts;

namespace Axle.Platform.Builds;

/// <summary>
/// Artifacts by content: <c>artifacts/&lt;sha256&gt;/</c>, readable by everyone, changed by nobody. A folder appears by a
/// rename when all its files are on the disk, so what is there is whole.
/// </summary>
internal sealed class ArtifactStore(PlatformOptions platform, BuildsOptions options, TimeProvider clock)
{
    public const string Prefix = "sha256:";

    private const string Unfinished = ".new-";
    private const string Going = ".gone-";
    private const int DigestLength = 64;
    private const UnixFileMode ReadMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode RunMode = ReadMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdef");

    private readonly string _root = platform.Folder("artifacts");

    /// <summary>For tests: called when everything is written and nothing is in its place yet.</summary>
    internal Action BeforeRename { get; set; } = () => { };

    /// <summary>The folder of a digest, or null when it is not here.</summary>
    public string? Folder(string digest)
    {
        if (!digest.StartsWith(Prefix, StringComparison.Ordinal) || digest.Length != Prefix.Length + DigestLength || digest.AsSpan(Prefix.Length).ContainsAnyExcept(s_hex))
        {
            return null;
        }

        var folder = Path.Combine(_root, digest[Prefix.Length..]);
        return Directory.Exists(folder) ? folder : null;
    }

    /// <summary>Takes files over by copying them; what is left behind can change without the artifact changing.</summary>
    /// <param name="source">The folder; nothing writes to it any more.</param>
    /// <param name="below">Only files below; empty, or relative with a slash at the end.</param>
    /// <param name="keeps">Which of them, by path.</param>
    /// <param name="remark">Told about files that are left out.</param>
    public async Task<Result<string>> AddAsync(string source, string below, Func<string, bool> keeps, Action<string> remark, CancellationToken stop)
    {
        var temporary = Path.Combine(_root, Unfinished + Guid.CreateVersion7().ToString("N"));
        Directory.CreateDirectory(temporary);
        try
        {
            var manifest = new Manifest();
            if (await CopyAsync(source, temporary, below, keeps, manifest, remark, stop) is { } refused)
            {
                return refused;
            }

            if (manifest.Count == 0)
            {
                return new ArtifactEmpty();
            }

            var digest = manifest.Digest();
            var folder = Path.Combine(_root, digest[Prefix.Length..]);
            if (Directory.Exists(folder))
            {
                // The same content is there already; touching it keeps the collector away until a release names it.
                Directory.SetLastWriteTimeUtc(folder, clock.GetUtcNow().UtcDateTime);
                return digest;
            }

            // 1. All content first, then the name: a crash in between leaves only a folder that the collector removes.
            FlushDisk();
            BeforeRename();
            Directory.SetLastWriteTimeUtc(temporary, clock.GetUtcNow().UtcDateTime);
            try
            {
                Directory.Move(temporary, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                // Another build was faster with the same content.
            }

            FlushDisk();
            return digest;
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>
    /// Removes artifacts that nothing refers to, and what a crash left. Young ones stay: a build may have made them whose release is not written yet.
    /// </summary>
    /// <param name="referenced">Digests of every release.</param>
    /// <returns>How many artifacts went.</returns>
    public int Collect(IReadOnlySet<string> referenced)
    {
        var before = (clock.GetUtcNow() - options.ArtifactGrace).UtcDateTime;
        var gone = 0;
        foreach (var folder in Directory.EnumerateDirectories(_root))
        {
            var name = Path.GetFileName(folder);
            if (name.Length == DigestLength && !referenced.Contains(Prefix + name) && Directory.GetLastWriteTimeUtc(folder) < before)
            {
                // Out of sight in one step; removing the files may then take its time, or be cut short.
                var going = Path.Combine(_root, $"{Going}{name}");
                Directory.Move(folder, going);
                Remove(going);
                gone++;
            }
            else if (name.StartsWith(Going, StringComparison.Ordinal) || (name.StartsWith(Unfinished, StringComparison.Ordinal) && Directory.GetLastWriteTimeUtc(folder) < before))
            {
                Remove(folder);
            }
        }

        return gone;
    }

    private async Task<Error?> CopyAsync(string source, string target, string below, Func<string, bool> keeps, Manifest manifest, Action<string> remark, CancellationToken stop)
    {
        var folders = new Stack<string>([""]);
        var skipped = 0;
        while (folders.TryPop(out var folder))
        {
            stop.ThrowIfCancellationRequested();
            foreach (var entry in Directory.EnumerateFileSystemEntries(Path.Combine(source, folder)))
            {
                var path = folder.Length == 0 ? Path.GetFileName(entry) : $"{folder}/{Path.GetFileName(entry)}";
                var (type, permissions) = Posix.Type(entry);
                if (type == Posix.FileType.Folder)
                {
                    if (path != ".git" && (below.StartsWith(path + "/", StringComparison.Ordinal) || path.StartsWith(below, StringComparison.Ordinal)))
                    {
                        folders.Push(path);
                    }

                    continue;
                }

                if (!path.StartsWith(below, StringComparison.Ordinal) || !keeps(path))
                {
                    continue;
                }

                if (type == Posix.FileType.Other || (type == Posix.FileType.Link && !StaysInside(path, entry)))
                {
                    if (skipped++ < options.RemarksMax)
                    {
                        remark(type == Posix.FileType.Link ? $"{path} is left out of the artifact: it points outside." : $"{path} is left out of the artifact: it is no file.");
                    }

                    continue;
                }

                var destination = Path.Combine(target, path);
                Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
                if (type == Posix.FileType.Link)
                {
                    var link = new FileInfo(entry).LinkTarget!;
                    File.CreateSymbolicLink(destination, link);
                    manifest.AddLink(path, link);
                }
                else
                {
                    await CopyFileAsync(entry, destination, path, (permissions & 0x49) != 0, manifest, stop);
                }

                if (manifest.Count > options.ArtifactFilesMax || manifest.Size > options.ArtifactBytesMax)
                {
                    return new ArtifactTooLarge(options);
                }
            }
        }

        SetFolderModes(target);
        return null;
    }

    private static async Task CopyFileAsync(string from, string to, string path, bool executable, Manifest manifest, CancellationToken stop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        long size = 0;
        try
        {
            await using var input = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            await using var output = new FileStream(to, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = executable ? RunMode : ReadMode });
            int read;
            while ((read = await input.ReadAsync(buffer, stop)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await output.WriteAsync(buffer.AsMemory(0, read), stop);
                size += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var digest = hash.GetHashAndReset();
        File.SetUnixFileMode(to, executable ? RunMode : ReadMode);
        File.SetLastWriteTimeUtc(to, Time(digest));
        manifest.AddFile(path, executable, size, digest);
    }

    /// <summary>
    /// A file's time is made from its content: the same for the same bytes wherever and whenever it was built, and other
    /// than that of a file of equal length in the next release, from which a web server makes the ETag.
    /// </summary>
    private static DateTime Time(byte[] hash) =>
        new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(BinaryPrimitives.ReadUInt32LittleEndian(hash) % (20 * 365 * 86_400));

    /// <summary>
    /// Links are kept (node_modules/.bin needs them) only where they climb no higher than the artifact and climb only at
    /// their start: after a name, '..' could begin at wherever another link leads.
    /// </summary>
    private static bool StaysInside(string path, string entry)
    {
        if (new FileInfo(entry).LinkTarget is not { Length: > 0 } target || target[0] == '/')
        {
            return false;
        }

        var parts = target.Split('/').Where(p => p is not ("" or ".")).ToList();
        var climbs = parts.TakeWhile(p => p == "..").Count();
        return climbs <= path.Count(c => c == '/') && !parts.Skip(climbs).Contains("..");
    }

    private static void SetFolderModes(string root)
    {
        File.SetUnixFileMode(root, RunMode);
        foreach (var folder in Directory.EnumerateDirectories(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false }))
        {
            File.SetUnixFileMode(folder, RunMode);
        }
    }

    private void FlushDisk()
    {
        using var marker = File.OpenHandle(Path.Combine(_root, ".flush"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        Posix.Flush(marker);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
