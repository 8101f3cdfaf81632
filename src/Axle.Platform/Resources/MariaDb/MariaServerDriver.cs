using System.Globalization;
using Axle.Contracts;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using MySqlConnector;

namespace Axle.Platform.Resources.MariaDb;

/// <summary>A MariaDB server on this machine, run by the engine; all databases of an environment share one.</summary>
internal sealed class MariaServerDriver(ServerWorkloads servers, ServerAdmin admins, MariaServers maria) : ServerDriver<ServerState>(servers, admins)
{
    /// <summary>The type of the claims that it makes; workloads ask for what stands on one.</summary>
    public const string Type = "mariadb-server";

    private const string Path = "/usr/sbin/mariadbd";
    private const long MemoryBytes = 1L << 30;
    private const double StartSeconds = 120;
    private const double StopSeconds = 60;

    public override string Uri => $"axle://{Type}";

    protected override Error? Refuse(Claim claim) => File.Exists(Path) ? null : new ProgramNeeded("mysql and mariadb", "MariaDB", "mariadb-server");

    protected override ServerState NewState() => new(Servers.Port(null), "");

    protected override ServerProgram Program(Claim claim, ServerState state, SecretValue password)
    {
        var port = state.Port.ToString(CultureInfo.InvariantCulture);

        // The check is content with a refusal: who may log in is asked by login.
        return new ServerProgram("mariadb", MemoryBytes, ["/usr/bin/mariadb-admin", "--no-defaults", "--silent", "-h", ServerWorkloads.Host, "-P", port, "ping"])
        {
            Variables = new Dictionary<string, string> { ["PORT"] = port, ["ADMIN_HASH"] = NativePassword.Hash(password) },
            StartSeconds = StartSeconds,
            StopSeconds = StopSeconds,
        };
    }

    protected override async Task<bool> AnswersAsync(Claim claim, ServerState state, SecretValue password, CancellationToken stop) =>
        await MariaServers.TryAsync(state.Port, "", ServerAdmin.User, password, "SELECT 1", stop) is null;

    protected override async Task<ResourceFacts?> FactsAsync(Claim claim, ServerState state, CancellationToken stop)
    {
        await using var command = maria.Admin(claim.Ref, state.Port).CreateCommand(
            $"SELECT version(), (SELECT coalesce(sum(data_length + index_length), 0) FROM information_schema.tables), (SELECT count(*) FROM information_schema.processlist WHERE user NOT IN ('system user', '{ServerAdmin.User}'))");
        await using var row = await command.ExecuteReaderAsync(stop);
        await row.ReadAsync(stop);
        return new ResourceFacts(row.GetString(0).Split('-')[0], (long)row.GetDecimal(1), row.GetInt32(2), "dedicated");
    }

    protected override bool IsAway(Exception e) => e is MySqlException;
}
