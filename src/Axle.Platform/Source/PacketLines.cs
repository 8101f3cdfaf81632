using System.Globalization;
using System.Text;

namespace Axle.Platform.Source;

/// <summary>
/// git's framing: four hex digits of length, then the payload; <c>0000</c> is a flush. Where side bands were agreed on,
/// a payload's first byte says whether it is data (1), words for the person (2), or a fatal error (3).
/// </summary>
internal static class PacketLines
{
    public const byte DataBand = 1;
    public const byte WordsBand = 2;

    /// <summary>Fits into the smallest packet that any client agrees to (side-band: 1000 bytes).</summary>
    private const int WordsMax = 900;

    public static ReadOnlySpan<byte> Flush => "0000"u8;

    public static byte[] Line(string text) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(text) + 4:x4}{text}"));

    /// <summary>A line that the person sees behind <c>remote:</c>.</summary>
    public static byte[] Words(string line)
    {
        var clean = Encoding.UTF8.GetBytes(string.Concat(line.Select(c => char.IsControl(c) && c != '\t' ? ' ' : c)) + "\n");
        if (clean.Length > WordsMax)
        {
            clean = [.. clean.AsSpan(0, WordsMax - 4), .. "…\n"u8];
        }

        return [.. Encoding.ASCII.GetBytes((clean.Length + 5).ToString("x4", CultureInfo.InvariantCulture)), WordsBand, .. clean];
    }

    /// <summary>Data of no length: says nothing, keeps the connection open.</summary>
    public static byte[] KeepAlive() => [.. "0005"u8, DataBand];

    /// <summary>The payload of the next packet; empty for a flush; null at the end.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken stop)
    {
        var head = new byte[4];
        var count = await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, stop);
        if (count == 0)
        {
            return null;
        }

        if (count < 4 || !int.TryParse(head, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length is > 0 and < 4)
        {
            throw new InvalidDataException("git printed something that is no packet line.");
        }

        if (length is 0)
        {
            return [];
        }

        var payload = new byte[length - 4];
        await stream.ReadExactlyAsync(payload, stop);
        return payload;
    }
}
