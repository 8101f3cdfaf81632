using System.Net;
using System.Net.Sockets;

namespace Axle.Agent.State;

/// <summary>Hands out free ports of the machine. One that is taken is never given again before it is returned.</summary>
internal sealed class Ports
{
    private const int First = 20_000;
    private const int Count = 10_000;
    private readonly Lock _lock = new();
    private readonly HashSet<int> _taken = [];
    private int _next;

    // Begins at a place of chance, so that two agents on one machine seldom try the same ports at the same time.
    public Ports() => _next = Random.Shared.Next(Count);

    /// <exception cref="InvalidOperationException">All are in use.</exception>
    public int Take()
    {
        lock (_lock)
        {
            for (var tried = 0; tried < Count; tried++)
            {
                var port = First + _next;
                _next = (_next + 1) % Count;
                if (!_taken.Contains(port) && IsFree(port))
                {
                    _taken.Add(port);
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"No port between {First} and {First + Count - 1} is free on this machine.");
    }

    /// <summary>Marks one that an adopted instance has.</summary>
    public void Keep(int port)
    {
        lock (_lock)
        {
            _taken.Add(port);
        }
    }

    public void Return(IEnumerable<int> ports)
    {
        lock (_lock)
        {
            _taken.ExceptWith(ports);
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
