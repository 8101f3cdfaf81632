using System.Globalization;
using System.Runtime.InteropServices;

namespace Axle.Agent.Ingress;

/// <summary>
/// A listening socket that the parent opened and keeps: while the agent is replaced, clients wait in its queue instead of being refused.
/// Understood are systemd's <c>LISTEN_FDS</c> (the first socket, at 3) and <c>AXLE_INGRESS_FD</c>.
/// </summary>
internal static class InheritedSocket
{
    private const int FirstDescriptor = 3;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>The socket's descriptor, or null when the environment names none for this process.</summary>
    public static int? Descriptor(Func<string, string?> environment, int processId)
    {
        if (int.TryParse(environment("AXLE_INGRESS_FD"), NumberStyles.None, CultureInfo.InvariantCulture, out var named))
        {
            return named;
        }

        // The variables may have been meant for a parent that did not clear them.
        var forUs = environment("LISTEN_PID") is not { Length: > 0 } pid || pid == processId.ToString(CultureInfo.InvariantCulture);
        return forUs && int.TryParse(environment("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? FirstDescriptor : null;
    }

    /// <summary>Takes the socket over, so that no workload inherits it in turn: it could answer other workloads' users.</summary>
    public static int? Take()
    {
        if (Descriptor(Environment.GetEnvironmentVariable, Environment.ProcessId) is not { } descriptor)
        {
            return null;
        }

        foreach (var name in (ReadOnlySpan<string>)["AXLE_INGRESS_FD", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"])
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        return fcntl(descriptor, SetDescriptorFlags, CloseOnExec) == 0
            ? descriptor
            : throw new InvalidOperationException($"The environment names descriptor {descriptor} as the ingress's listening socket, but it is not open. Start the agent by the supervisor that opens it, or without AXLE_INGRESS_FD and LISTEN_FDS.");
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fcntl(int descriptor, int command, int argument);
}
