using System.Data.Common;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Postgres;
using Axle.Platform.Resources.Servers;
using Npgsql;

namespace Axle.Tests.Resources;

/// <summary>Databases in a real PostgreSQL: reached through a real PgBouncer, and without.</summary>
public abstract class PostgresStory(ResourceHouse house, ITestOutputHelper output) : DatabaseStory(house, output)
{
    protected override string Type => "postgres";

    protected override DbConnection Connection(Given given) => new NpgsqlConnection(new NpgsqlConnectionStringBuilder
    {
        Host = given["host"],
        Port = given.Port,
        Database = given["name"],
        Username = given.Username,
        Password = given.Password,
        Pooling = false,
        SslMode = SslMode.Disable,
        Timeout = 10,
    }.ConnectionString);

    protected override async Task NobodyElseAsync(Given mine, Given others)
    {
        var values = others.Values.EnumerateObject().ToDictionary(one => one.Name, one => one.Value);
        values["name"] = mine.Values.GetProperty("name");
        Assert.NotNull(await LoginAsync(new Given(JsonSerializer.SerializeToElement(values))));
    }

    private protected override async Task NothingLeftAsync(Claim before)
    {
        var state = before.State<PostgresState>()!;
        await using var command = House.Get<PostgresServers>().Admin(state.ServerRef, ServerState.PortOf(House.Find(state.ServerRef)!.Status)!.Value)
            .CreateCommand("SELECT (SELECT count(*) FROM pg_roles WHERE starts_with(rolname, $1)) + (SELECT count(*) FROM pg_database WHERE datname = $1)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = state.Database });
        Assert.Equal(0L, await command.ExecuteScalarAsync(Stop));
    }

    protected static void SkipUnlessInstalled()
    {
        Assert.SkipUnless(PostgresProgram.Find() is not null, "PostgreSQL is not installed: apt-get install postgresql");
        Assert.SkipUnless(File.Exists("/usr/sbin/pgbouncer"), "PgBouncer is not installed: apt-get install pgbouncer");
    }
}

public sealed class PostgresWithSessionPoolingTests(ResourceHouse house, ITestOutputHelper output) : PostgresStory(house, output), IClassFixture<ResourceHouse>
{
    protected override object? Params => new { pooling = "session" };

    [Fact]
    public async Task A_database_lives_from_its_claim_to_its_end()
    {
        SkipUnlessInstalled();
        await LiveAsync();
    }
}

public sealed class PostgresWithTransactionPoolingTests(ResourceHouse house, ITestOutputHelper output) : PostgresStory(house, output), IClassFixture<ResourceHouse>
{
    protected override object? Params => new { pooling = "transaction" };

    [Fact]
    public async Task A_database_lives_from_its_claim_to_its_end()
    {
        SkipUnlessInstalled();
        await LiveAsync();
    }

    [Fact]
    public async Task Many_clients_share_few_sessions_of_the_server_and_the_lookup_shows_nobody_else()
    {
        SkipUnlessInstalled();
        var claim = await House.ClaimAsync("postgres", "busy", Params);
        var given = House.Outputs(claim.Ref);
        await WriteAsync(given);
        var sessions = new List<Session>();
        for (var count = 0; count < PostgresPools.PoolSize + 10; count++)
        {
            sessions.Add(await OpenAsync(given));
            Assert.True(await sessions[^1].Works());
        }

        var state = new Claim(House.Find(claim.Ref)!, new ProvisionerSpec { Uri = "", Type = "" }).State<PostgresState>()!;
        var server = ServerState.PortOf(House.Find(state.ServerRef)!.Status)!.Value;
        Assert.NotEqual(server, given.Port);
        await using (var count = House.Get<PostgresServers>().Admin(state.ServerRef, server).CreateCommand($"SELECT count(*)::int FROM pg_stat_activity WHERE usename = '{given.Username}'"))
        {
            Assert.InRange((int)(await count.ExecuteScalarAsync(Stop))!, 1, PostgresPools.PoolSize);
        }

        var driver = House.Get<PostgresDriver>();
        var asked = new Claim(House.Find(claim.Ref)!, House.Get<KnownProvisioners>().Find("builtin-postgres")!);
        Assert.Equal(sessions.Count, await driver.SessionsAsync(asked, given.Username, Stop));

        // Users of the database may not look at its users, and the lookup knows no others.
        await Assert.ThrowsAsync<PostgresException>(() => AskAsync(given, "SELECT axle_pool.login('axle')"));
        await using (var look = House.Get<PostgresServers>().Admin(state.ServerRef, server, state.Database).CreateCommand($"SELECT count(verifier)::int FROM unnest(ARRAY['axle', 'axle_pool_transaction', '{given.Username}']) u, LATERAL axle_pool.login(u)"))
        {
            Assert.Equal(1, (int)(await look.ExecuteScalarAsync(Stop))!);
        }

        // Revoked though somebody is inside: they are cut.
        await driver.RevokeAsync(asked, given.Username, Stop);
        Assert.NotNull(await LoginAsync(given));
        Assert.Equal(0, await driver.SessionsAsync(asked, given.Username, Stop));
        foreach (var session in sessions)
        {
            Assert.False(await session.Works());
            await session.Close();
        }
    }

    [Fact]
    public async Task Pooling_can_be_turned_on_and_off_without_losing_anything()
    {
        SkipUnlessInstalled();
        var claim = await House.ClaimAsync("postgres", "changing");
        var direct = House.Outputs(claim.Ref);
        await WriteAsync(direct);
        await House.ClaimAsync("postgres", "changing", Params);
        var pooled = House.Outputs(claim.Ref);
        Assert.NotEqual(direct.Port, pooled.Port);
        Assert.True(await ReadAsync(pooled));
        Assert.True(await ReadAsync(direct));
        await House.ClaimAsync("postgres", "changing", new { });
        Assert.Equal(direct.Port, House.Outputs(claim.Ref).Port);
        Assert.True(await ReadAsync(direct));
    }
}
