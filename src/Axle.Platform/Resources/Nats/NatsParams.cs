using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.Nats;

/// <summary>What a workload can ask of its NATS.</summary>
/// <param name="StreamBytes">Of streams on disk, at most; 0 is without JetStream.</param>
/// <param name="MemoryBytes">Of streams in memory, at most.</param>
/// <param name="PayloadBytes">Of one message, at most.</param>
internal sealed record NatsParams(long StreamBytes, long MemoryBytes, long PayloadBytes)
{
    private const long Most = 1L << 40;
    private const long MemoryMost = 16L << 30;
    private const long PayloadLeast = 1L << 10;
    private const long PayloadMost = 64L << 20;
    private static readonly string[] s_names = ["maxStorage", "maxMemory", "maxPayload"];

    public static NatsParams Default { get; } = new(1L << 30, 64L << 20, 1L << 20);

    public static Result<NatsParams> Read(ResourceClaimSpec claim)
    {
        var problems = new List<Problem>();
        var read = Default;
        foreach (var given in claim.Params.ValueKind == JsonValueKind.Object ? claim.Params.EnumerateObject().ToList() : [])
        {
            var text = given.Value.ValueKind == JsonValueKind.String ? given.Value.GetString()! : given.Value.GetRawText();
            var bytes = text == "0" ? 0 : Quantity.Bytes(text) ?? -1;
            switch (given.Name)
            {
                case "maxStorage" when bytes is >= 0 and <= Most:
                    read = read with { StreamBytes = bytes };
                    break;
                case "maxMemory" when bytes is >= 0 and <= MemoryMost:
                    read = read with { MemoryBytes = bytes };
                    break;
                case "maxPayload" when bytes is >= PayloadLeast and <= PayloadMost:
                    read = read with { PayloadBytes = bytes };
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
        "maxStorage" => "must be an amount up to 1Ti, as in \"1Gi\"; 0 is without JetStream",
        "maxMemory" => "must be an amount of memory up to 16Gi, as in \"64Mi\"",
        "maxPayload" => "must be an amount from 1Ki to 64Mi, as in \"1Mi\"",
        _ => $"is no param of nats; there are {string.Join(", ", s_names)}",
    };
}
