using System.Buffers.Binary;
using System.IO.Compression;

namespace Axle.Platform.Resources.Backups.Redis;

/// <summary>The file of a Redis's copy, compressed: for each key its database, its end, itself and its dump, with lengths before; at last a database of -1.</summary>
internal static class RedisFile
{
    private const int End = -1;
    private const int HeadBytes = sizeof(int) + sizeof(long) + sizeof(int) + sizeof(int);

    /// <summary>No key and no value of Redis is longer.</summary>
    private const int PartMax = 1 << 30;

    public static async Task WriteAsync(Stream output, RedisEntry entry, CancellationToken stop)
    {
        await output.WriteAsync(Head(entry.Database, entry.ExpiresAtMs, entry.Key.Length, entry.Dump.Length), stop);
        await output.WriteAsync(entry.Key, stop);
        await output.WriteAsync(entry.Dump, stop);
    }

    public static async Task EndAsync(Stream output, CancellationToken stop) => await output.WriteAsync(Head(End, 0, 0, 0), stop);

    /// <summary>Every entry, in order.</summary>
    /// <exception cref="IOException">The file is not whole.</exception>
    public static async Task ReadAsync(string file, Func<RedisEntry, Task> each, CancellationToken stop)
    {
        await using var input = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        var head = new byte[HeadBytes];
        while (true)
        {
            await input.ReadExactlyAsync(head, stop);
            var database = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (database == End)
            {
                return;
            }

            var (key, dump) = (BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12)), BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(16)));
            if (key is < 0 or > PartMax || dump is < 0 or > PartMax)
            {
                throw new IOException("the copy is not one of Redis's");
            }

            var entry = new RedisEntry(database, new byte[key], BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(4)), new byte[dump]);
            await input.ReadExactlyAsync(entry.Key, stop);
            await input.ReadExactlyAsync(entry.Dump, stop);
            await each(entry);
        }
    }

    private static byte[] Head(int database, long expiresAtMs, int key, int dump)
    {
        var head = new byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, database);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(4), expiresAtMs);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), key);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), dump);
        return head;
    }
}
