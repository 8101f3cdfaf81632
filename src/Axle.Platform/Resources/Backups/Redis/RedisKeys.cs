using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Axle.Platform.Resources.Backups.Redis;

/// <summary>One key with all that is needed to make it again.</summary>
/// <param name="ExpiresAtMs">In milliseconds of Unix time; 0 is never.</param>
/// <param name="Dump">As Redis writes it, with its own checksum.</param>
internal sealed record RedisEntry(int Database, byte[] Key, long ExpiresAtMs, byte[] Dump);

/// <summary>Single keys of a server, whatever their type.</summary>
internal static class RedisKeys
{
    /// <summary>As many as our servers have.</summary>
    public const int Databases = 16;

    public const int PageSize = 500;
    private const int TriesMax = 10;

    /// <param name="Sum">Of key, type and value; equal for equal values, however they are laid out in memory.</param>
    public sealed record Kept(byte[] Dump, long ExpiresAtMs, byte[] Sum);

    /// <summary>A key as it is at one moment; null when it is gone.</summary>
    public static async Task<Kept?> ReadAsync(IServer server, int database, RedisKey key)
    {
        var place = server.Multiplexer.GetDatabase(database);
        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            // Everything in one transaction, for which its type must be known before: should it change in between, once more.
            var type = await place.KeyTypeAsync(key);
            if (type == RedisType.None)
            {
                return null;
            }

            var together = place.CreateTransaction();
            var (dump, typed, expires, value) = (together.KeyDumpAsync(key), together.KeyTypeAsync(key), together.KeyExpireTimeAsync(key), ValueAsync(together, type, key));
            await together.ExecuteAsync();
            try
            {
                var sum = Sum(key, type, await value);
                if (await typed == type && await dump is { } written)
                {
                    return new Kept(written, await expires is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)).ToUnixTimeMilliseconds() : 0, sum);
                }
            }
            catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
            {
                // It became something else.
            }
        }

        throw new RedisException("a key changes its type all the time");
    }

    /// <summary>Gives a key back the time at which it ends.</summary>
    public static async Task ExpireAsync(IServer server, RedisEntry entry)
    {
        if (entry.ExpiresAtMs > 0)
        {
            await server.Multiplexer.GetDatabase(entry.Database).KeyExpireAsync(entry.Key, DateTimeOffset.FromUnixTimeMilliseconds(entry.ExpiresAtMs).UtcDateTime);
        }
    }

    private static async Task<IReadOnlyList<byte[]>> ValueAsync(ITransaction together, RedisType type, RedisKey key) => type switch
    {
        RedisType.String => [(byte[]?)await together.StringGetAsync(key) ?? []],
        RedisType.List => [.. (await together.ListRangeAsync(key)).Select(Bytes)],
        RedisType.Set => Sorted((await together.SetMembersAsync(key)).Select(Bytes)),
        RedisType.Hash => Sorted((await together.HashGetAllAsync(key)).Select(field => Joined(Bytes(field.Name), Bytes(field.Value)))),
        RedisType.SortedSet => Sorted((await together.SortedSetRangeByRankWithScoresAsync(key)).Select(one => Joined(Bytes(one.Element), Encoding.ASCII.GetBytes(one.Score.ToString("R", CultureInfo.InvariantCulture))))),
        RedisType.Stream => [.. (await together.StreamRangeAsync(key)).SelectMany(one => one.Values.SelectMany(field => new[] { Bytes(field.Name), Bytes(field.Value) }).Prepend(Bytes(one.Id)))],
        _ => [],
    };

    private static byte[] Sum(RedisKey key, RedisType type, IReadOnlyList<byte[]> value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in value.Prepend(Encoding.ASCII.GetBytes(type.ToString())).Prepend((byte[])key!))
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(part);
        }

        return hash.GetHashAndReset();
    }

    private static byte[] Bytes(RedisValue value) => (byte[]?)value ?? [];

    private static byte[] Joined(byte[] name, byte[] value)
    {
        var joined = new byte[sizeof(int) + name.Length + value.Length];
        BinaryPrimitives.WriteInt32LittleEndian(joined, name.Length);
        name.CopyTo(joined, sizeof(int));
        value.CopyTo(joined, sizeof(int) + name.Length);
        return joined;
    }

    private static List<byte[]> Sorted(IEnumerable<byte[]> values)
    {
        var list = values.ToList();
        list.Sort((a, b) => a.AsSpan().SequenceCompareTo(b));
        return list;
    }
}

/// <summary>Counts keys and adds their sums up, in no order.</summary>
internal sealed class RedisSums
{
    private readonly SortedDictionary<int, (long Keys, byte[] Sum)> _all = [];

    public void Add(int database, byte[] sum)
    {
        var (keys, all) = _all.TryGetValue(database, out var known) ? known : (0, new byte[sum.Length]);
        for (var at = 0; at < sum.Length; at++)
        {
            all[at] ^= sum[at];
        }

        _all[database] = (keys + 1, all);
    }

    public Contents ToContents(DateTimeOffset at) => new()
    {
        Tables = [.. _all.Select(one => new TableContents(string.Create(CultureInfo.InvariantCulture, $"db{one.Key}"), one.Value.Keys, Convert.ToHexStringLower(one.Value.Sum))).OrderBy(table => table.Name, StringComparer.Ordinal)],
        At = at,
    };
}
