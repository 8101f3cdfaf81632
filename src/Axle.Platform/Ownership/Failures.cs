using System.Collections.Concurrent;
using System.Net;

namespace Axle.Platform.Ownership;

/// <summary>Counts failed sign-ins by address, within a minute; forgets everything when it grows too large.</summary>
internal sealed class Failures(TimeProvider clock)
{
    public const int PerMinuteMax = 30;
    private const int AddressesMax = 10_000;

    private readonly ConcurrentDictionary<IPAddress, (long Minute, int Count)> _counts = new();

    /// <summary>Counts one more; true when it was one too many.</summary>
    public bool Add(IPAddress? address)
    {
        if (_counts.Count >= AddressesMax)
        {
            _counts.Clear();
        }

        var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        return _counts.AddOrUpdate(
            address ?? IPAddress.None,
            _ => (minute, 1),
            (_, last) => last.Minute == minute ? (minute, last.Count + 1) : (minute, 1)).Count > PerMinuteMax;
    }
}
