using System.Globalization;
using System.Text;
using Axle.Contracts;
using Axle.Engines;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using Npgsql;

namespace Axle.Platform.Resources.Postgres;

/// <summary>
/// A PostgreSQL server on this machine, run by the engine. Databases of an environment share one; a
/// <c>postgres-instance</c> has its own.
/// </summary>
internal sealed class PostgresServerDriver(ServerWorkloads servers, PostgresServers postgres, ISecrets secrets) : IResourceDriver
{
    /// <summary>The type of the claims that it makes; workloads ask for what stands on one.</summary>
    public const string Type = "postgres-server";

    private const long MemoryBytes = 1L << 30;
    private const double StartSeconds = 120;
    private const double StopSeconds = 60;

    public string Uri => $"axle://{Type}";

    public async Task<Result<Provisioned>> EnsureAsync(Claim claim, CancellationToken stop)
    {
        // 1. Its port and version are written down before anything starts on them.
        var known = claim.State<ServerState>();
        if (PostgresProgram.Find(known?.Version) is not { } program)
        {
            return new ProgramNeeded("postgres", known is null ? "PostgreSQL" : $"PostgreSQL {known.Version}", known is null ? "postgresql" : $"postgresql-{known.Version}");
        }

        var state = known ?? new ServerState(servers.Port(null), program.Version);
        if (known is null)
        {
            return new Provisioned { Waiting = "the server is being prepared", State = Provisioned.StateOf(state) };
        }

        // 2. Running.
        if (!(await secrets.KeepAsync(claim.Ref, PostgresServers.AdminSecret, 1, Scram.NewPassword(), stop)).TryGet(out var password, out var error))
        {
            return error;
        }

        await secrets.PublishAsync(claim.Ref, PostgresServers.AdminSecret, 1, Claims.Actor, stop);
        if (!(await servers.EnsureAsync(claim.Ref, Workload(claim, program, servers.Port(state.Port), password), stop)).TryGet(out var waiting, out error))
        {
            return error;
        }

        // 3. Answering.
        if (waiting.Length > 0 || await PostgresServers.TryAsync(state.Port, "postgres", PostgresServers.AdminUser, password, "SELECT 1", stop) is not null)
        {
            return new Provisioned { Waiting = waiting.Length > 0 ? waiting : "the server is starting", State = Provisioned.StateOf(state) };
        }

        // What its databases' slowest statements are, is asked here.
        await PostgresDriver.ExecuteAsync(postgres.Admin(claim.Ref, state.Port), "CREATE EXTENSION IF NOT EXISTS pg_stat_statements", stop);
        return new Provisioned { State = Provisioned.StateOf(state), Outputs = Provisioned.OutputsOf(("host", PostgresServers.Host), ("port", state.Port)) };
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
            await using var command = postgres.Admin(claim.Ref, state.Port).CreateCommand(
                "SELECT current_setting('server_version'), (SELECT sum(pg_database_size(oid)) FROM pg_database)::bigint, (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int");
            await using var row = await command.ExecuteReaderAsync(stop);
            await row.ReadAsync(stop);
            return new ResourceFacts(row.GetString(0).Split(' ')[0], row.GetInt64(1), row.GetInt32(2), "dedicated");
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    /// <summary>What the engine is told. The administrator's password stays here; the server gets what it checks it against.</summary>
    private WorkloadSpec Workload(Claim claim, PostgresProgram program, int port, SecretValue password)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        return new WorkloadSpec
        {
            Id = ServerWorkloads.Id(claim.Ref),
            Revision = "",
            Release = $"v{program.Version}",
            ArtifactFolder = servers.Scripts("postgres.sh"),
            StartTimeoutSeconds = StartSeconds,
            StopTimeoutSeconds = StopSeconds,

            // Sessions are ended; by SIGTERM it would wait for them.
            StopSignal = "SIGINT",
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
                            Name = "postgres",
                            Command = ["/bin/sh", "postgres.sh", program.Bin],
                            Variables = new Dictionary<string, string> { ["PORT"] = number, ["ADMIN_VERIFIER"] = Verifier(claim.Ref, password) },
                            Volumes = [new VolumeSpec("/data", "data")],
                            Limits = new LimitSpec(MemoryBytes),
                            Readiness = new ProbeSpec(Exec: [program.Program("pg_isready"), "-q", "-h", PostgresServers.Host, "-p", number]),
                        },
                    ],
                },
            ],
        };
    }

    /// <summary>The salt is derived, for another one at each look would be another revision.</summary>
    private string Verifier(EntityRef server, SecretValue password) => Scram.Verifier(password, secrets.Fingerprint(Encoding.UTF8.GetBytes($"salt of {server}")));
}
