using System.Globalization;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Backups.MariaDb;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.MariaDb;
using Axle.Platform.Resources.Servers;
using MySqlConnector;

namespace Axle.Tests.Resources.Backups;

/// <summary>Backups of databases in a real MariaDB, through the verbs that people use.</summary>
public sealed class MariaBackupsTests(ResourceHouse house) : IClassFixture<ResourceHouse>
{
    private const string Shop =
        """
        CREATE TABLE `odd ``name`(id INT PRIMARY KEY AUTO_INCREMENT, f DOUBLE, d DATE, b BLOB, j JSON, t TIMESTAMP NULL, g POINT, shout VARCHAR(40) AS (upper(j)) VIRTUAL);
        INSERT INTO `odd ``name`(f, d, b, j, t, g) VALUES (1 / 3, '2026-02-28', x'00ff0a0d27', '{"a": "CREATE DEFINER=`x`@`y` größe"}', '2026-01-01 00:00:00', POINT(1, 2)), (NULL, NULL, '', '[]', NULL, NULL);
        CREATE TABLE customers(id INT PRIMARY KEY, name VARCHAR(60) CHARACTER SET utf8mb4);
        INSERT INTO customers SELECT seq, concat('Jane ', seq, '\n/*!50013 DEFINER=`a`@`b` */') FROM seq_1_to_500;
        CREATE TABLE log(customer INT, old TEXT, FOREIGN KEY (customer) REFERENCES customers(id));
        CREATE VIEW names AS SELECT name FROM customers WHERE id <= 3;
        CREATE TRIGGER keeps BEFORE UPDATE ON customers FOR EACH ROW INSERT INTO log VALUES (old.id, old.name);
        CREATE PROCEDURE three() SELECT count(*) FROM names;
        CREATE FUNCTION twice(i INT) RETURNS INT DETERMINISTIC RETURN 2 * i;
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_is_proved_and_restored_into_a_new_database_whose_own_users_work_with_it()
    {
        Skip();
        var claim = await house.ClaimAsync("mariadb", "shop");
        await AskAsync(house.Outputs(claim.Ref), Shop);

        // 1. The proof is for all of it, and leaves nothing behind.
        var backup = await house.BackUpAsync(claim.Ref);
        Assert.Equal((3, 502L), (backup.Status.Proof!.Tables, backup.Status.Proof.Rows));
        var admin = AdminOf(claim.Ref);
        Assert.Equal("0", await AskAsync(admin, "SELECT (SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'axle\\_%') + (SELECT count(*) FROM mysql.user WHERE user LIKE 'axle\\_%')"));

        // 2. Changed since; the backup is what it was.
        await AskAsync(house.Outputs(claim.Ref), "DELETE FROM customers WHERE id > 10");
        var (fresh, _) = await house.RestoreAsync(claim.Ref, "shop-again");
        var given = house.Outputs(fresh);
        Assert.Equal("500", await AskAsync(given, "SELECT count(*) FROM customers"));
        Assert.Equal("Jane 7\n/*!50013 DEFINER=`a`@`b` */", await AskAsync(given, "SELECT name FROM customers WHERE id = 7"));
        Assert.Equal("00FF0A0D27 {\"a\": \"CREATE DEFINER=`x`@`y` größe\"}", await AskAsync(given, "SELECT concat(hex(b), ' ', j) FROM `odd ``name` WHERE id = 1"));
        Assert.Equal(("3", "3", "42"), (await AskAsync(given, "SELECT count(*) FROM names"), await AskAsync(given, "CALL three()"), await AskAsync(given, "SELECT twice(21)")));
        await AskAsync(given, "UPDATE customers SET name = 'x' WHERE id = 1");
        Assert.Equal("1", await AskAsync(given, "SELECT count(*) FROM log"));

        // 3. What it defines is its own users', and no password of theirs works that was made for the restore.
        var state = new Claim(house.Find(fresh)!, new ProvisionerSpec { Uri = "", Type = "" }).State<ServerTenant>()!;
        Assert.Equal($"{state.User(1)}@127.0.0.1", await AskAsync(given, "SELECT definer FROM information_schema.views WHERE table_schema = database()"));
        Assert.Equal("10", await AskAsync(house.Outputs(claim.Ref), "SELECT count(*) FROM customers"));
    }

    [Fact]
    public async Task A_dump_and_what_is_said_of_it_see_the_same_moment_while_others_write()
    {
        Skip();
        var claim = await house.ClaimAsync("mysql", "busy");
        var given = house.Outputs(claim.Ref);
        await AskAsync(given, "CREATE TABLE a(i INT PRIMARY KEY AUTO_INCREMENT, pad CHAR(200) DEFAULT 'x'); CREATE TABLE b(i INT); INSERT INTO a(i) SELECT seq FROM seq_1_to_3000");
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var moving = Task.Run(
            async () =>
            {
                await using var connection = new MySqlConnection(Address(given));
                await connection.OpenAsync(Stop);
                while (!done.IsCancellationRequested)
                {
                    await using var command = new MySqlCommand("START TRANSACTION; INSERT INTO b SELECT i FROM a ORDER BY i LIMIT 3; DELETE FROM a ORDER BY i LIMIT 3; INSERT INTO a(pad) VALUES ('1'), ('2'), ('3'); COMMIT", connection);
                    await command.ExecuteNonQueryAsync(Stop);
                }
            },
            Stop);
        for (var round = 0; round < 3; round++)
        {
            var backup = await house.BackUpAsync(claim.Ref);
            Assert.Equal(0, backup.Status.Attempts);
        }

        await done.CancelAsync();
        await moving;
    }

    [Fact]
    public async Task What_cannot_be_done_is_refused_with_a_way_on()
    {
        Skip();
        var claim = await house.ClaimAsync("mariadb", "plain");
        var verbs = house.Get<BackupVerbs>();
        Assert.Equal("resources.no_moments", (await verbs.RestoreAsync(claim.Ref.Name, new RestoreRequest("plain-again", At: TimeProvider.System.GetUtcNow()), Backing.Admin, Stop)).Error!.Code);
        Assert.Equal("resources.restore_in_place", (await verbs.RestoreAsync(claim.Ref.Name, new RestoreRequest(), Backing.Admin, Stop)).Error!.Code);
        Assert.Equal("resources.no_masking", (await verbs.CloneAsync(claim.Ref.Name, new CloneRequest(null, "plain-copy", "customers: {name: null}"), Backing.Admin, Stop)).Error!.Code);
        Assert.Equal("resources.no_import", (await house.Get<BackupStreams>().ImportAsync(claim.Ref.Name, new MemoryStream("SELECT 1"u8.ToArray()), Backing.Admin, Stop)).Error!.Code);
    }

    [Theory]
    [InlineData("/*!50013 DEFINER=`a`@`127.0.0.1` SQL SECURITY DEFINER */", "/*!50013  SQL SECURITY DEFINER */")]
    [InlineData("/*!50003 CREATE*/ /*!50017 DEFINER=`a``b`@`%`*/ /*!50003 TRIGGER t", "/*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER t")]
    [InlineData("/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT e", "/*!50106 CREATE*/ /*!50117 */ /*!50106 EVENT e")]
    [InlineData("CREATE DEFINER=`a`@`%` PROCEDURE p()", "CREATE  PROCEDURE p()")]
    [InlineData("CREATE DEFINER=`role` FUNCTION f()", "CREATE  FUNCTION f()")]
    [InlineData("ALTER DATABASE `source` CHARACTER SET utf8mb4 ;", "ALTER DATABASE `target` CHARACTER SET utf8mb4 ;")]
    [InlineData("INSERT INTO `t` VALUES ('CREATE DEFINER=`a`@`%` ');", "INSERT INTO `t` VALUES ('CREATE DEFINER=`a`@`%` ');")]
    [InlineData("CREATE TABLE `DEFINER=` (", "CREATE TABLE `DEFINER=` (")]
    [InlineData("  CREATE DEFINER=`a`@`%` inside of a body", "  CREATE DEFINER=`a`@`%` inside of a body")]
    public async Task Definers_of_a_dump_become_those_who_bring_it_in_and_data_is_left_alone(string line, string expected)
    {
        using var output = new MemoryStream();
        using var input = new MemoryStream(Encoding.UTF8.GetBytes($"größe\n{line}\n-- the end"));
        await MariaDump.CopyAsync(input, output, "target", Stop);
        Assert.Equal($"größe\n{expected}\n-- the end", Encoding.UTF8.GetString(output.ToArray()));
    }

    private static void Skip() => Assert.SkipUnless(File.Exists("/usr/sbin/mariadbd"), "MariaDB is not installed: apt-get install mariadb-server");

    private MySqlDataSource AdminOf(EntityRef claim)
    {
        var state = new Claim(house.Find(claim)!, new ProvisionerSpec { Uri = "", Type = "" }).State<ServerTenant>()!;
        return house.Get<MariaServers>().Admin(state.ServerRef, house.Outputs(claim).Port);
    }

    private static string Address(Given given) => $"Server=127.0.0.1;Port={given.Port};User ID={given.Username};Password={given.Password};Database={given["name"]};Pooling=false;Allow User Variables=true";

    private static async Task<string?> AskAsync(Given given, string statement)
    {
        await using var connection = new MySqlConnection(Address(given));
        await connection.OpenAsync(Stop);
#pragma warning disable CA2100 // The test's own words.
        await using var command = new MySqlCommand(statement, connection);
#pragma warning restore CA2100
        return Convert.ToString(await command.ExecuteScalarAsync(Stop), CultureInfo.InvariantCulture);
    }

    private static async Task<string?> AskAsync(MySqlDataSource admin, string statement)
    {
#pragma warning disable CA2100 // The test's own words.
        await using var command = admin.CreateCommand(statement);
#pragma warning restore CA2100
        return Convert.ToString(await command.ExecuteScalarAsync(Stop), CultureInfo.InvariantCulture);
    }
}
