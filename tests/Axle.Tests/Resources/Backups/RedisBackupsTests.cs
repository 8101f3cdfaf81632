using System.Diagnostics;
using Axle.Contracts;
using Axle.Platform.Resources;
using Axle.Platform.Resources.Backups;
using Axle.Platform.Resources.Redis;
using Axle.Platform.Resources.Servers;
using StackExchange.Redis;

namespace Axle.Tests.Resources.Backups;

/// <summary>Backups of a real Redis, through the verbs that people use; and what is said where there are none.</summary>
public sealed class RedisBackupsTests(ResourceHouse house) : IClassFixture<ResourceHouse>
{
    /// <summary>Long enough for a backup on a busy machine.</summary>
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_of_every_type_come_back_in_a_new_Redis_and_the_proof_is_on_a_server_of_its_own()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/redis-server"), "Redis is not installed: apt-get install redis-server");
        var claim = await house.ClaimAsync("redis", "sessions");
        var began = Stopwatch.GetTimestamp();
        await VisitAsync(claim.Ref, async server =>
        {
            var (first, second) = (server.Multiplexer.GetDatabase(0), server.Multiplexer.GetDatabase(3));
            await first.StringSetAsync("wörd\0", new byte[] { 0, 255, 10 });
            await first.StringSetAsync("short", "lived", s_short);
            await first.StringSetAsync("long", "lived", TimeSpan.FromHours(1));
            await first.ListRightPushAsync("list", ["b", "a", "b"]);
            await first.SetAddAsync("set", [.. Enumerable.Range(0, 700).Select(number => (RedisValue)$"member {number}")]);
            await first.HashSetAsync("hash", [.. Enumerable.Range(0, 700).Select(number => new HashEntry($"field {number}", number))]);
            await first.SortedSetAddAsync("ranks", [new SortedSetEntry("one", 1.5), new SortedSetEntry("two", double.PositiveInfinity)]);
            await first.StreamAddAsync("stream", "field", "value");
            await second.StringSetAsync("long", "other");
            return 0;
        });

        // 1. Backed up, proved, and nothing left of the proof.
        var backup = await house.BackUpAsync(claim.Ref);
        Assert.Equal((2, 9L), (backup.Status.Proof!.Tables, backup.Status.Proof.Rows));
        Assert.Null(await house.Engine.ObserveJobAsync($"redis-proof--{backup.Metadata.Name}", Stop));

        // 2. Into a new one, as it was then; what had an end has it still.
        await VisitAsync(claim.Ref, async server => { await server.FlushAllDatabasesAsync(); return 0; });
        await Task.Delay(s_short - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left ? left : TimeSpan.Zero, Stop);
        var (fresh, restore) = await house.RestoreAsync(claim.Ref, "sessions-again");
        Assert.Equal(backup.Status.Checksum, restore.Status.Checksum);
        await VisitAsync(fresh, async server =>
        {
            var (first, second) = (server.Multiplexer.GetDatabase(0), server.Multiplexer.GetDatabase(3));
            Assert.Equal([0, 255, 10], (byte[]?)await first.StringGetAsync("wörd\0"));
            Assert.False(await first.KeyExistsAsync("short"));
            Assert.InRange((await first.KeyTimeToLiveAsync("long"))!.Value.TotalMinutes, 50, 60);
            Assert.Equal(["b", "a", "b"], (await first.ListRangeAsync("list")).Select(value => (string?)value));
            Assert.Equal((700, 700), (await first.SetLengthAsync("set"), await first.HashLengthAsync("hash")));
            Assert.Equal((double.PositiveInfinity, "other"), (await first.SortedSetScoreAsync("ranks", "two"), (string?)await second.StringGetAsync("long")));
            Assert.Equal(1, await first.StreamLengthAsync("stream"));
            return 0;
        });
    }

    [Fact]
    public async Task What_is_not_backed_up_says_why_and_what_to_do_instead()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/redis-server"), "Redis is not installed: apt-get install redis-server");
        var cache = await house.ClaimAsync("redis", "cache", new { persistent = false });
        var verbs = house.Get<BackupVerbs>();
        var refused = (await verbs.BackupAsync(cache.Ref.Name, Backing.Admin, Stop)).Error!;
        Assert.Equal("resources.no_backups", refused.Code);
        Assert.Contains("cache", refused.Message, StringComparison.Ordinal);
        Assert.Contains("params.persistent", refused.Next, StringComparison.Ordinal);
        Assert.Equal("resources.no_backups", (await house.Get<BackupViews>().AllAsync(cache.Ref.Name, Stop)).Error!.Code);
    }

    [Theory]
    [InlineData("amqp", "builtin-amqp", "twice", "axle resource retain events-amqp.staging")]
    [InlineData("nats", "builtin-nats", "twice", "type postgres")]
    [InlineData("postgres-instance", "builtin-postgres-instance", "administered", "pg_dump")]
    [InlineData("postgres", "our-cloud", "our-cloud", "backups of the server")]
    public void Each_refusal_has_its_own_reason(string type, string provisioner, string why, string next)
    {
        var refused = new NoBackups(ResourceKinds.Claim.Ref("events-amqp.staging"), type, provisioner);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Contains(next, refused.Next, StringComparison.Ordinal);
    }

    private Task<int> VisitAsync(EntityRef claim, Func<IServer, Task<int>> act) =>
        RedisServers.VisitAsync(house.Outputs(claim).Port, ServerAdmin.User, house.Get<ServerAdmin>().PasswordOf(claim), act);
}
