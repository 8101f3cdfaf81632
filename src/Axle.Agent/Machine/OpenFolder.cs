using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Machine;

/// <summary>
/// A folder that is held open, and everything in it reached by one name at a time without following links: whoever owns the files
/// may rename and link them meanwhile, and cannot lead us out of the folder.
/// </summary>
internal sealed partial class OpenFolder : IDisposable
{
    private const int FromCurrentFolder = -100;
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoFollow = 0x100;
    private const int RemoveFolder = 0x200;
    private const int NotThere = 2;
    private const int NoSuchDevice = 6;
    private const int NoFolder = 20;
    private const int IsLink = 40;
    private const int LinkLengthMax = 4096;
    private const uint StatxBasic = 0x7ff;
    private const int StatxBytes = 256;

    // These two differ between processors; only they do.
    private static readonly bool s_arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int s_folderOnly = s_arm ? 0x4000 : 0x10000;
    private static readonly int s_noFollowOpen = s_arm ? 0x8000 : 0x20000;

    private readonly SafeFileHandle _handle;

    private OpenFolder(SafeFileHandle handle) => _handle = handle;

    /// <summary>A folder of our own; null when it is not there, or is none.</summary>
    public static OpenFolder? Open(string path) => Wrap(OpenAt(FromCurrentFolder, path, ReadOnly | CloseOnExec | s_folderOnly | s_noFollowOpen, 0), path);

    /// <summary>The folder of this name; null when it is not there, or is something else.</summary>
    public OpenFolder? Folder(string name) => Wrap(OpenAt(Number, name, ReadOnly | CloseOnExec | s_folderOnly | s_noFollowOpen, 0), name);

    /// <summary>The file of this name, for reading; null when it is not there, or is a link. Never waits, whatever it is.</summary>
    public SafeFileHandle? File(string name)
    {
        var handle = OpenAt(Number, name, ReadOnly | CloseOnExec | NonBlocking | s_noFollowOpen, 0);
        return handle < 0 ? NotOpened<SafeFileHandle>(name) : new SafeFileHandle(handle, ownsHandle: true);
    }

    /// <summary>What there is, in order.</summary>
    /// <exception cref="IOException">A name is no text, so that it could not be written down and found again.</exception>
    public IReadOnlyList<string> Names()
    {
        var names = new DirectoryInfo($"/proc/self/fd/{Number}/").EnumerateFileSystemInfos("*", s_everything).Select(entry => entry.Name).Order(StringComparer.Ordinal).ToList();
        return names.Find(name => name.Contains('\uFFFD', StringComparison.Ordinal)) is { } broken
            ? throw new IOException($"the name '{broken}' is no UTF-8")
            : names;
    }

    /// <summary>What there is under this name, of a link itself; null when nothing is.</summary>
    public Seen? Look(string name)
    {
        // The layout of this structure is the same on every machine.
        Span<byte> seen = stackalloc byte[StatxBytes];
        if (Statx(Number, name, NoFollow, StatxBasic, ref MemoryMarshal.GetReference(seen)) != 0)
        {
            return null;
        }

        var mode = MemoryMarshal.Read<ushort>(seen[28..]);
        return new Seen(
            (mode & 0xF000) switch { 0x4000 => Things.Folder, 0x8000 => Things.File, 0xA000 => Things.Link, _ => Things.Other },
            (UnixFileMode)(mode & 0x1FF),
            MemoryMarshal.Read<int>(seen[20..]),
            MemoryMarshal.Read<long>(seen[40..]),
            DateTimeOffset.FromUnixTimeSeconds(MemoryMarshal.Read<long>(seen[112..])).AddTicks(MemoryMarshal.Read<uint>(seen[120..]) / 100));
    }

    /// <summary>Where a link leads; null when it is none.</summary>
    public string? LinkOf(string name)
    {
        var target = new byte[LinkLengthMax];
        var length = ReadLink(Number, name, target, target.Length);
        return length < 0 ? null : Encoding.UTF8.GetString(target, 0, (int)length);
    }

