using System.Net;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using StackExchange.Redis;

namespace Axle.Tests.Resources;

/// <summary>Servers of a real Redis.</summary>
public sealed class RedisTests(ResourceHouse house, ITestOutputHelper output) : ResourceStory(house, output), IClassFixture<ResourceHouse>
{
    protected override string Type => "redis";

    [Fact]
    public async Task A_server_lives_from_its_claim_to_its_end()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/redis-server"), "Redis is not installed: apt-get install redis-server");
        await LiveAsync();
    }

    [Fact]
    public async Task Other_params_restart_the_server_with_its_data_and_its_users()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/redis-server"), "Redis is not installed: apt-get install redis-server");
        var claim = await House.ClaimAsync("redis", "cache", new { maxMemory = "16Mi" });
        var given = House.Outputs(claim.Ref);
        await WriteAsync(given);
        await House.ClaimAsync("redis", "cache", new { maxMemory = "32Mi", eviction = "allkeys-lru" });
        Assert.True(await ReadAsync(given));
        Assert.Equal("33554432", await AskAsync(given, database => InfoAsync(database, "maxmemory")));
        Assert.Equal("allkeys-lru", await AskAsync(given, database => InfoAsync(database, "maxmemory_policy")));
    }

    protected override async Task<string?> LoginAsync(Given given)
    {
        try
        {
            await AskAsync(given, async database => (await database.PingAsync()).ToString());
            return null;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return e.Message;
        }
    }

    protected override Task WriteAsync(Given given) => AskAsync(given, async database => (await database.StringSetAsync("word", "größe")).ToString());

    protected override async Task<bool> ReadAsync(Given given) => await AskAsync(given, async database => await database.StringGetAsync("word")) == "größe";

    protected override async Task<Session> OpenAsync(Given given)
    {
        // Once cut, it must not come back by itself and look as if it had not been.
        var connection = await ConnectAsync(given, retries: false);
        var before = connection.GetCounters().Interactive.SocketCount;
        return new Session(
            async () =>
            {
                try
                {
                    return await connection.GetDatabase().StringGetAsync("word") == "größe" && connection.GetCounters().Interactive.SocketCount == before;
                }
                catch (Exception e) when (e is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            connection.DisposeAsync);
    }

    protected override async Task NobodyElseAsync(Given mine, Given others)
    {
        Assert.NotEqual(mine.Port, others.Port);
        await Assert.ThrowsAnyAsync<RedisException>(() => AskAsync(mine, async database => (await database.ExecuteAsync("CONFIG", "GET", "*")).ToString()));
        await Assert.ThrowsAnyAsync<RedisException>(() => AskAsync(mine, async database => (await database.ExecuteAsync("ACL", "LIST")).ToString()));
    }

    private protected override async Task NothingLeftAsync(Claim before) => Assert.Null(await House.Engine.ObserveAsync(ServerWorkloads.Id(before.Ref), Stop));

    private static async Task<string?> InfoAsync(IDatabase database, string name) =>
        ((string?)await database.ExecuteAsync("INFO", "memory"))!.Split('\n').Select(line => line.Trim().Split(':')).FirstOrDefault(pair => pair[0] == name)?[1];

    private static async Task<string?> AskAsync(Given given, Func<IDatabase, Task<string?>> ask)
    {
        await using var connection = await ConnectAsync(given);
        return await ask(connection.GetDatabase());
    }

    private static async Task<ConnectionMultiplexer> ConnectAsync(Given given, bool retries = true)
    {
        var options = new ConfigurationOptions
        {
            User = given.Username,
            Password = given.Password,
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ConnectTimeout = 5_000,
            AsyncTimeout = 5_000,
            ConfigurationChannel = "",
            TieBreaker = "",
            SetClientLibrary = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ReconnectRetryPolicy = new LinearRetry(retries ? 1_000 : 3_600_000),
        };
        options.EndPoints.Add(new IPEndPoint(IPAddress.Loopback, given.Port));
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
