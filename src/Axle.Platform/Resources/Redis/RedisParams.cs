using Axle.Contracts;

namespace Axle.Platform.Resources.Redis;

/// <summary>What a workload can ask of its Redis.</summary>
/// <param name="MemoryBytes">Of data, at most.</param>
/// <param name="Eviction">What happens when that is full, in Redis' words.</param>
/// <param name="Persistent">Data survives a restart of the server.</param>
internal sealed record RedisParams(long MemoryBytes, string Eviction, bool Persistent)
{
    private const long MemoryDefault = 128L << 20;
    private const long MemoryLeast = 1L << 20;
    private const long MemoryMost = 64L << 30;
    private static readonly string[] s_evictions = ["noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"];

    public static Result<RedisParams> Read(ResourceClaimSpec claim)
    {
        var given = new ParamReader(claim, "redis");
        return given.Done(new RedisParams(
            given.Bytes("maxMemory", MemoryDefault, MemoryLeast, MemoryMost, "must be an amount of memory from 1Mi to 64Gi, as in \"256Mi\""),
            given.Text("eviction", s_evictions[0], s_evictions.Contains, $"must be one of {string.Join(", ", s_evictions)}")!,
            given.Flag("persistent", true)));
    }
}
