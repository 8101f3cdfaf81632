using System.Net;
using System.Net.Sockets;
using System.Text;
using Axle.Platform.Resources.Drivers;
using Axle.Platform.Resources.Nats;
using Axle.Platform.Resources.Servers;
using Axle.Platform.Secrets;

namespace Axle.Tests.Resources;

/// <summary>Servers of a real NATS, with streams.</summary>
public sealed class NatsTests(ResourceHouse house, ITestOutputHelper output) : ResourceStory(house, output), IClassFixture<ResourceHouse>
{
    protected override string Type => "nats";

    protected override object? Params => new { maxStorage = "64Mi", maxMemory = "16Mi" };

    [Fact]
    public async Task A_server_lives_from_its_claim_to_its_end()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/nats-server"), "NATS is not installed: apt-get install nats-server");
        await LiveAsync();
    }

    [Fact]
    public async Task Without_storage_it_has_no_streams_and_with_it_again_they_are_there()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/nats-server"), "NATS is not installed: apt-get install nats-server");
        var claim = await House.ClaimAsync("nats", "events", Params);
        var given = House.Outputs(claim.Ref);
        await WriteAsync(given);
        await House.ClaimAsync("nats", "events", new { maxStorage = 0 });
        Assert.Null(await LoginAsync(given));
        Assert.False(await ReadAsync(given));
        await House.ClaimAsync("nats", "events", Params);
        Assert.True(await ReadAsync(given));
    }

    [Fact]
    public void A_digest_checks_its_password_only_and_is_the_same_for_the_same_salt()
    {
        var hash = NatsPassword.Hash(new SecretValue("secret"), "a server"u8.ToArray());
        Assert.Equal(hash, NatsPassword.Hash(new SecretValue("secret"), "a server"u8.ToArray()));
        Assert.NotEqual(hash, NatsPassword.Hash(new SecretValue("secret"), "another"u8.ToArray()));
        Assert.NotEqual(NatsPassword.Hash(new SecretValue("secret")), NatsPassword.Hash(new SecretValue("secret")));
        Assert.True(BCrypt.Net.BCrypt.Verify("secret", hash));
        Assert.False(BCrypt.Net.BCrypt.Verify("Secret", hash));
    }

    protected override Task<string?> LoginAsync(Given given) => NatsVisit.TryAsync(given.Port, given.Username, new SecretValue(given.Password), Stop);

    protected override async Task WriteAsync(Given given)
    {
        await AskAsync(given, "$JS.API.STREAM.CREATE.WORDS", """{"name":"WORDS","subjects":["words.>"],"storage":"file"}""");
        var kept = await AskAsync(given, "words.de", "größe");
        Assert.Contains("\"seq\"", kept, StringComparison.Ordinal);
    }

    protected override async Task<bool> ReadAsync(Given given)
    {
        try
        {
            return (await AskAsync(given, "$JS.API.STREAM.MSG.GET.WORDS", """{"seq":1}""")).Contains(Convert.ToBase64String("größe"u8), StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    protected override async Task<Session> OpenAsync(Given given)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, given.Port, Stop);
        var lines = new StreamReader(client.GetStream(), Encoding.UTF8);
        Task SayAsync(string text) => client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), Stop).AsTask();
        await SayAsync($$"""CONNECT {"user":"{{given.Username}}","pass":"{{given.Password}}","verbose":false}""" + "\r\n");
        async Task<bool> WorksAsync()
        {
            try
            {
                await SayAsync("PING\r\n");
                while (await lines.ReadLineAsync(Stop) is { } line)
                {
                    switch (line)
                    {
                        case "PONG":
                            return true;
                        case "PING":
                            await SayAsync("PONG\r\n");
                            break;
                        case var refusal when refusal.StartsWith("-ERR", StringComparison.Ordinal):
                            return false;
                    }
                }
            }
            catch (IOException)
            {
                // Cut.
            }

            return false;
        }

        Assert.True(await WorksAsync());
        return new Session(WorksAsync, () =>
        {
            lines.Dispose();
            client.Dispose();
            return ValueTask.CompletedTask;
        });
    }

    protected override async Task NobodyElseAsync(Given mine, Given others)
    {
        // The administrator's account answers only to the administrator.
        Assert.NotEqual(mine.Port, others.Port);
        await Assert.ThrowsAsync<IOException>(() => AskAsync(mine, "$SYS.REQ.SERVER.PING.VARZ", "{}"));
    }

    private protected override async Task NothingLeftAsync(Claim before) => Assert.Null(await House.Engine.ObserveAsync(ServerWorkloads.Id(before.Ref), Stop));

    private static async Task<string> AskAsync(Given given, string subject, string question) =>
        (await NatsVisit.AskAsync(given.Port, given.Username, new SecretValue(given.Password), subject, question, Stop)).GetRawText();
}
