using System.Globalization;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using MySqlConnector;

namespace Axle.Platform.Resources.MariaDb;

/// <summary>A MariaDB server on this machine, run by the engine; all databases of an environment share one.</summary>
internal sealed class MariaServerDriver(ServerWorkloads servers, MariaServers maria, ServerAdmin admins) : IResourceDriver
{
    /// <summary>The type of the claims that it makes; workloads ask for what stands on one.</summary>
    public const string Type = "mariadb-server";

    private const string Program = "/usr/sbin/mariadbd";
    private const long MemoryBytes = 1L << 30;
    private const double StartSeconds = 120;
    private const double StopSeconds = 60;

    public string Uri => $"axle://{Type}";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        if (!File.Exists(Program))
        {
            return new ProgramNeeded("mysql and mariadb", "MariaDB", "mariadb-server");
        }

        // 1. Its port is written down before anything starts on it.
        if (claim.State<ServerState>() is not { } state)
        {
            return new Provisioned { Waiting = "the server is being prepared", State = Provisioned.StateOf(new ServerState(servers.Port(null), "")) };
        }

        // 2. Running.
        if (!(await admins.MakeAsync(claim.Ref, stop)).TryGet(out var password, out var error)
            || !(await servers.EnsureAsync(claim.Ref, Workload(claim, servers.Port(state.Port), password), stop)).TryGet(out var waiting, out error))
        {
            return error;
        }

        // 3. Answering.
        if (waiting.Length > 0 || await MariaServers.TryAsync(state.Port, "", ServerAdmin.User, password, "SELECT 1", stop) is not null)
        {
            return new Provisioned { Waiting = waiting.Length > 0 ? waiting : "the server is starting", State = Provisioned.StateOf(state) };
        }

        return new Provisioned { State = Provisioned.StateOf(state), Outputs = Provisioned.OutputsOf(("host", MariaServers.Host), ("port", state.Port)) };
    }

    public Task<Result<Foreseen>> PlanAsync(Claim claim, CancellationToken stop) => Task.FromResult<Result<Foreseen>>(Foreseen.Unchanged);

    public Task SuspendAsync(Claim claim, CancellationToken stop) => servers.StopAsync(claim.Ref, stop);

    public Task DestroyAsync(Claim claim, CancellationToken stop) => servers.RemoveAsync(claim.Ref, stop);

    public async Task<ResourceFacts?> ObserveAsync(Claim claim, CancellationToken stop)
    {
        if (claim.State<ServerState>() is not { } state)
        {
            return null;
        }

        try
        {
            await using var command = maria.Admin(claim.Ref, state.Port).CreateCommand(
                $"SELECT version(), (SELECT coalesce(sum(data_length + index_length), 0) FROM information_schema.tables), (SELECT count(*) FROM information_schema.processlist WHERE user NOT IN ('system user', '{ServerAdmin.User}'))");
            await using var row = await command.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            return new ResourceFacts(row.GetString(0).Split('-')[0], (long)row.GetDecimal(1), row.GetInt32(2), "dedicated");
        }
        catch (MySqlException)
        {
            return null;
        }
    }

    private WorkloadSpec Workload(Claim claim, int port, SecretValue password)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        return new WorkloadSpec
        {
            Id = ServerWorkloads.Id(claim.Ref),
            Revision = "",
            Release = "v1",
            ArtifactFolder = servers.Scripts("mariadb.sh"),
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
                            Name = "mariadb",
                            Command = ["/bin/sh", "mariadb.sh"],
                            Variables = new Dictionary<string, string> { ["PORT"] = number, ["ADMIN_HASH"] = NativePassword.Hash(password) },
                            Volumes = [new VolumeSpec("/data", "data")],
                            Limits = new LimitSpec(MemoryBytes),

                            // Content with a refusal: who may log in is asked by login.
                            Readiness = new ProbeSpec(Exec: ["/usr/bin/mariadb-admin", "--no-defaults", "--silent", "-h", MariaServers.Host, "-P", number, "ping"]),
                        },
                    ],
                },
            ],
        };
    }
}
