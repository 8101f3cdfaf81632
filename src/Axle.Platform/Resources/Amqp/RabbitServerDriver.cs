using System.Globalization;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Amqp;

/// <summary>A RabbitMQ broker on this machine, run by the engine; all virtual hosts of an environment share one.</summary>
internal sealed class RabbitServerDriver(ServerWorkloads servers, ServerAdmin admins, RabbitServers rabbit) : ServerDriver<RabbitServerDriver.State>(servers, admins)
{
    /// <summary>The type of the claims that it makes; workloads ask for what stands on one.</summary>
    public const string Type = "rabbitmq-server";

    private const string Path = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private const long MemoryBytes = 1L << 30;

    /// <summary>Beyond this, publishers wait.</summary>
    private const string MemoryOfMessages = "400MB";

    private const double StartSeconds = 240;
    private const double StopSeconds = 60;

    /// <param name="Port">Of AMQP.</param>
    /// <param name="AdminPort">Of the HTTP API.</param>
    /// <param name="NodePort">Of Erlang's own protocol, which the broker needs for itself.</param>
    /// <param name="NamesPort">Of Erlang's directory of nodes; this broker's own one.</param>
    internal sealed record State(int Port, int AdminPort, int NodePort, int NamesPort);

    public override string Uri => $"axle://{Type}";

    protected override Error? Refuse(Claim claim) => File.Exists(Path) ? null : new ProgramNeeded("amqp", "RabbitMQ", "rabbitmq-server");

    protected override State NewState() => new(Servers.Port(null), Servers.Port(null), Servers.Port(null), Servers.Port(null));

    protected override ServerProgram Program(Claim claim, State state, SecretValue password) => new("rabbitmq", MemoryBytes, ServerWorkloads.Listens(state.Port))
    {
        Variables = new Dictionary<string, string>
        {
            ["AMQP_PORT"] = Text(state.Port),
            ["ADMIN_PORT"] = Text(state.AdminPort),
            ["NODE_PORT"] = Text(state.NodePort),
            ["NAMES_PORT"] = Text(state.NamesPort),
            ["MEMORY"] = MemoryOfMessages,
            ["ADMIN_HASH"] = RabbitPassword.Hash(password, Admins.SaltOf(claim.Ref)),
        },
        StartSeconds = StartSeconds,
        StopSeconds = StopSeconds,
    };

    protected override async Task<bool> AnswersAsync(Claim claim, State state, SecretValue password, CancellationToken stop)
    {
        try
        {
            await rabbit.AskAsync(claim.Ref, state.AdminPort, HttpMethod.Get, "whoami", null, stop);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    protected override async Task<ResourceFacts?> FactsAsync(Claim claim, State state, CancellationToken stop)
    {
        var overview = await rabbit.AskAsync(claim.Ref, state.AdminPort, HttpMethod.Get, "overview", null, stop);
        var connections = overview?.GetProperty("object_totals").TryGetProperty("connections", out var open) == true ? open.GetInt32() : 0;
        return new ResourceFacts(overview?.GetProperty("rabbitmq_version").GetString(), null, connections, "dedicated");
    }

    protected override bool IsAway(Exception e) => e is HttpRequestException;

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
