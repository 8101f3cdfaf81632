using System.Buffers;
using System.Globalization;
using System.Text;
using Axle.Platform.Files;

namespace Axle.Platform.Source;

/// <summary>
/// Writes the files of a commit, byte for byte as they were committed: no filters, no line-end conversion, no
/// <c>export-ignore</c>, so that the same commit is always the same content. A submodule is an empty folder; a pointer
/// of Git LFS stays a pointer; <see cref="PushNotes"/> tells people of both when they push.
/// </summary>
internal static class TreeExport
{
    private const int EntriesMax = 200_000;

    public static async Task RunAsync(Git git, RepositoryFolder folder, string commit, string target, CancellationToken stop)
    {
        Directory.CreateDirectory(target);
        var entries = await EntriesAsync(git, folder, commit, EntriesMax + 1, stop);
        if (entries.Count > EntriesMax)
        {
            throw new InvalidDataException($"Commit {commit[..12]} of {folder.Name} has more than {EntriesMax} files, too many to build.");
        }

        // 1. Files first, links last: no file is ever written through a link.
        var links = new List<(string Path, string Target)>();
        var blobs = entries.Where(e => e.Kind != TreeEntryKind.Submodule).ToList();
        foreach (var submodule in entries.Where(e => e.Kind == TreeEntryKind.Submodule))
        {
            Directory.CreateDirectory(Inside(target, submodule));
        }

        await git.MustAsync(
            new GitCall(folder.Path, "cat-file", "--batch", "--buffer")
            {
                Input = async (input, token) =>
                {
                    await using var lines = new StreamWriter(input, leaveOpen: true);
                    foreach (var blob in blobs)
                    {
                        await lines.WriteAsync(string.Concat(blob.Id, "\n").AsMemory(), token);
                    }
                },
                Output = async (output, token) =>
                {
                    var objects = new ObjectReader(output);
                    foreach (var blob in blobs)
                    {
                        if (blob.Kind == TreeEntryKind.Link)
                        {
                            links.Add((blob.Path, Encoding.UTF8.GetString(await objects.ReadAsync(4096, token) ?? [])));
                            continue;
                        }

                        await WriteAsync(objects, Inside(target, blob), blob.Kind == TreeEntryKind.Executable, token);
                    }
                },
            },
            stop);

        // 2. Links that stay inside. Each is looked at again when all exist: a later one can change where an earlier one leads.
        var made = new List<(string Path, string Target)>();
        foreach (var link in links)
        {
            if (SafePath.JoinLink(target, link.Path, link.Target).Ok && SafePath.Join(target, link.Path).TryGet(out var path, out _))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.CreateSymbolicLink(path, link.Target);
                made.Add(link);
            }
        }

        while (made.RemoveAll(link => LeadsOutside(target, link)) > 0)
        {
            // Taking one away can only make others dangle; still, look until nothing changes.
        }
    }

    /// <summary>Everything in a commit's tree that is no folder, at most a number of them.</summary>
    public static async Task<IReadOnlyList<TreeEntry>> EntriesAsync(Git git, RepositoryFolder folder, string commit, int entriesMax, CancellationToken stop)
    {
        var entries = new List<TreeEntry>();
        await git.MustAsync(
            new GitCall(folder.Path, "ls-tree", "-r", "-z", "--full-tree", commit)
            {
                Output = async (output, token) =>
                {
                    var reader = new ZeroReader(output);
                    while (await reader.ReadAsync(token) is { } line)
                    {
                        if (entries.Count < entriesMax)
                        {
                            entries.Add(TreeEntry.Parse(line));
                        }
                    }
                },
            },
            stop);
        return entries;
    }

    private static string Inside(string target, TreeEntry entry) =>
        SafePath.Join(target, entry.Path).TryGet(out var path, out var refused) ? path : throw new InvalidDataException(refused.Message);

    private static bool LeadsOutside(string target, (string Path, string Target) link)
    {
        if (SafePath.JoinLink(target, link.Path, link.Target).Ok)
        {
            return false;
        }

        File.Delete(Path.Combine(target, link.Path));
        return true;
    }

    private static async Task WriteAsync(ObjectReader objects, string path, bool executable, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = executable ? mode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : mode,
        };
        await using var file = new FileStream(path, options);
        await objects.CopyAsync(file, stop);
    }
}

