using System.Runtime.InteropServices;

namespace Axle.Cli.Machine;

/// <summary>The few calls into libc that .NET has no words for.</summary>
internal static partial class Native
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int User1 = 10;
    public const int Terminate = 15;

    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>Sends a signal; false when there is no such process (any more), or it is not ours.</summary>
    public static bool Signal(int pid, int signal) => pid > 1 && kill(pid, signal) == 0;

    /// <summary>Lets a descriptor pass on to a program that is started next, or no more.</summary>
    public static bool Inherit(SafeHandle descriptor, bool inherited) =>
        fcntl(descriptor.DangerousGetHandle().ToInt32(), SetDescriptorFlags, inherited ? 0 : CloseOnExec) == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);
}
