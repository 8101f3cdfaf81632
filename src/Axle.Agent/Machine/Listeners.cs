using System.Globalization;
using System.Net;

namespace Axle.Agent.Machine;

/// <summary>Which TCP ports a set of processes listens on; tells people why their app is not reached.</summary>
internal static class Listeners
{
    public static IReadOnlyList<IPEndPoint> Of(IEnumerable<int> processes)
    {
        var sockets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var process in processes)
        {
            try
            {
                foreach (var handle in Directory.EnumerateFileSystemEntries($"/proc/{process}/fd"))
                {
                    if (new FileInfo(handle).LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal))
                    {
                        sockets.Add(target[8..^1]);
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile, or not ours to see.
            }
        }

        return [.. Read("/proc/net/tcp", sockets), .. Read("/proc/net/tcp6", sockets)];
    }

    /// <summary>Rows of /proc/net/tcp whose state is LISTEN and whose socket is one of these.</summary>
    internal static IEnumerable<IPEndPoint> Parse(IEnumerable<string> rows, IReadOnlySet<string> sockets)
    {
        foreach (var row in rows)
        {
            var fields = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || fields[3] != "0A" || !sockets.Contains(fields[9]))
            {
                continue;
            }

            var colon = fields[1].IndexOf(':', StringComparison.Ordinal);
            var bytes = Convert.FromHexString(fields[1][..colon]);

            // The kernel prints each 32-bit word in the machine's byte order.
            for (var word = 0; word < bytes.Length; word += 4)
            {
                Array.Reverse(bytes, word, 4);
            }

            yield return new IPEndPoint(new IPAddress(bytes), int.Parse(fields[1][(colon + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<IPEndPoint> Read(string file, HashSet<string> sockets)
    {
        try
        {
            return [.. Parse(File.ReadLines(file).Skip(1), sockets)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
