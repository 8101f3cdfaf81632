using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using AngleSharp.Html.Parser;
using Axle.Contracts;
using Axle.Tests.Server;

namespace Axle.Tests.Portal.Catalogue;

/// <summary>The catalogue's pages through the real host, with entities as strangers could write them.</summary>
public sealed partial class CataloguePageTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_catalogue_narrows_by_its_address_alone_and_counts_what_else_there_is()
    {
        using var mona = await server.UserAsync("mona", ["team-mona", "team-other"]);
        await PutAsync(
            Component("alpha-api-user", "team-mona", "service", "production", ["go"]),
            Component("alpha-site", "team-mona", "website", "production", ["react"]),
            Component("alpha-lib", "team-other", "library", "experimental", ["go"]));

        Assert.Equal(["alpha-api-user", "alpha-lib"], Rows(await PageAsync(mona, "/?tag=go")));
        Assert.Equal(["alpha-api-user"], Rows(await PageAsync(mona, "/?tag=go&owner=team-mona")));
        Assert.Equal(["alpha-api-user", "alpha-lib"], Rows(await PageAsync(mona, "/?tag=go&owner=team-mona&owner=team-other")));
        Assert.Equal(["alpha-lib", "alpha-site"], Rows(await PageAsync(mona, "/?type=library&type=website&owner=team-mona&owner=team-other")));
        Assert.Equal(["alpha-site", "alpha-lib", "alpha-api-user"], Rows(await PageAsync(mona, "/?owner=team-mona&owner=team-other&kind=component&sort=name&order=desc")));
        Assert.Equal(["alpha-lib"], Rows(await PageAsync(mona, "/?q=alpah+lib")));

        var html = await PageAsync(mona, "/?owner=team-mona&kind=component");
        Assert.Contains("2 components", html, StringComparison.Ordinal);
        Assert.Matches("""<a href="/\?[^"]*owner=team-other[^"]*"[^>]*><span>team-other</span><small>1</small>""", html);
    }

    [Fact]
    public async Task My_teams_things_are_those_that_i_or_my_groups_own()
    {
        using var nora = await server.UserAsync("nora", ["team-nora"]);
        await PutAsync(Component("nora-service", "team-nora", "service", "production", []), Component("nora-own", "user:default/nora", "service", "production", []), Component("foreign-service", "platform", "service", "production", []));

        Assert.Equal(["nora-own", "nora-service"], Rows(await PageAsync(nora, "/?view=mine")));
        using var vic = await server.UserAsync("vic", []);
        Assert.Contains("own nothing yet", await PageAsync(vic, "/?view=mine"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_star_is_ones_own_and_shows_in_the_catalogue()
    {
        using var olga = await server.UserAsync("olga", ["team-olga"]);
        using var paul = await server.UserAsync("paul", ["team-olga"], role: "viewer");
        await PutAsync(Component("stellar", "team-olga", "service", "production", []));

        using var answer = await StarAsync(olga, "stellar", "true");
        Assert.Equal("/components/stellar", answer.Headers.Location?.ToString());
        using var again = await StarAsync(olga, "stellar", "true");
        Assert.Equal(["stellar"], Rows(await PageAsync(olga, "/?view=starred")));
        Assert.Empty(Rows(await PageAsync(paul, "/?view=starred")));
        Assert.Contains("aria-pressed=\"true\"", await PageAsync(olga, "/components/stellar"), StringComparison.Ordinal);

        using var off = await StarAsync(olga, "stellar", "false");
        Assert.Empty(Rows(await PageAsync(olga, "/?view=starred")));

        // What is starred is nobody else's business, and nothing that happened.
        Assert.DoesNotContain("starred", await server.Admin().GetStringAsync("/api/activity", Stop), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    public async Task A_star_leads_to_no_other_site(string back)
    {
        await PutAsync(Component("grounded", "platform", "service", "production", []));
        using var answer = await server.Admin().PostAsync("/catalog/default/component/grounded/star", new FormUrlEncodedContent([new("on", "true"), new("back", back)]), Stop);

        Assert.Equal("/catalog/default/component/grounded", answer.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Pages_of_fifty_have_every_entry_once()
    {
        await PutAsync([.. Enumerable.Range(0, 120).Select(at => Component($"paged-{at:000}", "platform", "pageable", at % 3 == 0 ? "production" : "experimental", []))]);

        var names = new List<string>();
        for (var page = 1; page <= 3; page++)
        {
            names.AddRange(Rows(await PageAsync(server.Admin(), $"/?type=pageable&kind=component&sort=lifecycle&page={page}")));
        }

        Assert.Equal(120, names.Distinct().Count());
        Assert.Equal(120, names.Count);
        Assert.Contains("not so many pages", await PageAsync(server.Admin(), "/?type=pageable&kind=component&page=9"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/?kind=all")]
    [InlineData("/?q=hostile")]
    [InlineData("/components/hostile")]
    [InlineData("/catalog/default/component/hostile")]
    [InlineData("/catalog/default/component/hostile/graph")]
    [InlineData("/catalog/default/component/hostile/graph?depth=x&relation=%3Cscript%3E&kind=%22&direction=%3E")]
    [InlineData("/catalog/default/component/hostile/yaml")]
    [InlineData("/catalog/default/component/hostile/history")]
    [InlineData("/catalog/default/api/hostile-open")]
    [InlineData("/catalog/default/api/hostile-open/definition")]
    [InlineData("/catalog/default/api/hostile-open/definition?raw=1")]
    [InlineData("/catalog/default/api/hostile-async/definition")]
    [InlineData("/catalog/default/api/hostile-graphql/definition")]
    [InlineData("/catalog/default/api/hostile-broken/definition")]
    [InlineData("/catalog/default/user/hostile")]
    [InlineData("/catalog/default/group/hostile")]
    [InlineData("/catalog/default/system/hostile")]
    [InlineData("/catalog/default/system/hostile/graph")]
    [InlineData("/groups/hostile")]
    [InlineData("/?q=%3Cscript%3Ealert(1)%3C/script%3E&owner=%22%3E%3Cscript%3E&view=%3Cscript%3E&sort=%3Cscript%3E&page=-1")]
    public async Task What_strangers_wrote_is_text_everywhere(string path)
    {
        await PutHostileAsync();

        var html = await PageAsync(server.Admin(), path);

        var document = await new HtmlParser().ParseDocumentAsync(html, Stop);
        Assert.All(document.QuerySelectorAll("script"), script => Assert.StartsWith("/_content/", script.GetAttribute("src"), StringComparison.Ordinal));
        Assert.Empty(document.QuerySelectorAll("img, iframe, object, embed, base, style, meta[http-equiv]"));
        Assert.All(document.All, element => Assert.All(element.Attributes, attribute =>
        {
            Assert.False(attribute.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase) || attribute.Name == "style", $"{element.LocalName} has {attribute.Name}");
            Assert.False(
                attribute.Name is "href" or "src" or "action" or "formaction" or "xlink:href" && !Address().IsMatch(attribute.Value),
                $"{element.LocalName} leads to {attribute.Value}");
        }));
    }

    [Theory]
    [InlineData("/catalog/default/component/nothing-of-it")]
    [InlineData("/catalog/default/component/hostile/nothing")]
    [InlineData("/catalog/default/component/hostile/definition")]
    [InlineData("/catalog/default/build/hostile")]
    [InlineData("/catalog/%3Cscript%3E/x/y")]
    public async Task What_is_not_there_answers_404_with_a_page(string path)
    {
        await PutHostileAsync();
        using var answer = await server.Admin().SendAsync(Request(path), Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("class=\"shell\"", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_is_missing_names_what_may_have_been_meant()
    {
        await PutAsync(Component("warehouse-loader", "platform", "service", "production", []));
        using var answer = await server.Admin().SendAsync(Request("/catalog/default/component/warehose-loader"), Stop);

        Assert.Contains("href=\"/components/warehouse-loader\"", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relations_lead_to_both_sides_and_what_nobody_describes_is_marked()
    {
        await PutAsync(
            Entity("Component", "related", """{"type":"service","lifecycle":"x","owner":"platform","providesApis":["related-api"],"dependsOn":["resource:not-there"]}"""),
            Entity("API", "related-api", """{"type":"grpc","lifecycle":"x","owner":"platform","definition":"service A {}"}"""));

        var component = await PageAsync(server.Admin(), "/catalog/default/component/related");
        Assert.Contains("href=\"/catalog/default/api/related-api\"", component, StringComparison.Ordinal);
        Assert.Matches("class=\"dangling\"[^>]*>not-there", component);
        Assert.Contains("href=\"/components/related\"", await PageAsync(server.Admin(), "/catalog/default/api/related-api"), StringComparison.Ordinal);
        Assert.Contains("href=\"/catalog/default/api/related-api/graph\"", await PageAsync(server.Admin(), "/catalog/default/component/related/graph"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_component_that_is_only_described_shows_so_and_a_resource_leads_to_its_entry()
    {
        await PutAsync(Component("only-described", "platform", "service", "production", []), Entity("Resource", "only-written", """{"type":"database","owner":"platform"}"""));

        Assert.Contains("Declared only", await PageAsync(server.Admin(), "/components/only-described"), StringComparison.Ordinal);
        using var answer = await server.Admin().SendAsync(Request("/resources/only-written"), Stop);
        Assert.EndsWith("/catalog/default/resource/only-written", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_location_shows_what_is_wrong_and_can_be_read_again()
    {
        await PutAsync(Entity("Location", "unreadable", """{"type":"url","target":"http://127.0.0.1:1/catalog-info.yaml"}"""));
        var deadline = TimeProvider.System.GetUtcNow().AddSeconds(20);
        string html;
        while (!(html = await PageAsync(server.Admin(), "/catalog/default/location/unreadable")).Contains("1 problem", StringComparison.Ordinal) && TimeProvider.System.GetUtcNow() < deadline)
        {
            await Task.Delay(100, Stop);
        }

        Assert.Contains("cannot be read", html, StringComparison.Ordinal);
        using var answer = await server.Admin().PostAsync("/catalog/default/location/unreadable/refresh", null, Stop);
        Assert.StartsWith("/catalog/default/location/unreadable?done=", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
        using var none = await server.Admin().PostAsync("/catalog/default/group/platform/refresh", null, Stop);
        Assert.Contains("?error=", none.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_palette_finds_everything_and_begins_with_what_was_starred()
    {
        using var rita = await server.UserAsync("rita", ["team-rita"]);
        await PutAsync(Component("palette-thing", "team-rita", "service", "production", []), Entity("System", "palette-system", """{"owner":"team-rita"}"""));
        using var starred = await StarAsync(rita, "palette-thing", "true");

        Assert.Equal("palette-thing", (await HitsAsync(rita, ""))[0].Title);
        Assert.Equal(["/components/palette-thing", "/catalog/default/system/palette-system"], (await HitsAsync(rita, "palete")).Select(hit => hit.Href));
        Assert.Equal("/environments", (await HitsAsync(rita, "environ"))[0].Href);
        Assert.Contains(await HitsAsync(rita, "axle import"), hit => hit.Copy is not null);
        Assert.Contains(await HitsAsync(rita, "node-service"), hit => hit.Href == "/templates/node-service");
    }

    [Fact]
    public async Task Search_over_http_says_what_fits_and_where()
    {
        await PutAsync(Entity("System", "searchable-billing", """{"owner":"platform"}"""), Component("searchable-web", "platform", "service", "production", ["billing"]));

        var answer = await (await server.Admin().GetAsync("/api/search?term=searchable%20biling", Stop)).ReadAsync<SearchAnswer>();
        Assert.Equal(["system:default/searchable-billing", "component:default/searchable-web"], answer.Items.Select(hit => hit.Ref.ToString()));
        Assert.All(answer.Items, hit => Assert.Equal("similar", hit.Match));
        Assert.Equal("tags", answer.Items[1].Highlights[^1].Field);
        Assert.Equal(1, (await (await server.Admin().GetAsync("/api/search?term=searchable&kind=system", Stop)).ReadAsync<SearchAnswer>()).Total);
        await (await server.Admin().GetAsync("/api/search", Stop)).ProblemAsync(HttpStatusCode.BadRequest);
        await (await server.Admin().GetAsync("/api/search?term=a&kind=nonsense", Stop)).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        await (await server.Admin().GetAsync("/api/search?term=a&limit=1000", Stop)).ProblemAsync(HttpStatusCode.BadRequest);
    }

    private sealed record Hit(string Title, string Hint, string? Href, string? Copy);

    private static async Task<List<Hit>> HitsAsync(HttpClient client, string words) =>
        JsonSerializer.Deserialize<List<Hit>>(await client.GetStringAsync($"/portal/commands?q={Uri.EscapeDataString(words)}", Stop), JsonSerializerOptions.Web)!;

    private static Task<HttpResponseMessage> StarAsync(HttpClient client, string name, string on) =>
        client.PostAsync($"/catalog/default/component/{name}/star", new FormUrlEncodedContent([new("on", on), new("back", $"/components/{name}")]), Stop);

    private async Task PutHostileAsync() => await PutAsync(
        Entity("Group", "hostile", JsonSerializer.Serialize(new { type = Evil, children = Array.Empty<string>(), profile = new { displayName = Evil, email = "x@y\"><script>" } })),
        Entity("User", "hostile", JsonSerializer.Serialize(new { memberOf = new[] { "hostile" }, profile = new { displayName = Evil, email = "javascript:alert(1)" } })),
        Entity("System", "hostile", JsonSerializer.Serialize(new { owner = "hostile", domain = Evil })) with { },
        Titled(Entity("Component", "hostile", JsonSerializer.Serialize(new { type = Evil, lifecycle = Evil, owner = Evil, system = "hostile", dependsOn = new[] { "component:" + Evil, "resource:default/javascript:alert(1)" }, consumesApis = new[] { "hostile-open" } }))),
        Titled(Entity("API", "hostile-open", JsonSerializer.Serialize(new
        {
            type = "openapi",
            lifecycle = Evil,
            owner = "hostile",
            definition = JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["openapi"] = Evil,
                ["info"] = new { title = Evil, version = Evil, description = Evil },
                ["servers"] = new[] { new { url = "javascript:alert(1)" } },
                ["tags"] = new[] { new { name = Evil, description = Evil } },
                ["paths"] = new Dictionary<string, object> { [Evil] = new { get = new { tags = new[] { Evil }, summary = Evil, description = Evil, parameters = new object[] { new { name = Evil, @in = Evil, schema = new Dictionary<string, object> { ["$ref"] = Evil } } }, responses = new Dictionary<string, object> { [Evil] = new { description = Evil } } } } },
                ["components"] = new { schemas = new Dictionary<string, object> { [Evil] = new { type = Evil, description = Evil, @enum = new[] { Evil }, properties = new Dictionary<string, object> { [Evil] = new { } } } } },
            }),
        }))),
        Entity("API", "hostile-async", JsonSerializer.Serialize(new { type = "asyncapi", lifecycle = "x", owner = "hostile", definition = JsonSerializer.Serialize(new Dictionary<string, object> { ["asyncapi"] = Evil, ["channels"] = new Dictionary<string, object> { [Evil] = new { publish = new { summary = Evil, message = new { name = Evil, payload = new { type = Evil } } } } } }) })),
        Entity("API", "hostile-graphql", JsonSerializer.Serialize(new { type = "graphql", lifecycle = "x", owner = "hostile", definition = $"type A {{ a: \"{Evil}\" }}\n# {Evil}\n\"\"\"{Evil}" })),
        Entity("API", "hostile-broken", JsonSerializer.Serialize(new { type = "openapi", lifecycle = "x", owner = "hostile", definition = $"openapi: [{Evil}" })));

    private static Entity Titled(Entity entity) => entity with
    {
        Metadata = entity.Metadata with
        {
            Title = Evil,
            Description = Evil,
            Labels = new Dictionary<string, string> { ["label"] = "value" },
            Annotations = new Dictionary<string, string> { ["note"] = Evil, ["address"] = "javascript:alert(1)", ["backstage.io/view-url"] = "data:text/html,<script>alert(1)</script>" },
            Links = [new("https://example.com/\"><script>alert(1)</script>", Evil, Evil, Evil), new("ftp://example.com/", Evil), new("mailto:a@example.com?subject=\"><script>", Evil)],
        },
    };

    private static Entity Component(string name, string owner, string type, string lifecycle, string[] tags)
    {
        var entity = Entity("Component", name, JsonSerializer.Serialize(new { type, lifecycle, owner }));
        return entity with { Metadata = entity.Metadata with { Tags = tags } };
    }

    private static Entity Entity(string kind, string name, string spec) => TestServer.Json(kind, name, spec);

    private async Task PutAsync(params Entity[] entities)
    {
        var put = await server.Entities.PutAllAsync(entities, "system:test", stop: Stop);
        Assert.True(put.Ok, put.ToString());
    }

    private static HttpRequestMessage Request(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        return request;
    }

    private static async Task<string> PageAsync(HttpClient client, string path)
    {
        using var answer = await client.SendAsync(Request(path), Stop);
        var html = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode} {html}");
        return html;
    }

    /// <summary>Names in the order of the table.</summary>
    private static IEnumerable<string> Rows(string html) => Row().Matches(html).Select(match => match.Groups[1].Value);

    [GeneratedRegex("""<tr data-key="[a-z]+:([^"]+)">""")]
    private static partial Regex Row();

    // Ours, or one that people can follow.
    [GeneratedRegex("^(/(?![/\\\\])|https?://|mailto:|#)")]
    private static partial Regex Address();
}
