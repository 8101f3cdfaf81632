using Axle.Contracts;

namespace Axle.Platform.Resources.Nats;

/// <summary>What a workload can ask of its NATS.</summary>
/// <param name="StreamBytes">Of streams on disk, at most; 0 is without JetStream.</param>
/// <param name="MemoryBytes">Of streams in memory, at most.</param>
/// <param name="PayloadBytes">Of one message, at most.</param>
internal sealed record NatsParams(long StreamBytes, long MemoryBytes, long PayloadBytes)
{
    private const long StreamMost = 1L << 40;
    private const long MemoryMost = 16L << 30;
    private const long PayloadLeast = 1L << 10;
    private const long PayloadMost = 64L << 20;

    public static NatsParams Default { get; } = new(1L << 30, 64L << 20, 1L << 20);

    public static Result<NatsParams> Read(ResourceClaimSpec claim)
    {
        var given = new ParamReader(claim, "nats");
        return given.Done(new NatsParams(
            given.Bytes("maxStorage", Default.StreamBytes, 0, StreamMost, "must be an amount up to 1Ti, as in \"1Gi\"; 0 is without JetStream"),
            given.Bytes("maxMemory", Default.MemoryBytes, 0, MemoryMost, "must be an amount of memory up to 16Gi, as in \"64Mi\""),
            given.Bytes("maxPayload", Default.PayloadBytes, PayloadLeast, PayloadMost, "must be an amount from 1Ki to 64Mi, as in \"1Mi\"")));
    }
}
