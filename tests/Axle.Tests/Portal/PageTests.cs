using System.Net;
using System.Text.RegularExpressions;
using Axle.Tests.Server;

namespace Axle.Tests.Portal;

/// <summary>The pages through the real host.</summary>
public sealed partial class PageTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/", "Catalogue")]
    [InlineData("/templates", "Create a component")]
    [InlineData("/templates/node-service", "Node service")]
    [InlineData("/environments", "Environments")]
    [InlineData("/groups", "Teams")]
    [InlineData("/groups/platform", "platform")]
    [InlineData("/activity", "Activity")]
    [InlineData("/tasks", "Tasks")]
    public async Task A_page_has_one_heading_and_nothing_that_the_content_security_policy_forbids(string path, string heading)
    {
        var (status, html) = await GetAsync(server.Admin(), path);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(heading, Assert.Single(Heading().Matches(html)).Value, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<base", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(Inline(), html);
    }

    [Theory]
    [InlineData("/nothing-here")]
    [InlineData("/components/nobody")]
    [InlineData("/components/a%20b%3Cscript%3E")]
    [InlineData("/components/nobody/promote")]
    [InlineData("/groups/nobody")]
    [InlineData("/templates/nothing")]
    [InlineData("/templates/elsewhere/nothing")]
    [InlineData("/tasks/nothing")]
    public async Task What_is_not_there_is_a_page_with_the_shell_and_the_status_404(string path)
    {
        var (status, html) = await GetAsync(server.Admin(), path);

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("class=\"shell\"", html, StringComparison.Ordinal);
        Assert.Single(Heading().Matches(html));
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_are_told_of_a_missing_address_in_their_own_form() =>
        await (await server.Admin().GetAsync("/nothing-here", Stop)).ProblemAsync(HttpStatusCode.NotFound);

    [Theory]
    [InlineData("/")]
    [InlineData("/nothing-here?x=1")]
    public async Task Who_is_not_signed_in_comes_to_the_sign_in_page_and_back(string path)
    {
        using var request = Page(path);
        using var answer = await server.Client().SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal($"/login?return={Uri.EscapeDataString(path)}", answer.Headers.Location?.ToString());
    }

    [Theory]
    [InlineData("http://localhost/components/orders?log=staging", "/components/orders?log=staging")]
    [InlineData(null, "/")]
    public async Task Who_presses_a_button_after_the_session_ended_comes_back_to_its_page(string? referer, string back)
    {
        using var request = Page("/components/orders/restart");
        request.Method = HttpMethod.Post;
        request.Headers.Referrer = referer is null ? null : new Uri(referer);
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("environment", "staging")]);
        using var answer = await server.Client().SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal($"/login?return={Uri.EscapeDataString(back)}", answer.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Notices_are_text_whatever_the_address_says()
    {
        var (_, html) = await GetAsync(server.Admin(), "/?error=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&next=%3Cb%3E");

        Assert.Contains("&lt;img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_of_a_stranger_shows_no_link_that_runs_in_the_readers_name()
    {
        var evil = TestServer.Component("linked", "group:default/platform");
        evil = evil with { Metadata = evil.Metadata with { Links = [new("https://example.com/good", "Good"), new("javascript:alert(1)", "Evil")], Description = "<b>bold</b>" } };
        var put = await server.Entities.PutAsync(evil, "system:test", stop: Stop);
        if (!put.Ok)
        {
            // The store may refuse such a link in the first place; then only the good one is there to show.
            evil = evil with { Metadata = evil.Metadata with { Links = [evil.Metadata.Links[0]] } };
            Assert.True((await server.Entities.PutAsync(evil, "system:test", stop: Stop)).Ok);
        }

        var (_, html) = await GetAsync(server.Admin(), "/components/linked");

        Assert.Contains("href=\"https://example.com/good\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("javascript:", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;b&gt;bold", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_form_shows_the_answers_and_then_begins_a_task()
    {
        using var jane = await server.UserAsync("jane", ["team-form"]);

        using var reviewed = await PostAsync(jane, "/templates/static-site", [("page", "0"), ("go", "next"), .. Shown("name", "owner", "description"), ("answer/name", "formed"), ("answer/owner", "group:default/team-form"), ("answer/description", "By <form>")]);
        var review = await reviewed.Content.ReadAsStringAsync(Stop);
        Assert.Equal(HttpStatusCode.OK, reviewed.StatusCode);
        Assert.Contains("By &lt;form&gt;", review, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(jane, "/components/formed")).Status);

        using var answer = await PostAsync(jane, "/templates/static-site", ("page", "1"), ("go", "create"), ("answers", """{"name":"formed","owner":"group:default/team-form"}"""));
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        var task = new Uri(server.Address, answer.Headers.Location!).AbsolutePath;
        Assert.StartsWith("/tasks/", task, StringComparison.Ordinal);
        var (status, html) = await GetAsync(jane, task);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Make the repository", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_form_keeps_what_was_typed_and_says_why()
    {
        using var jim = await server.UserAsync("jim", ["team-typed"]);

        using var answer = await PostAsync(jim, "/templates/static-site", [("page", "0"), ("go", "next"), .. Shown("name", "owner", "description"), ("answer/name", "Not A Name"), ("answer/owner", "group:default/team-typed"), ("answer/description", "typed \"this\"")]);
        var html = await answer.Content.ReadAsStringAsync(Stop);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("role=\"alert\"", html, StringComparison.Ordinal);
        Assert.Contains("value=\"Not A Name\"", html, StringComparison.Ordinal);
        Assert.Contains("typed &quot;this&quot;", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_is_offered_nothing_to_create_and_cannot()
    {
        using var viewer = await server.UserAsync("vera", ["team-view"], role: "viewer");

        Assert.DoesNotContain("href=\"/templates/", (await GetAsync(viewer, "/templates")).Html, StringComparison.Ordinal);
        using var answer = await PostAsync(viewer, "/templates/static-site", ("page", "1"), ("go", "create"), ("answers", """{"name":"viewed","owner":"group:default/team-view"}"""));
        Assert.NotEqual(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(viewer, "/components/viewed")).Status);
    }

    [Fact]
    public async Task A_refused_button_comes_back_to_the_page_with_the_reason()
    {
        Assert.True((await server.Entities.PutAsync(TestServer.Component("pressed", "group:default/platform"), "system:test", stop: Stop)).Ok);

        using var answer = await server.Admin().PostAsync("/components/pressed/promote", new FormUrlEncodedContent([new("environment", "production")]), Stop);

        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.StartsWith("/components/pressed?error=", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_palette_finds_components_teams_and_pages()
    {
        Assert.True((await server.Entities.PutAsync(TestServer.Component("findable", "group:default/platform"), "system:test", stop: Stop)).Ok);

        Assert.Contains("/components/findable", await server.Admin().GetStringAsync("/portal/commands?q=findab", Stop), StringComparison.Ordinal);
        Assert.Contains("/groups/platform", await server.Admin().GetStringAsync("/portal/commands?q=platform", Stop), StringComparison.Ordinal);
        Assert.Contains("/activity", await server.Admin().GetStringAsync("/portal/commands?q=activ", Stop), StringComparison.Ordinal);
    }

    private static (string Name, string Value)[] Shown(params string[] questions) => [.. questions.Select(question => ("shown", question))];

    private static HttpRequestMessage Page(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        return request;
    }

    private static async Task<(HttpStatusCode Status, string Html)> GetAsync(HttpClient client, string path)
    {
        using var request = Page(path);
        using var answer = await client.SendAsync(request, Stop);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, params (string Name, string Value)[] fields) =>
        client.PostAsync(path, new FormUrlEncodedContent([new("_handler", "create"), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]), Stop);

    [GeneratedRegex("<h1.*?</h1>", RegexOptions.Singleline)]
    private static partial Regex Heading();

    // Scripts with content, attributes that are code or style, and addresses that are code.
    [GeneratedRegex("""<script(?![^>]*\ssrc=)|<style|\s(on\w+|style)="|javascript:""", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();
}
