using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Axle.Cli.Machine;

/// <summary>
/// The ingress's listening socket, held here and handed down to each agent: while one agent is replaced by the next,
/// connections wait in the kernel's queue instead of being refused.
/// </summary>
internal sealed class IngressSocket : IDisposable
{
    /// <summary>Tells the agent which inherited descriptor to listen on.</summary>
    public const string Variable = "AXLE_INGRESS_FD";

    private const int WaitingMax = 1024;
    private readonly Socket _socket;

    private IngressSocket(Socket socket) => _socket = socket;

    /// <summary>What the variable is set to.</summary>
    public string Descriptor => _socket.Handle.ToInt32().ToString(CultureInfo.InvariantCulture);

    /// <summary>Null when the port cannot be had; the agent then says why.</summary>
    public static IngressSocket? Open(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(WaitingMax);
            return new IngressSocket(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>While this is in force, a program that is started gets the socket; no other one does.</summary>
    public bool HandDown(bool on) => Native.Inherit(_socket.SafeHandle, on);

    public void Dispose() => _socket.Dispose();
}
