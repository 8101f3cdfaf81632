using System.Runtime.InteropServices;

namespace Axle.Platform.Source;

/// <summary>The system call that .NET does not offer.</summary>
internal static class NamedPipe
{
    private const uint OwnersOnly = 0x180; // 0600

    public static void Make(string path)
    {
        if (MkFifo(path, OwnersOnly) != 0)
        {
            throw new IOException($"The pipe {path} cannot be made: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MkFifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
