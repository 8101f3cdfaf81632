using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Resources.Amqp;

/// <summary>What a workload can ask of its virtual host.</summary>
/// <param name="ConnectionsMax">Open at once, all users together.</param>
/// <param name="QueuesMax">In it.</param>
internal sealed record AmqpParams(int ConnectionsMax, int QueuesMax)
{
    private const int ConnectionsMost = 2_000;
    private const int QueuesMost = 10_000;
    private static readonly string[] s_names = ["connectionsMax", "queuesMax"];

    public static AmqpParams Default { get; } = new(200, 1_000);

    public static Result<AmqpParams> Read(ResourceClaimSpec claim)
    {
        var problems = new List<Problem>();
        var read = Default;
        foreach (var given in claim.Params.ValueKind == JsonValueKind.Object ? claim.Params.EnumerateObject().ToList() : [])
        {
            var number = given.Value.ValueKind == JsonValueKind.Number && given.Value.TryGetInt32(out var whole) ? whole : 0;
            switch (given.Name)
            {
                case "connectionsMax" when number is >= 1 and <= ConnectionsMost:
                    read = read with { ConnectionsMax = number };
                    break;
                case "queuesMax" when number is >= 1 and <= QueuesMost:
                    read = read with { QueuesMax = number };
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
        "connectionsMax" => $"must be a number from 1 to {ConnectionsMost}",
        "queuesMax" => $"must be a number from 1 to {QueuesMost}",
        _ => $"is no param of amqp; there are {string.Join(", ", s_names)}",
    };
}