internal enum TreeEntryKind
{
    File,
    Executable,
    Link,
    Submodule,
}

/// <summary>One line of <c>git ls-tree</c>.</summary>
internal sealed record TreeEntry(TreeEntryKind Kind, string Id, string Path)
{
    public static TreeEntry Parse(string line)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        var head = line[..tab].Split(' ');
        var kind = head[0] switch
        {
            "120000" => TreeEntryKind.Link,
            "160000" => TreeEntryKind.Submodule,
            "100755" => TreeEntryKind.Executable,
            _ => TreeEntryKind.File,
        };
        return new TreeEntry(kind, head[2], line[(tab + 1)..]);
    }
}

/// <summary>Reads what <c>git cat-file --batch</c> prints, object by object, without keeping more than a buffer.</summary>
internal sealed class ObjectReader(Stream output)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next object's content; null when it is missing, no blob, or larger than the bound.</summary>
    public async Task<byte[]?> ReadAsync(int bytesMax, CancellationToken stop)
    {
        if (await SizeAsync(stop) is not { } size)
        {
            return null;
        }

        if (size > bytesMax)
        {
            await CopyAsync(Stream.Null, size, stop);
            return null;
        }

        var content = new MemoryStream((int)size);
        await CopyAsync(content, size, stop);
        return content.ToArray();
    }

    /// <summary>Copies the next object's content.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    public async Task CopyAsync(Stream to, CancellationToken stop) =>
        await CopyAsync(to, await SizeAsync(stop) ?? throw new InvalidDataException("git does not have an object that its tree names: the repository is damaged. Next: git fsck"), stop);

    private async Task CopyAsync(Stream to, long size, CancellationToken stop)
    {
        while (size > 0)
        {
            await FillAsync(stop);
            var count = (int)Math.Min(size, _end - _start);
            await to.WriteAsync(_buffer.AsMemory(_start, count), stop);
            _start += count;
            size -= count;
        }

        // Each object ends with a line end of its own.
        await FillAsync(stop);
        _start++;
    }

    private async Task<long?> SizeAsync(CancellationToken stop)
    {
        var line = new ArrayBufferWriter<byte>();
        while (true)
        {
            await FillAsync(stop);
            var next = _buffer[_start++];
            if (next == (byte)'\n')
            {
                break;
            }

            line.Write([next]);
        }

        var parts = Encoding.UTF8.GetString(line.WrittenSpan).Split(' ');
        return parts.Length == 3 && parts[1] == "blob" ? long.Parse(parts[2], CultureInfo.InvariantCulture) : null;
    }

    private async Task FillAsync(CancellationToken stop)
    {
        if (_start < _end)
        {
            return;
        }

        _start = 0;
        _end = await output.ReadAsync(_buffer, stop);
        if (_end == 0)
        {
            throw new EndOfStreamException("git ended before it had printed all objects.");
        }
    }
}

/// <summary>Reads texts that end with a zero byte.</summary>
internal sealed class ZeroReader(Stream output)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    public async Task<string?> ReadAsync(CancellationToken stop)
    {
        var text = new ArrayBufferWriter<byte>();
        while (true)
        {
            if (_start == _end)
            {
                _start = 0;
                _end = await output.ReadAsync(_buffer, stop);
                if (_end == 0)
                {
                    return null;
                }
            }

            var zero = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)0);
            if (zero >= 0)
            {
                text.Write(_buffer.AsSpan(_start, zero));
                _start += zero + 1;
                return Encoding.UTF8.GetString(text.WrittenSpan);
            }

            text.Write(_buffer.AsSpan(_start, _end - _start));
            _start = _end;
        }
    }
}
