using System.Text;
using Axle.Platform.Resources.Amqp;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axle.Tests.Resources;

/// <summary>Virtual hosts in a real RabbitMQ.</summary>
public sealed class AmqpTests(ResourceHouse house, ITestOutputHelper output) : ResourceStory(house, output), IClassFixture<ResourceHouse>
{
    protected override string Type => "amqp";

    [Fact]
    public async Task A_virtual_host_lives_from_its_claim_to_its_end()
    {
        Assert.SkipUnless(File.Exists("/usr/lib/rabbitmq/bin/rabbitmq-server"), "RabbitMQ is not installed: apt-get install rabbitmq-server");
        await LiveAsync();
    }

    [Fact]
    public void The_digest_is_the_one_of_RabbitMQs_documentation()
    {
        var hash = Convert.FromBase64String(RabbitPassword.Hash(new SecretValue("test12"), "salt"u8.ToArray()));
        Assert.Equal(36, hash.Length);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData([.. hash[..4], .. "test12"u8]), hash[4..]);
    }

    protected override Task<string?> LoginAsync(Given given) => RabbitServers.TryAsync(given.Port, given["vhost"], given.Username, new SecretValue(given.Password), Stop);

    protected override Task WriteAsync(Given given) => WithChannelAsync(given, async channel =>
    {
        await channel.QueueDeclareAsync("words", durable: true, exclusive: false, autoDelete: false, cancellationToken: Stop);
        await channel.BasicPublishAsync("", "words", mandatory: true, new BasicProperties { Persistent = true }, "größe"u8.ToArray(), Stop);
        return true;
    });

    protected override Task<bool> ReadAsync(Given given) => WithChannelAsync(given, ReadAsync);

    protected override async Task<Session> OpenAsync(Given given)
    {
        var connection = await Factory(given).CreateConnectionAsync(Stop);
        var channel = await connection.CreateChannelAsync(cancellationToken: Stop);
        return new Session(
            async () =>
            {
                try
                {
                    return await ReadAsync(channel);
                }
                catch (Exception e) when (e is RabbitMQClientException or ObjectDisposedException)
                {
                    return false;
                }
            },
            async () =>
            {
                await channel.DisposeAsync();
                await connection.DisposeAsync();
            });
    }

    protected override async Task NobodyElseAsync(Given mine, Given others)
    {
        Assert.NotNull(await RabbitServers.TryAsync(mine.Port, mine["vhost"], others.Username, new SecretValue(others.Password), Stop));

        // The administrator's door is closed to the users of applications.
        using var http = new HttpClient();
        var server = House.Find(ServerClaims.Shared("rabbitmq", ResourceHouse.Staging))!.Status.State;
        using var ask = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{server.GetProperty("adminPort").GetInt32()}/api/whoami");
        ask.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{mine.Username}:{mine.Password}")));
        using var answer = await http.SendAsync(ask, Stop);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private protected override async Task NothingLeftAsync(Claim before)
    {
        var state = before.State<ServerTenant>()!;
        var port = House.Find(state.ServerRef)!.Status.State.GetProperty("adminPort").GetInt32();
        foreach (var list in (string[])["users", "vhosts", "permissions", "vhost-limits"])
        {
            Assert.DoesNotContain(state.Name, (await House.Get<RabbitServers>().AskAsync(state.ServerRef, port, HttpMethod.Get, list, null, Stop))!.Value.GetRawText(), StringComparison.Ordinal);
        }
    }

    private static async Task<bool> ReadAsync(IChannel channel) =>
        await channel.BasicGetAsync("words", autoAck: false, Stop) is { } got && Encoding.UTF8.GetString(got.Body.Span) == "größe" && await GiveBackAsync(channel, got.DeliveryTag);

    private static async Task<bool> GiveBackAsync(IChannel channel, ulong tag)
    {
        await channel.BasicRejectAsync(tag, requeue: true, Stop);
        return true;
    }

    private static async Task<T> WithChannelAsync<T>(Given given, Func<IChannel, Task<T>> act)
    {
        await using var connection = await Factory(given).CreateConnectionAsync(Stop);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Stop);
        return await act(channel);
    }

    private static ConnectionFactory Factory(Given given) => new()
    {
        HostName = given["host"],
        Port = given.Port,
        VirtualHost = given["vhost"],
        UserName = given.Username,
        Password = given.Password,
        AutomaticRecoveryEnabled = false,
        RequestedConnectionTimeout = TimeSpan.FromSeconds(10),
    };
}
