using System.Net;
using System.Text.Json;
using Axle.Portal.Tasks;
using Axle.Tests.Server;

namespace Axle.Tests.Portal.Forms;

/// <summary>What a run gave, and the gallery: texts of other people, and addresses that anybody may write.</summary>
public sealed class TaskWordsTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"title": "a", "url": "https://a.test/x"}""", "a", "https://a.test/x")]
    [InlineData("""{"title": "a", "url": "javascript:alert(1)"}""", "a", null)]
    [InlineData("""{"title": "a", "url": " JaVaScript:alert(1)"}""", "a", null)]
    [InlineData("""{"title": "a", "url": "data:text/html,x"}""", "a", null)]
    [InlineData("""{"title": "a", "url": "//evil.test"}""", "a", null)]
    [InlineData("""{"title": "a", "url": "file:///etc/passwd"}""", "a", null)]
    [InlineData("""{"url": "vbscript:x"}""", "vbscript:x", null)]
    [InlineData("""{"entityRef": "component:default/orders", "url": "javascript:x"}""", "component:default/orders", "/components/orders")]
    [InlineData("""{"title": "a", "entityRef": "no ref at all"}""", "a", null)]
    [InlineData("""{"title": 7, "url": 7}""", "Link", null)]
    public void A_link_leads_to_the_web_or_into_the_catalogue_or_nowhere(string link, string title, string? href) =>
        Assert.Equal([(title, href)], TaskWords.LinksOf(JsonElement.Parse($$"""{"links": [{{link}}]}""")));

    [Theory]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("""{"links": {}, "text": "x"}""")]
    [InlineData("""{"links": ["a", null], "text": [1, {"content": 2}]}""")]
    public void Whatever_a_template_gives_instead_is_nothing(string output)
    {
        Assert.Empty(TaskWords.LinksOf(JsonElement.Parse(output)));
        Assert.Empty(TaskWords.TextsOf(JsonElement.Parse(output)));
    }

    [Theory]
    [InlineData("/templates", "Static site", "With dashes")]
    [InlineData("/templates?q=static", "Static site", null)]
    [InlineData("/templates?type=website", "Static site", null)]
    [InlineData("/templates?type=demo&owner=group:gallery-team", "With dashes", null)]
    [InlineData("/templates?tag=gallery&q=with+DASH", "With dashes", null)]
    [InlineData("/templates?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "Nothing matches", null)]
    [InlineData("/templates?owner=%22%3E%3Cscript%3E&tag=%00&type=x", "Nothing matches", null)]
    public async Task The_gallery_shows_what_its_address_says(string address, string shown, string? also)
    {
        using var admin = server.Admin();
        using var applied = await admin.PostAsync("/api/apply", new StringContent("""
            apiVersion: scaffolder.backstage.io/v1beta3
            kind: Template
            metadata: {name: gallery-one, title: With dashes, tags: [gallery]}
            spec: {type: demo, owner: gallery-team, steps: [], parameters: []}
            """, System.Text.Encoding.UTF8, "application/yaml"), Stop);
        Assert.Equal(HttpStatusCode.OK, applied.StatusCode);

        var page = await (await admin.GetAsync(new Uri(address, UriKind.Relative), Stop)).Content.ReadAsStringAsync(Stop);

        Assert.Contains(shown, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Equal(also is not null || shown == "With dashes", page.Contains("With dashes", StringComparison.Ordinal));
        Assert.Equal(shown == "Static site", page.Contains("Use Static site", StringComparison.Ordinal));
    }
}
