using Axle.Contracts;

namespace Axle.Platform.Resources.Amqp;

/// <summary>What a workload can ask of its virtual host.</summary>
/// <param name="ConnectionsMax">Open at once, all users together.</param>
/// <param name="QueuesMax">In it.</param>
internal sealed record AmqpParams(int ConnectionsMax, int QueuesMax)
{
    private const int ConnectionsMost = 2_000;
    private const int QueuesMost = 10_000;

    public static AmqpParams Default { get; } = new(200, 1_000);

    public static Result<AmqpParams> Read(ResourceClaimSpec claim)
    {
        var given = new ParamReader(claim, "amqp");
        return given.Done(new AmqpParams(
            given.Number("connectionsMax", Default.ConnectionsMax, 1, ConnectionsMost),
            given.Number("queuesMax", Default.QueuesMax, 1, QueuesMost)));
    }
}
