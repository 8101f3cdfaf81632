using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.MariaDb;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using MySqlConnector;

namespace Axle.Tests.Resources;

/// <summary>Databases in a real MariaDB.</summary>
public sealed class MariaDbTests(ResourceHouse house, ITestOutputHelper output) : ResourceStory(house, output), IClassFixture<ResourceHouse>
{
    protected override string Type => "mariadb";

    [Fact]
    public async Task A_database_lives_from_its_claim_to_its_end()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mariadbd"), "MariaDB is not installed: apt-get install mariadb-server");
        await LiveAsync();
    }

    [Fact]
    public async Task The_type_mysql_is_served_by_the_same_server_and_its_limits_follow_its_params()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/mariadbd"), "MariaDB is not installed: apt-get install mariadb-server");
        var claim = await House.ClaimAsync("mysql", "shop-mysql", new { connectionsMax = 3, statementTimeoutSeconds = 1 });
        var given = House.Outputs(claim.Ref);
        Assert.StartsWith("mysql://", given["uri"], StringComparison.Ordinal);
        Assert.Equal("resourceclaim:default/mariadb.staging", new Claim(claim, new ProvisionerSpec { Uri = "", Type = "" }).State<ServerTenant>()!.Server, ignoreCase: true);
        await AskAsync(given, "CREATE TABLE t (word VARCHAR(20)); INSERT INTO t VALUES ('größe')");

        // A statement that takes too long, and one connection too many.
        Assert.Equal(1969, (int)(await Assert.ThrowsAsync<MySqlException>(() => AskAsync(given, "SELECT word FROM t WHERE 0 = (SELECT sleep(3))"))).ErrorCode);
        var open = new List<MySqlConnection>();
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

    protected override async Task<string?> LoginAsync(Given given)
    {
        try
        {
            await AskAsync(given, "SELECT 1");
            return null;
        }
        catch (MySqlException e)
        {
            return e.Message;
        }
    }

    protected override Task WriteAsync(Given given) => AskAsync(given, "CREATE TABLE IF NOT EXISTS t (word VARCHAR(20)); INSERT INTO t VALUES ('größe')");

    protected override async Task<bool> ReadAsync(Given given) => await AskAsync(given, "SELECT word FROM t LIMIT 1") is "größe";

    protected override async Task<Session> OpenAsync(Given given)
    {
        var connection = await ConnectAsync(given);
        return new Session(
            async () =>
            {
                try
                {
                    await using var command = new MySqlCommand("SELECT word FROM t LIMIT 1", connection);
                    return await command.ExecuteScalarAsync(Stop) is "größe";
                }
                catch (MySqlException)
                {
                    return false;
                }
            },
            connection.DisposeAsync);
    }

    protected override async Task NobodyElseAsync(Given mine, Given others)
    {
        var refused = await Assert.ThrowsAsync<MySqlException>(() => AskAsync(others, $"SELECT * FROM {mine["name"]}.t"));
        Assert.Equal(MySqlErrorCode.TableAccessDenied, refused.ErrorCode);

        // In a grant, _ would stand for any letter.
        var near = mine["name"].Replace('_', 'x');
        Assert.Equal(MySqlErrorCode.DatabaseAccessDenied, (await Assert.ThrowsAsync<MySqlException>(() => AskAsync(mine, $"CREATE DATABASE {near}"))).ErrorCode);
        Assert.Equal("0", await AskAsync(mine, "SELECT count(*) FROM information_schema.schemata WHERE schema_name IN ('mysql', 'sys')"));
    }

    private protected override async Task NothingLeftAsync(Claim before)
    {
        var state = before.State<ServerTenant>()!;
        await using var command = House.Get<MariaServers>().Admin(state.ServerRef, ServerState.PortOf(House.Find(state.ServerRef)!.Status)!.Value)
            .CreateCommand("SELECT (SELECT count(*) FROM mysql.user WHERE user LIKE @name) + (SELECT count(*) FROM mysql.db WHERE user LIKE @name) + (SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE @name)");
        command.Parameters.Add(new MySqlParameter("@name", $"{state.Name}%"));
        Assert.Equal(0L, await command.ExecuteScalarAsync(Stop));
    }

    private static async Task<string?> AskAsync(Given given, string sql)
    {
        await using var connection = await ConnectAsync(given);
#pragma warning disable CA2100 // Statements of these tests.
        await using var command = new MySqlCommand(sql, connection);
#pragma warning restore CA2100
        return Convert.ToString(await command.ExecuteScalarAsync(Stop), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<MySqlConnection> ConnectAsync(Given given)
    {
        var connection = new MySqlConnection(new MySqlConnectionStringBuilder
        {
            Server = given["host"],
            Port = (uint)given.Port,
            Database = given["database"],
            UserID = given.Username,
            Password = given.Password,
            Pooling = false,
            SslMode = MySqlSslMode.None,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(Stop);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
