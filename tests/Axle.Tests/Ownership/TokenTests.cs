using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Ownership;

public sealed class TokenTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_token_knows_its_id_and_notices_every_changed_character()
    {
        var (id, text) = AccessToken.New();
        Assert.StartsWith("axl_pat_", text, StringComparison.Ordinal);
        Assert.Equal(id, AccessToken.IdOf(text));
        for (var i = 0; i < text.Length; i++)
        {
            var wrong = text.ToCharArray();
            wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
            Assert.Null(AccessToken.IdOf(new string(wrong)));
        }

        Assert.Null(AccessToken.IdOf(text[..^1]));
        Assert.Null(AccessToken.IdOf(text + "0"));
    }

    [Fact]
    public async Task A_token_is_made_listed_used_and_revoked_at_once()
    {
        using var jane = await server.UserAsync("token-jane", ["token-team"]);
        using var made = await jane.PostAsJsonAsync("/api/tokens", new TokenRequest("laptop", 30), Stop);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var created = await made.ReadAsync<TokenCreated>();

        using var laptop = server.Client(created.Token);
        var me = await (await laptop.GetAsync("/api/me", Stop)).ReadAsync<Me>();
        Assert.Equal(("user:default/token-jane", "member"), (me.User, me.Role));
        Assert.Equal(["group:default/token-team"], me.Groups);

        var listed = await (await jane.GetAsync("/api/tokens", Stop)).ReadAsync<List<TokenView>>();
        var view = Assert.Single(listed, token => token.Name == "laptop");
        Assert.NotNull(view.LastUsedAt);

        Assert.Equal(HttpStatusCode.NoContent, (await jane.DeleteAsync($"/api/tokens/{created.Id}", Stop)).StatusCode);
        var refused = await (await laptop.GetAsync("/api/me", Stop)).ProblemAsync(HttpStatusCode.Unauthorized);
        Assert.Equal(("ownership.token_unknown", "axle login --url URL --token-stdin < token.txt"), (refused.Code, refused.Next));
    }

    [Theory]
    [InlineData("", 30, "name")]
    [InlineData("x\u0007", 30, "name")]
    [InlineData("x", 0, "days")]
    [InlineData("x", 366, "days")]
    [InlineData("x", 30, "scopes", "deploy-all")]
    [InlineData("x", 30, "scopes", "anonymous")]
    public async Task A_wrong_token_request_names_its_field(string name, int days, string field, params string[] scopes)
    {
        using var admin = server.Admin();
        using var answer = await admin.PostAsJsonAsync("/api/tokens", new TokenRequest(name, days, scopes.Length == 0 ? null : scopes), Stop);
        Assert.Equal(field, Assert.Single((await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity)).Errors).Path);
    }

    [Fact]
    public async Task A_scoped_token_does_no_more_than_its_scopes_and_makes_no_wider_one()
    {
        using var reader = await server.UserAsync("scope-jane", ["scope-team"], null, "read", "token.manage");
        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/api/entities", Stop)).StatusCode);
        var write = await (await reader.PutEntityAsync(TestServer.Component("scope-x", "scope-team"))).ProblemAsync(HttpStatusCode.Forbidden);
        Assert.Equal("ownership.scope", write.Code);

        using var wider = await reader.PostAsJsonAsync("/api/tokens", new TokenRequest("wider", 1, ["*"]), Stop);
        Assert.Equal("ownership.scopes_too_wide", (await wider.ProblemAsync(HttpStatusCode.Forbidden)).Code);
        using var same = await reader.PostAsJsonAsync("/api/tokens", new TokenRequest("same", 1), Stop);
        var created = await same.ReadAsync<TokenCreated>();
        Assert.Equal(["read", "token.manage"], (await (await server.Client(created.Token).GetAsync("/api/me", Stop)).ReadAsync<Me>()).Scopes);
    }

    [Fact]
    public async Task Other_peoples_tokens_are_an_administrators_business()
    {
        using var jane = await server.UserAsync("foreign-jane", []);
        using var joe = await server.UserAsync("foreign-joe", []);
        var janes = Assert.Single(await (await jane.GetAsync("/api/tokens", Stop)).ReadAsync<List<TokenView>>());

        Assert.Equal("ownership.token_missing", (await (await joe.DeleteAsync($"/api/tokens/{janes.Id}", Stop)).ProblemAsync(HttpStatusCode.NotFound)).Code);
        Assert.DoesNotContain(await (await joe.GetAsync("/api/tokens?all=true", Stop)).ReadAsync<List<TokenView>>(), token => token.User != "user:default/foreign-joe");
        using var forJane = await joe.PostAsJsonAsync("/api/tokens", new TokenRequest("x", 1, null, "foreign-jane"), Stop);
        Assert.Equal("ownership.role", (await forJane.ProblemAsync(HttpStatusCode.Forbidden)).Code);

        using var admin = server.Admin();
        using var byAdmin = await admin.PostAsJsonAsync("/api/tokens", new TokenRequest("x", 1, null, "foreign-jane"), Stop);
        using var asJane = server.Client((await byAdmin.ReadAsync<TokenCreated>()).Token);
        Assert.Equal("user:default/foreign-jane", (await (await asJane.GetAsync("/api/me", Stop)).ReadAsync<Me>()).User);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/tokens/{janes.Id}", Stop)).StatusCode);
    }

    [Fact]
    public async Task Git_sends_the_token_as_a_password()
    {
        using var client = server.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"any:{server.AdminToken}")));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/me", Stop)).StatusCode);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", "%%%");
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/api/me", Stop)).StatusCode);
    }

    [Fact]
    public async Task A_user_who_is_gone_is_refused_with_every_token()
    {
        using var jane = await server.UserAsync("gone-jane", []);
        Assert.Equal(HttpStatusCode.OK, (await jane.GetAsync("/api/me", Stop)).StatusCode);
        Assert.True((await server.Entities.DeleteAsync(EntityRef.Of("User", "gone-jane"), "system:test", force: true, stop: Stop)).Ok);
        Assert.Equal("ownership.user_gone", (await (await jane.GetAsync("/api/me", Stop)).ProblemAsync(HttpStatusCode.Unauthorized)).Code);
    }

    [Fact]
    public void An_expired_token_is_refused_and_says_since_when()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var tokens = new Tokens(server.Services.GetRequiredService<IdentityDatabase>(), clock);
        var text = tokens.Create(EntityRef.Of("User", "admin"), "short", 1, ["*"]).Value.Token;
        clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMilliseconds(1));
        Assert.True(tokens.Check(text).Ok);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("The token 'short' expired on 2026-01-02 00:00 UTC.", tokens.Check(text).Error!.Message);
    }

    [Fact]
    public async Task Who_guesses_is_slowed_down_and_nobody_else_is()
    {
        var own = new TestServer();
        await own.InitializeAsync();
        try
        {
            using var guesser = own.Client(AccessToken.New().Text);
            for (var i = 0; i < Failures.PerMinuteMax; i++)
            {
                using var refused = await guesser.GetAsync("/api/me", Stop);
                if (refused.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    break;
                }
            }

            // The minute may have turned in between: then it takes as many again.
            HttpStatusCode last = default;
            for (var i = 0; i <= Failures.PerMinuteMax && last != HttpStatusCode.TooManyRequests; i++)
            {
                using var refused = await guesser.GetAsync("/api/me", Stop);
                last = refused.StatusCode;
            }

            Assert.Equal(HttpStatusCode.TooManyRequests, last);
            using var admin = own.Admin();
            Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/api/me", Stop)).StatusCode);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }
}
