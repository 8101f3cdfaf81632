using System.Net;
using System.Net.Http.Json;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Axle.Tests.Ownership;

public sealed class SessionTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_login_link_opens_one_session_once()
    {
        using var jane = await server.UserAsync("link-jane", []);
        using var asked = await jane.PostAsync("/api/login-links", null, Stop);
        var link = await asked.ReadAsync<LoginLink>();
        using var browser = server.Client();
        using var opened = await browser.GetAsync(new Uri(link.Url).PathAndQuery, Stop);
        Assert.Equal(("/", HttpStatusCode.Redirect), (opened.Headers.Location?.ToString(), opened.StatusCode));
        var cookie = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("axle_session=", cookie, StringComparison.Ordinal);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);

        browser.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        Assert.Equal("user:default/link-jane", (await (await browser.GetAsync("/api/me", Stop)).ReadAsync<Me>()).User);
        using var again = await browser.GetAsync(new Uri(link.Url).PathAndQuery, Stop);
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
        Assert.False(again.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Revoking_a_token_ends_its_sessions_and_signing_out_ends_one()
    {
        using var admin = server.Admin();
        var token = await (await admin.PostAsJsonAsync("/api/tokens", new TokenRequest("browser", 1), Stop)).ReadAsync<TokenCreated>();
        using var one = await BrowserAsync(token.Token);
        using var two = await BrowserAsync(token.Token);
        var signOut = new HttpRequestMessage(HttpMethod.Post, "/logout");
        signOut.Headers.Add("Sec-Fetch-Site", "same-origin");
        Assert.Equal(HttpStatusCode.Redirect, (await one.SendAsync(signOut, Stop)).StatusCode);
        Assert.Equal("ownership.session_ended", (await (await one.GetAsync("/api/me", Stop)).ProblemAsync(HttpStatusCode.Unauthorized)).Code);
        Assert.Equal(HttpStatusCode.OK, (await two.GetAsync("/api/me", Stop)).StatusCode);
        await admin.DeleteAsync($"/api/tokens/{token.Id}", Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, (await two.GetAsync("/api/me", Stop)).StatusCode);
    }

    // header, value, whether the write is done
    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "none", false)]
    [InlineData("Origin", "self", true)]
    [InlineData("Origin", "http://evil.localhost:7480", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("X-Nothing", "1", false)]
    public async Task A_write_with_a_cookie_must_come_from_the_portal_itself(string header, string value, bool done)
    {
        using var browser = await BrowserAsync(server.AdminToken);
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/tokens") { Content = JsonContent.Create(new TokenRequest("x", 1)) };
        request.Headers.Add(header, value == "self" ? server.Address.GetLeftPart(UriPartial.Authority) : value);
        using var answer = await browser.SendAsync(request, Stop);
        if (done)
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }
        else
        {
            Assert.Equal("ownership.cross_site", (await answer.ProblemAsync(HttpStatusCode.Forbidden)).Code);
        }
    }

    [Fact]
    public async Task Another_site_cannot_sign_a_browser_in_nor_open_a_socket()
    {
        using var browser = await BrowserAsync(server.AdminToken);
        var form = new HttpRequestMessage(HttpMethod.Post, "/login") { Content = new FormUrlEncodedContent([new("token", server.AdminToken)]) };
        form.Headers.Add("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendAsync(form, Stop)).StatusCode);

        var socket = new HttpRequestMessage(HttpMethod.Get, "/api/me");
        socket.Headers.Add("Origin", "https://evil.example");
        socket.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        socket.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendAsync(socket, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("/components/orders?tab=logs", "/components/orders?tab=logs")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("", "/")]
    public async Task The_form_signs_in_and_returns_only_to_this_host(string target, string returned)
    {
        using var browser = server.Client();
        using var answer = await browser.PostAsync("/login", new FormUrlEncodedContent([new("token", $" {server.AdminToken} "), new("return", target)]), Stop);
        Assert.Equal((HttpStatusCode.Redirect, returned), (answer.StatusCode, answer.Headers.Location?.ToString()));
    }

    [Fact]
    public async Task The_form_shows_what_was_wrong_and_encodes_what_was_sent()
    {
        using var browser = server.Client();
        using var wrong = await browser.PostAsync("/login", new FormUrlEncodedContent([new("token", "x"), new("return", "/\"><script>")]), Stop);
        var page = await wrong.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("role=\"alert\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_slides_and_ends()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var sessions = new Sessions(server.Services.GetRequiredService<IdentityDatabase>(), clock);
        var credential = new Credential("t", EntityRef.Of("User", "admin"), ["*"]);

        var idle = sessions.Begin(credential);
        clock.Advance(Sessions.Idle);
        Assert.Null(sessions.Check(idle));

        var used = sessions.Begin(credential);
        for (var began = clock.GetUtcNow(); clock.GetUtcNow() - began < Sessions.Longest - TimeSpan.FromHours(1);)
        {
            Assert.NotNull(sessions.Check(used));
            clock.Advance(TimeSpan.FromHours(1));
        }

        clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(sessions.Check(used));

        var (code, _) = sessions.NewLink(credential);
        clock.Advance(Sessions.LinkLifetime);
        Assert.Null(sessions.BeginWithLink(code));
    }

    private async Task<HttpClient> BrowserAsync(string token)
    {
        var browser = server.Client();
        using var signedIn = await browser.PostAsync("/login", new FormUrlEncodedContent([new("token", token)]), Stop);
        browser.DefaultRequestHeaders.Add("Cookie", Assert.Single(signedIn.Headers.GetValues("Set-Cookie")).Split(';')[0]);
        return browser;
    }
}
