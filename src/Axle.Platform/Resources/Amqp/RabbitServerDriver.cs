using System.Globalization;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;

namespace Axle.Platform.Resources.Amqp;

/// <summary>A RabbitMQ broker on this machine, run by the engine; all virtual hosts of an environment share one.</summary>
internal sealed class RabbitServerDriver(ServerWorkloads servers, RabbitServers rabbit, ServerAdmin admins) : IResourceDriver
{
    /// <summary>The type of the claims that it makes; workloads ask for what stands on one.</summary>
    public const string Type = "rabbitmq-server";

    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
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

    public string Uri => $"axle://{Type}";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        if (!File.Exists(Program))
        {
            return new ProgramNeeded("amqp", "RabbitMQ", "rabbitmq-server");
        }

        // 1. Its ports are written down before anything starts on them.
        if (claim.State<State>() is not { } state)
        {
            return new Provisioned { Waiting = "the server is being prepared", State = Provisioned.StateOf(new State(servers.Port(null), servers.Port(null), servers.Port(null), servers.Port(null))) };
        }

        // 2. Running.
        foreach (var port in (int[])[state.Port, state.AdminPort, state.NodePort, state.NamesPort])
        {
            servers.Port(port);
        }

        if (!(await admins.MakeAsync(claim.Ref, stop)).TryGet(out var password, out var error)
            || !(await servers.EnsureAsync(claim.Ref, Workload(claim, state, password), stop)).TryGet(out var waiting, out error))
        {
            return error;
        }

        // 3. Answering.
        if (waiting.Length == 0)
        {
            try
            {
                await rabbit.AskAsync(claim.Ref, state.AdminPort, HttpMethod.Get, "whoami", null, stop);
                return new Provisioned { State = Provisioned.StateOf(state), Outputs = Provisioned.OutputsOf(("host", RabbitServers.Host), ("port", state.Port)) };
            }
            catch (HttpRequestException)
            {
                waiting = "the server is starting";
            }
        }

        return new Provisioned { Waiting = waiting, State = Provisioned.StateOf(state) };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(Foreseen.Unchanged);

    public Task SuspendAsync(Claim claim, CancellationToken stop) => servers.StopAsync(claim.Ref, stop);

    public Task DestroyAsync(Claim claim, CancellationToken stop) => servers.RemoveAsync(claim.Ref, stop);

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        if (claim.State<State>() is not { } state)
        {
            return null;
        }

        try
        {
            var overview = await rabbit.AskAsync(claim.Ref, state.AdminPort, HttpMethod.Get, "overview", null, stop);
            var connections = overview?.GetProperty("object_totals").TryGetProperty("connections", out var open) == true ? open.GetInt32() : 0;
            return new ResourceFacts(overview?.GetProperty("rabbitmq_version").GetString(), null, connections, "dedicated");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private WorkloadSpec Workload(Claim claim, State state, SecretValue password) => new()
    {
        Id = ServerWorkloads.Id(claim.Ref),
        Revision = "",
        Release = "v1",
        ArtifactFolder = servers.Scripts("rabbitmq.sh"),
        StartTimeoutSeconds = StartSeconds,
        StopTimeoutSeconds = StopSeconds,
        Groups =
        [
            new GroupSpec
            {
                Name = "server",
                Kind = GroupKind.Worker,
                Containers =
                [
                    new ContainerSpec
                    {
                        Name = "rabbitmq",
                        Command = ["/bin/sh", "rabbitmq.sh"],
                        Variables = new Dictionary<string, string>
                        {
                            ["AMQP_PORT"] = Text(state.Port),
                            ["ADMIN_PORT"] = Text(state.AdminPort),
                            ["NODE_PORT"] = Text(state.NodePort),
                            ["NAMES_PORT"] = Text(state.NamesPort),
                            ["MEMORY"] = MemoryOfMessages,
                            ["ADMIN_HASH"] = RabbitPassword.Hash(password, admins.SaltOf(claim.Ref)),
                        },
                        Volumes = [new VolumeSpec("/data", "data")],
                        Limits = new LimitSpec(MemoryBytes),
                        Readiness = new ProbeSpec(Exec: ServerWorkloads.Listens(state.Port)),
                    },
                ],
            },
        ],
    };

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