    /// <summary>Gives everything in it to a user, links themselves too, and itself at last: when that is done, all is.</summary>
    public void GiveTo(int owner, int depth = 0)
    {
        TooDeep(depth);
        foreach (var name in Names())
        {
            if (Look(name) is not { } seen)
            {
                continue;
            }

            using var inside = seen.What == Things.Folder ? Folder(name) : null;
            inside?.GiveTo(owner, depth + 1);
            if (ChangeOwner(Number, name, (uint)owner, (uint)owner, NoFollow) != 0 && Marshal.GetLastPInvokeError() != NotThere)
            {
                throw Failed("chown", name);
            }
        }
    }

    /// <summary>Removes everything in it.</summary>
    public void Clear(int depth = 0)
    {
        TooDeep(depth);
        foreach (var entry in new DirectoryInfo($"/proc/self/fd/{Number}/").EnumerateFileSystemInfos("*", s_everything).Select(entry => entry.Name).ToList())
        {
            var isFolder = false;
            using (var inside = Folder(entry))
            {
                if (inside is not null)
                {
                    isFolder = true;
                    inside.Clear(depth + 1);
                }
            }

            if (Unlink(Number, entry, isFolder ? RemoveFolder : 0) != 0 && Marshal.GetLastPInvokeError() != NotThere)
            {
                throw Failed("remove", entry);
            }
        }
    }

    /// <summary>Bytes and number of the files in it, up to a number of them.</summary>
    public (long Bytes, int Files) Size(int filesMax, int depth = 0)
    {
        TooDeep(depth);
        var (bytes, files) = (0L, 0);
        foreach (var name in Names())
        {
            if (files >= filesMax)
            {
                break;
            }

            if (Look(name) is { What: Things.Folder } && Folder(name) is { } inside)
            {
                using (inside)
                {
                    var (moreBytes, moreFiles) = inside.Size(filesMax - files, depth + 1);
                    (bytes, files) = (bytes + moreBytes, files + moreFiles);
                }
            }
            else if (Look(name) is { What: Things.File } seen)
            {
                (bytes, files) = (bytes + seen.Length, files + 1);
            }
        }

        return (bytes, files);
    }

    /// <summary>Everything that was written to its file system so far is on disk when this returns.</summary>
    public void Sync() => _ = SyncFileSystem(Number);

    public void Dispose() => _handle.Dispose();

    /// <param name="What">What it is.</param>
    /// <param name="Mode">Rights alone, without the bits that would lend an owner's.</param>
    /// <param name="Owner">Number of its user.</param>
    /// <param name="Length">In bytes.</param>
    /// <param name="Changed">When its content was.</param>
    public sealed record Seen(Things What, UnixFileMode Mode, int Owner, long Length, DateTimeOffset Changed);

    public enum Things
    {
        Other,
        Folder,
        File,
        Link,
    }

    private const int DepthMax = 200;

    private static readonly EnumerationOptions s_everything = new() { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };

    private int Number => (int)_handle.DangerousGetHandle();

    /// <summary>Each level holds a handle; whoever nests more has made no mistake by chance.</summary>
    internal static void TooDeep(int depth)
    {
        if (depth > DepthMax)
        {
            throw new IOException($"folders are nested more than {DepthMax} deep");
        }
    }

    private static OpenFolder? Wrap(int handle, string name) => handle < 0 ? NotOpened<OpenFolder>(name) : new OpenFolder(new SafeFileHandle(handle, ownsHandle: true));

    /// <summary>What is not there, or is something else, is no error; what we may not read must not be left out in silence.</summary>
    private static T? NotOpened<T>(string name)
        where T : class => Marshal.GetLastPInvokeError() is NotThere or NoSuchDevice or NoFolder or IsLink ? null : throw Failed("open", name);

    private static IOException Failed(string call, string name) => new($"{call} {name}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int folder, string name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string name, int flags, uint mask, ref byte seen);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLink(int folder, string name, [Out] byte[] target, nint length);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(int folder, string name, uint owner, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(int folder, string name, int flags);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(int folder);
}
