using System.Buffers.Binary;

namespace Axle.Platform.Templates.Actions;

/// <summary>
/// Whether a file is text that can be a template. Backstage asks the npm package isbinaryfile, and a file that one side
/// renders and the other copies differs afterwards, so the same rules hold here, oddities included.
/// </summary>
internal static class BinaryFile
{
    /// <summary>Bytes that decide, and how many more may finish a character at their end.</summary>
    private const int ScanMax = 512;
    private const int Reserve = 3;
    private const int DecideFrom = 32;
    private const int SuspiciousPercentMax = 10;

    public static async Task<bool> IsAsync(string path, CancellationToken stop)
    {
        await using var file = File.OpenRead(path);
        var bytes = new byte[ScanMax + Reserve];
        var count = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop);
        return Is(bytes.AsSpan(0, count));
    }

    /// <param name="head">The first bytes of the file, at most 515.</param>
    public static bool Is(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty || HasMark(head))
        {
            return false;
        }

        if (head.StartsWith("%PDF-"u8))
        {
            return true;
        }

        if (head.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(head) is 0xfeff or 0xfffe)
        {
            return false;
        }

        var scan = head[..Math.Min(head.Length, ScanMax)];
        var suspicious = 0;
        for (var i = 0; i < scan.Length; i++)
        {
            if (head[i] == 0)
            {
                return true;
            }

            if ((head[i] is >= 7 and <= 14 or >= 32 and <= 127) || IsCharacter(head, ref i))
            {
                continue;
            }

            suspicious++;
            if (i >= DecideFrom && TooMany(suspicious, scan.Length))
            {
                return true;
            }
        }

        return TooMany(suspicious, scan.Length) || (suspicious > 1 && IsProtobuf(scan));
    }

    private static bool TooMany(int suspicious, int of) => (double)suspicious * 100 / of > SuspiciousPercentMax;

    private static bool HasMark(ReadOnlySpan<byte> head) =>
        head.StartsWith<byte>([0xef, 0xbb, 0xbf])
        || head.StartsWith<byte>([0x00, 0x00, 0xfe, 0xff])
        || head.StartsWith<byte>([0xff, 0xfe, 0x00, 0x00])
        || head.StartsWith<byte>([0x84, 0x31, 0x95, 0x33]);

    /// <summary>A character of several bytes in UTF-8. One that is cut short or broken has its first two bytes counted as one.</summary>
    private static bool IsCharacter(ReadOnlySpan<byte> head, ref int i)
    {
        var more = head[i] switch
        {
            >= 0xc0 and <= 0xdf => 1,
            >= 0xe0 and <= 0xef => 2,
            >= 0xf0 and <= 0xf7 => 3,
            _ => 0,
        };
        if (more == 0 || i + more >= head.Length)
        {
            return false;
        }

        i++;
        for (var k = 0; k < more; k++)
        {
            if (head[i + k] is < 0x80 or > 0xbf)
            {
                return false;
            }
        }

        i += more - 1;
        return true;
    }

    /// <summary>Reads as a message of Google's protocol buffers until its end.</summary>
    private static bool IsProtobuf(ReadOnlySpan<byte> bytes)
    {
        var (at, failed, messages) = (0, false, 0);
        while (true)
        {
            var known = Message(bytes, ref at, ref failed);
            if (!known && !failed)
            {
                return false;
            }

            if (failed)
            {
                return messages > 0;
            }

            messages++;
        }
    }

    private static bool Message(ReadOnlySpan<byte> bytes, ref int at, ref bool failed)
    {
        switch (Number(bytes, ref at, ref failed) & 7)
        {
            case 0:
                Number(bytes, ref at, ref failed);
                return true;
            case 1:
                Skip(bytes, 8, ref at, ref failed);
                return true;
            case 2:
                Skip(bytes, Number(bytes, ref at, ref failed), ref at, ref failed);
                return true;
            case 5:
                Skip(bytes, 4, ref at, ref failed);
                return true;
            default:
                return false;
        }
    }

    private static void Skip(ReadOnlySpan<byte> bytes, int count, ref int at, ref bool failed)
    {
        for (var k = 0; k < count && !failed; k++)
        {
            Next(bytes, ref at, ref failed);
        }
    }

    private static int Number(ReadOnlySpan<byte> bytes, ref int at, ref bool failed)
    {
        var number = 0;
        for (var index = 0; !failed; index++)
        {
            var next = Next(bytes, ref at, ref failed);

            // JavaScript shifts by the lowest five bits of the count.
            number |= (next & 0x7f) << (7 * index & 31);
            if ((next & 0x80) == 0)
            {
                break;
            }

            failed |= index >= 10;
        }

        return number;
    }

    private static byte Next(ReadOnlySpan<byte> bytes, ref int at, ref bool failed)
    {
        if (failed || at == bytes.Length)
        {
            failed = true;
            return 0xff;
        }

        return bytes[at++];
    }
}
