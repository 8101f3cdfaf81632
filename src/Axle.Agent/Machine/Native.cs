using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Machine;

/// <summary>The few calls of the C library that .NET does not offer.</summary>
internal static partial class Native
{
    public const int Term = 15;
    public const int Kill = 9;
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int SetPipeSize = 1031;
    private const int SetDescriptorFlags = 2;
    private const int DescriptorCloseOnExec = 1;
    private const int FirstOwnHandle = 3;
    private const uint GetOwningUserNamespace = 0xb701;
    private const int FromCurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint StatxUser = 0x8;
    private const int StatxUserAt = 20;
    private const int StatxBytes = 256;

    public static bool IsRoot => User == 0;

    /// <summary>The user that the agent runs as.</summary>
    public static int User => (int)GetEffectiveUser();

    /// <summary>Whose it is, of a link itself; null when it cannot be told.</summary>
    public static int? OwnerOf(string path)
    {
        // The layout of this structure is the same on every machine, unlike that of the older call.
        Span<byte> seen = stackalloc byte[StatxBytes];
        return Statx(FromCurrentFolder, path, NoFollow, StatxUser, ref MemoryMarshal.GetReference(seen)) == 0 ? MemoryMarshal.Read<int>(seen[StatxUserAt..]) : null;
    }

    /// <summary>False when there is no such process.</summary>
    public static bool Signal(int process, int signal) => SendSignal(process, signal) == 0;

    /// <exception cref="IOException">The owner cannot be changed.</exception>
    public static void Chown(string path, int owner)
    {
        if (ChangeOwner(path, (uint)owner, (uint)owner) != 0)
        {
            throw Failed("chown", path);
        }
    }

    /// <exception cref="IOException">It cannot be made.</exception>
    public static void MakeFifo(string path)
    {
        if (MakeFifo(path, 0x180 /* 0600 */) != 0)
        {
            throw Failed("mkfifo", path);
        }
    }

    /// <summary>Opens a FIFO without waiting for the other side, or returns null when it is not there or nobody reads it.</summary>
    public static int? OpenFifo(string path, bool write)
    {
        var handle = Open(path, (write ? ReadWrite : ReadOnly) | NonBlocking | CloseOnExec, 0);
        return handle < 0 ? null : handle;
    }

    /// <summary>Raises a pipe's buffer as far as the machine allows; less is no error.</summary>
    public static void RaisePipeSize(int handle)
    {
        foreach (var size in (ReadOnlySpan<int>)[1 << 20, 1 << 18])
        {
            if (Control(handle, SetPipeSize, size) > 0)
            {
                return;
            }
        }
    }

    /// <summary>Makes a rename inside a folder durable.</summary>
    public static void SyncFolder(string folder)
    {
        var handle = Open(folder, ReadOnly | CloseOnExec, 0);
        if (handle >= 0)
        {
            _ = Sync(handle);
            _ = Close(handle);
        }
    }

    /// <summary>
    /// Keeps what the agent's parent left open from every program started here: an application that holds somebody's listening socket
    /// could answer for it, and would be said to listen there.
    /// </summary>
    public static void KeepHandlesFromChildren()
    {
        foreach (var path in Directory.EnumerateFileSystemEntries("/proc/self/fd").ToList())
        {
            if (int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture) is >= FirstOwnHandle and var handle)
            {
                _ = Control(handle, SetDescriptorFlags, DescriptorCloseOnExec);
            }
        }
    }

    /// <summary>Opens the user namespace that owns another namespace (ioctl_nsfs(2)), or returns null when we may not.</summary>
    /// <param name="path">As <c>/proc/PID/ns/ipc</c>.</param>
    public static SafeFileHandle? OpenOwnerOf(string path)
    {
        var handle = Open(path, ReadOnly | CloseOnExec, 0);
        if (handle < 0)
        {
            return null;
        }

        var owner = ControlDevice(handle, GetOwningUserNamespace, 0);
        _ = Close(handle);
        return owner < 0 ? null : new SafeFileHandle(owner, ownsHandle: true);
    }

    /// <summary>Wakes whoever reads a line from the pipe.</summary>
    public static void WriteLine(int handle) => _ = Write(handle, (byte)'\n', 1);

    public static void CloseHandle(int handle) => _ = Close(handle);

    private static IOException Failed(string call, string path) =>
        new($"{call} {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte seen);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int handle, int command, int argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int ControlDevice(int handle, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int handle, in byte data, nint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}
