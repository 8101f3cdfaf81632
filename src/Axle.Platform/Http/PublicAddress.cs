using System.Net;
using System.Net.Sockets;

namespace Axle.Platform.Http;

/// <summary>Addresses that the platform may be sent to by anybody.</summary>
public static class PublicAddress
{
    /// <summary>Reachable from everywhere, so that reaching it through Axle gains nothing.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        var b = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return (b[0], b[1], b[2]) switch
            {
                (0 or 10 or 127 or >= 224, _, _) => false,
                (100, >= 64 and <= 127, _) => false,
                (169, 254, _) => false,
                (172, >= 16 and <= 31, _) => false,
                (192, 168, _) or (192, 0, 0) or (192, 0, 2) => false,
                (198, 18 or 19, _) or (198, 51, 100) or (203, 0, 113) => false,
                _ => true,
            };
        }

        // 2000::/3 is what is routed; of that, tunnels that carry IPv4 addresses (6to4, Teredo) and documentation are out.
        return (b[0] & 0xe0) == 0x20 && (b[0], b[1]) is not (0x20, 0x02) && (b[0], b[1], b[2], b[3]) is not ((0x20, 0x01, 0, 0) or (0x20, 0x01, 0x0d, 0xb8));
    }
}
