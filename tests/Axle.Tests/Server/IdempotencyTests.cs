using System.Net;
using System.Net.Http.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Tests.Server;

public sealed class IdempotencyTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task The_same_request_with_the_same_key_gets_the_first_answer_and_happens_once()
    {
        using var client = server.Admin();
        var component = TestServer.Component("idem-one", "platform");
        using var first = await SendAsync(client, component, "key-1");
        using var deleted = await client.DeleteAsync(HttpSteps.Path(component), TestContext.Current.CancellationToken);
        using var second = await SendAsync(client, component, "key-1");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal((await first.ReadAsync<Entity>()).Metadata.Uid, (await second.ReadAsync<Entity>()).Metadata.Uid);
        Assert.Null(server.Entities.Find(component.Ref));
    }

    [Fact]
    public async Task Another_request_with_the_same_key_is_refused()
    {
        using var client = server.Admin();
        using var first = await SendAsync(client, TestServer.Component("idem-two", "platform"), "key-2");
        using var second = await SendAsync(client, TestServer.Component("idem-three", "platform"), "key-2");
        Assert.Equal("http.idempotency_reused", (await second.ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
        Assert.Null(server.Entities.Find(EntityRef.Of("component", "idem-three")));
    }

    [Fact]
    public async Task Two_users_do_not_share_keys()
    {
        using var admin = server.Admin();
        using var jane = await server.UserAsync("idem-jane", ["idem-team"]);
        using var first = await SendAsync(admin, TestServer.Component("idem-four", "platform"), "key-3");
        using var second = await SendAsync(jane, TestServer.Component("idem-five", "idem-team"), "key-3");
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.False(second.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_secret_is_never_kept_for_repeating()
    {
        using var client = server.Admin();
        using var first = await TokenAsync(client);
        using var second = await TokenAsync(client);
        var created = await first.ReadAsync<TokenCreated>();
        Assert.Equal("http.idempotency_done", (await second.ProblemAsync(HttpStatusCode.Conflict)).Code);
        foreach (var file in Directory.EnumerateFiles(server.Folder, "*.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(created.Token, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        static Task<HttpResponseMessage> TokenAsync(HttpClient client)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/tokens") { Content = JsonContent.Create(new TokenRequest("ci", 1)) };
            request.Headers.Add("Idempotency-Key", "key-4");
            return client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_key_outlives_a_restart()
    {
        var own = new TestServer();
        await own.InitializeAsync();
        try
        {
            var component = TestServer.Component("idem-six", "platform");
            using var before = own.Admin();
            using var first = await SendAsync(before, component, "key-5");
            Assert.Equal(HttpStatusCode.Created, first.StatusCode);
            await own.StopAsync();
            await own.StartAsync();
            using var after = own.Admin();
            using var second = await SendAsync(after, component, "key-5");
            Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotency-Replayed")));
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, Entity entity, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, HttpSteps.Path(entity)) { Content = JsonContent.Create(entity, options: EntityJson.Options) };
        request.Headers.Add("Idempotency-Key", key);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
