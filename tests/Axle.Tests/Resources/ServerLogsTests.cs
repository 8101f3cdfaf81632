using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Registering;
using Axle.Platform.Resources.Servers;
using Npgsql;

namespace Axle.Tests.Resources;

/// <summary>Logs of real servers, asked for by the names of the resources that stand on them.</summary>
public sealed class ServerLogsTests(ResourceHouse house) : IClassFixture<ResourceHouse>
{
    private static readonly Caller s_jane = new() { User = EntityRef.Of("User", "jane"), Role = Role.Viewer };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ServerLogs Logs => house.Get<ServerLogs>();

    [Fact]
    public async Task A_cache_has_a_log_of_its_own()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/redis-server"), "Redis is not installed: apt-get install redis-server");
        var claim = await house.ClaimAsync("redis", "logged");

        var (about, lines) = await ReadAsync("logged.staging", tail: 200);

        Assert.Equal(new ServerLog("logged.staging", "logged.staging", Shared: false, "This is the log of logged.staging."), about);
        Assert.Contains(lines, line => line.Text.Contains("Ready to accept connections", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Text.Contains(house.Outputs(claim.Ref).Password, StringComparison.Ordinal));
        Assert.Equal(2, (await ReadAsync("logged.staging", tail: 2)).Lines.Count);
    }

    [Fact]
    public async Task A_database_has_the_log_of_the_server_that_it_shares_without_anybodys_rows()
    {
        Assert.SkipUnless(Directory.Exists("/usr/lib/postgresql"), "PostgreSQL is not installed: apt-get install postgresql");
        var claim = await house.ClaimAsync("postgres", "logged-db");
        await house.ClaimAsync("postgres", "other-db");
        var given = house.Outputs(claim.Ref);
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={given.Port};Database={given["name"]};Username={given.Username};Password={given.Password};Pooling=false");
        await connection.OpenAsync(Stop);
        await using (var table = new NpgsqlCommand("CREATE TABLE t (iban text UNIQUE); INSERT INTO t VALUES ('DE00-in-nobodys-log')", connection))
        {
            await table.ExecuteNonQueryAsync(Stop);
        }

        await using var again = new NpgsqlCommand("INSERT INTO t VALUES ('DE00-in-nobodys-log')", connection);
        await Assert.ThrowsAsync<PostgresException>(() => again.ExecuteNonQueryAsync(Stop));

        var (about, lines) = await ReadAsync("logged-db", tail: null);

        Assert.Equal(new ServerLog("logged-db.staging", "postgres.staging", Shared: true, "This is the log of postgres.staging, the server that logged-db.staging shares with 1 other."), about);
        Assert.Contains(lines, line => line.Text.Contains("duplicate key value", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Text.Contains("DE00", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_has_no_server_is_refused_with_a_place_to_look()
    {
        const string Template = "- uri: template://mail\n  type: smtp\n  outputs: |\n    host: mail.internal\n    port: 25\n";
        var registered = await house.Get<RegisterProvisioners>().RunAsync(Template, "mail.provisioners.yaml", dryRun: false, s_jane with { Role = Role.Admin }, Stop);
        var name = Assert.Single(registered.Value).Name;
        while (house.Entities.Find(ResourceKinds.Provisioner, ResourceKinds.Provisioner.Ref(name))!.Status.Phase != "Passed")
        {
            await Task.Delay(25, Stop);
        }

        await house.ClaimAsync("smtp", "elsewhere");

        Assert.False((await Logs.ReadAsync("elsewhere.staging", null, 10, false, s_jane, Stop)).TryGet(out _, out var refusal));
        Assert.Equal(("resources.no_server", 422), (refusal.Code, refusal.Status));
        Assert.Equal($"Look where {name} made it: axle describe provisioner:{name}", refusal.Next);

        Assert.False((await Logs.ReadAsync("elsewhere.staging", null, 10, false, s_jane with { Scopes = ["read"] }, Stop)).TryGet(out _, out refusal));
        Assert.Equal("ownership.scope", refusal.Code);
        Assert.False((await Logs.ReadAsync("nowhere", null, 10, false, s_jane, Stop)).TryGet(out _, out refusal));
        Assert.Equal("resources.unknown", refusal.Code);
    }

    private async Task<(ServerLog About, List<LogLine> Lines)> ReadAsync(string name, int? tail)
    {
        var read = await Logs.ReadAsync(name, null, tail, follow: false, s_jane, Stop);
        Assert.True(read.TryGet(out var found, out var error), error?.Message);
        return (found.About, await found.Lines.ToListAsync(Stop));
    }
}
