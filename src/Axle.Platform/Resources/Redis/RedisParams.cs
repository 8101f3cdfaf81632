using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Workloads;

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
    private static readonly string[] s_names = ["maxMemory", "eviction", "persistent"];
    private static readonly string[] s_evictions = ["noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"];

    public static Result<RedisParams> Read(ResourceClaimSpec claim)
    {
        var problems = new List<Problem>();
        var read = new RedisParams(MemoryDefault, s_evictions[0], Persistent: true);
        foreach (var given in claim.Params.ValueKind == JsonValueKind.Object ? claim.Params.EnumerateObject().ToList() : [])
        {
            var text = given.Value.ValueKind == JsonValueKind.String ? given.Value.GetString()! : given.Value.GetRawText();
            switch (given.Name)
            {
                case "maxMemory" when Quantity.Bytes(text) is >= MemoryLeast and <= MemoryMost and var bytes:
                    read = read with { MemoryBytes = bytes };
                    break;
                case "eviction" when s_evictions.Contains(text):
                    read = read with { Eviction = text };
                    break;
                case "persistent" when given.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    read = read with { Persistent = given.Value.GetBoolean() };
                    break;
                default:
                    problems.Add(new Problem(Expected(given.Name), Path: $"params.{given.Name}"));
                    break;
            }
        }

        return problems.Count > 0 ? new ParamsInvalid(claim.Uid, problems) : read;
    }

    private static string Expected(string name) => name switch
    {
        "maxMemory" => "must be an amount of memory from 1Mi to 64Gi, as in \"256Mi\"",
        "eviction" => $"must be one of {string.Join(", ", s_evictions)}",
        "persistent" => "must be true or false",
        _ => $"is no param of redis; there are {string.Join(", ", s_names)}",
    };
}
