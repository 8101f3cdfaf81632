using System.Data.Common;
using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.MariaDb;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using MySqlConnector;

namespace Axle.Tests.Resources;

/// <summary>Databases in a real MariaDB.</summary>
public sealed class MariaDbTests(ResourceHouse house, ITestOutputHelper output) : DatabaseStory(house, output), IClassFixture<ResourceHouse>
{
    protected override string Type => "mariadb";

    [Fact]
    public async Task A_database_lives_from_its_claim_to_its_end()
    {
        SkipUnlessInstalled();
        await LiveAsync();
    }

    [Fact]
    public async Task The_type_mysql_is_served_by_the_same_server_and_its_limits_follow_its_params()
    {
        SkipUnlessInstalled();
        var claim = await House.ClaimAsync("mysql", "shop-mysql", new { connectionsMax = 3, statementTimeoutSeconds = 1 });
        var given = House.Outputs(claim.Ref);
        Assert.StartsWith("mysql://", given["uri"], StringComparison.Ordinal);
        Assert.Equal("resourceclaim:default/mariadb.staging", new Claim(claim, new ProvisionerSpec { Uri = "", Type = "" }).State<ServerTenant>()!.Server, ignoreCase: true);
        await AskAsync(given, "CREATE TABLE t (word VARCHAR(20)); INSERT INTO t VALUES ('größe')");

        // A statement that takes too long, and one connection too many.
        Assert.Equal(1969, (int)(await Assert.ThrowsAsync<MySqlException>(() => AskAsync(given, "SELECT word FROM t WHERE 0 = (SELECT sleep(3))"))).ErrorCode);
        var open = new List<DbConnection>();
        for (var count = 0; count < 3; count++)
        {
            open.Add(await ConnectAsync(given));
        }

        await Assert.ThrowsAsync<MySqlException>(() => ConnectAsync(given));
        foreach (var one in open)
        {
            await one.DisposeAsync();
        }

        // Changed in place; what somebody broke is mended.
        await House.ClaimAsync("mysql", "shop-mysql", new { collation = "utf8mb4_general_ci" });
        Assert.Equal("größe", await AskAsync(given, "SELECT word FROM t WHERE 0 = (SELECT sleep(1.5))"));
        Assert.Equal("utf8mb4_general_ci", await AskAsync(given, "SELECT @@collation_database"));
        var state = new Claim(House.Find(claim.Ref)!, new ProvisionerSpec { Uri = "", Type = "" }).State<ServerTenant>()!;
        var admin = House.Get<MariaServers>().Admin(state.ServerRef, given.Port);
        await MariaServers.ExecuteAsync(admin, $"ALTER USER {given.Username}@'127.0.0.1' IDENTIFIED BY 'changed behind its back'", Stop);
        await MariaServers.ExecuteAsync(admin, $"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {given.Username}@'127.0.0.1'", Stop);
        House.Get<EnsuredClaims>().Forget(claim.Ref);
        await House.ChangeAsync(claim.Ref, now => now! with { Retain = true });
        await House.UntilAsync(claim.Ref, now => now.Status.ObservedGeneration == now.Metadata.Generation, "mended");
        Assert.Equal("größe", await AskAsync(given, "SELECT word FROM t"));
    }

    [Fact]
    public void The_digest_is_the_one_that_MariaDB_makes() =>
        Assert.Equal("*14E65567ABDB5135D0CFD9A70B3032C179A49EE7", NativePassword.Hash(new SecretValue("secret")));

    protected override DbConnection Connection(Given given) => new MySqlConnection(new MySqlConnectionStringBuilder
    {
        Server = given["host"],
        Port = (uint)given.Port,
        Database = given["database"],
        UserID = given.Username,
        Password = given.Password,
        Pooling = false,
        SslMode = MySqlSslMode.None,
    }.ConnectionString);

    protected override async Task NobodyElseAsync(Given mine, Given others)
    {
        var refused = await Assert.ThrowsAsync<MySqlException>(() => AskAsync(others, $"SELECT * FROM {mine["name"]}.t"));
        Assert.Equal(MySqlErrorCode.TableAccessDenied, refused.ErrorCode);

        // In a grant, _ would stand for any letter.
        var near = mine["name"].Replace('_', 'x');
        Assert.Equal(MySqlErrorCode.DatabaseAccessDenied, (await Assert.ThrowsAsync<MySqlException>(() => AskAsync(mine, $"CREATE DATABASE {near}"))).ErrorCode);
        Assert.Equal("0", await AskAsync(mine, "SELECT count(*) FROM information_schema.schemata WHERE schema_name IN ('mysql', 'sys')"));
    }

    private static void SkipUnlessInstalled() => Assert.SkipUnless(File.Exists("/usr/sbin/mariadbd"), "MariaDB is not installed: apt-get install mariadb-server");

    private protected override async Task NothingLeftAsync(Claim before)
    {
        var state = before.State<ServerTenant>()!;
        await using var command = House.Get<MariaServers>().Admin(state.ServerRef, ServerState.PortOf(House.Find(state.ServerRef)!.Status)!.Value)
            .CreateCommand("SELECT (SELECT count(*) FROM mysql.user WHERE user LIKE @name) + (SELECT count(*) FROM mysql.db WHERE user LIKE @name) + (SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE @name)");
        command.Parameters.Add(new MySqlParameter("@name", $"{state.Name}%"));
        Assert.Equal(0L, await command.ExecuteScalarAsync(Stop));
    }
}
