using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axle.Contracts;
using Axle.Tests.Server;

namespace Axle.Tests.Catalog;

/// <summary>Backstage's catalog API, as its client calls it.</summary>
public sealed class BackstageCatalogTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_lead_on_and_back_by_cursor_and_keep_the_total()
    {
        using var client = server.Admin();
        foreach (var number in Enumerable.Range(1, 5))
        {
            await PutAsync(client, TestServer.Component($"page-{number}", "platform") with { Metadata = new Metadata { Name = $"page-{number}", Labels = new Dictionary<string, string> { ["set"] = "pages" } } });
        }

        var first = await GetAsync(client, "/api/catalog/entities/by-query?filter=kind=component,metadata.labels.set=PAGES&limit=2&orderField=metadata.name,desc");
        Assert.Equal(["page-5", "page-4"], Names(first));
        Assert.Equal(5, first.GetProperty("totalItems").GetInt32());
        Assert.False(first.GetProperty("pageInfo").TryGetProperty("prevCursor", out _));

        // A cursor with a filter in it comes by POST.
        var next = first.GetProperty("pageInfo").GetProperty("nextCursor").GetString();
        var second = await PostAsync(client, "/api/catalog/entities/by-query", new { cursor = next, limit = 2 });
        Assert.Equal(["page-3", "page-2"], Names(second));
        Assert.Equal(5, second.GetProperty("totalItems").GetInt32());
        var third = await GetAsync(client, $"/api/catalog/entities/by-query?limit=2&cursor={Uri.EscapeDataString(second.GetProperty("pageInfo").GetProperty("nextCursor").GetString()!)}");
        Assert.Equal(["page-1"], Names(third));
        Assert.False(third.GetProperty("pageInfo").TryGetProperty("nextCursor", out _));

        var back = await PostAsync(client, "/api/catalog/entities/by-query", new { cursor = second.GetProperty("pageInfo").GetProperty("prevCursor").GetString(), limit = 2 });
        Assert.Equal(["page-5", "page-4"], Names(back));
        Assert.False(back.GetProperty("pageInfo").TryGetProperty("prevCursor", out _));

        var none = await GetAsync(client, "/api/catalog/entities/by-query?filter=metadata.labels.set=pages&limit=0");
        Assert.Empty(Names(none));
        Assert.Equal(5, none.GetProperty("totalItems").GetInt32());
    }

    [Fact]
    public async Task A_change_is_seen_by_the_very_next_question()
    {
        using var client = server.Admin();
        for (var round = 1; round <= 20; round++)
        {
            await PutAsync(client, TestServer.Component("fresh", "platform") with { Metadata = new Metadata { Name = "fresh", Title = $"Round {round}" } });
            Assert.Equal(["fresh"], Names(await GetAsync(client, $"/api/catalog/entities/by-query?filter=metadata.title=round {round}")));
        }
    }

    [Fact]
    public async Task Refs_uids_and_names_find_entities_in_Backstages_form()
    {
        using var client = server.Admin();
        await PutAsync(client, TestServer.Component("found", "platform"));
        var entity = await GetAsync(client, "/api/catalog/entities/by-name/Component/Default/Found");
        Assert.Equal("found", entity.GetProperty("metadata").GetProperty("name").GetString());
        Assert.Equal("""[{"type":"ownedBy","targetRef":"group:default/platform"}]""", entity.GetProperty("relations").GetRawText());
        Assert.False(entity.TryGetProperty("status", out _));

        var uid = entity.GetProperty("metadata").GetProperty("uid").GetString();
        Assert.Equal(entity.GetRawText(), (await GetAsync(client, $"/api/catalog/entities/by-uid/{uid}")).GetRawText());

        var several = await PostAsync(client, "/api/catalog/entities/by-refs", new
        {
            entityRefs = (string[])["component:default/found", "Component:default/found", "component:default/nowhere", "nonsense"],
            fields = (string[])["metadata.name", "spec.type"],
        });
        Assert.Equal("""{"items":[{"metadata":{"name":"found"},"spec":{"type":"service"}},null,null,null]}""", several.GetRawText());
    }

    [Fact]
    public async Task Predicates_and_facets_answer_as_Backstage_does()
    {
        using var client = server.Admin();
        await PutAsync(client, TestServer.Component("facet-a", "platform") with { Metadata = new Metadata { Name = "facet-a", Tags = ["red", "blue"] } });
        await PutAsync(client, TestServer.Component("facet-b", "platform") with { Metadata = new Metadata { Name = "facet-b", Tags = ["red"] } });

        object query = new Dictionary<string, object> { ["metadata.name"] = new Dictionary<string, object> { ["$hasPrefix"] = "FACET-" } };
        var facets = await PostAsync(client, "/api/catalog/entity-facets", new { facets = (string[])["metadata.tags", "nowhere"], query });
        Assert.Equal("""{"facets":{"metadata.tags":[{"value":"blue","count":1},{"value":"red","count":2}],"nowhere":[]}}""", facets.GetRawText());

        var owned = await PostAsync(client, "/api/catalog/entities/by-query", new
        {
            query = new Dictionary<string, object>
            {
                ["$all"] = (object[])
                [
                    query,
                    new Dictionary<string, object> { ["relations"] = new Dictionary<string, object> { ["$contains"] = new { type = "ownedBy", targetRef = "Group:default/platform" } } },
                    new Dictionary<string, object> { ["$not"] = new Dictionary<string, object> { ["metadata.tags"] = new Dictionary<string, object> { ["$contains"] = "blue" } } },
                ],
            },
        });
        Assert.Equal(["facet-b"], Names(owned));

        var text = await GetAsync(client, "/api/catalog/entities/by-query?filter=metadata.tags=red&fullTextFilterTerm=ACET-A&fullTextFilterFields=metadata.name,metadata.title");
        Assert.Equal(["facet-a"], Names(text));
    }

    [Theory]
    [InlineData("/api/catalog/entities/by-query?limt=1", 400, "InputError")]
    [InlineData("/api/catalog/entities/by-query?limit=x", 400, "InputError")]
    [InlineData("/api/catalog/entities/by-query?cursor=e30", 400, "InputError")]
    [InlineData("/api/catalog/entities/by-query?filter==a", 400, "InputError")]
    [InlineData("/api/catalog/entities?order=name", 400, "InputError")]
    [InlineData("/api/catalog/entities?fields=a[0]", 400, "InputError")]
    [InlineData("/api/catalog/entity-facets", 400, "InputError")]
    [InlineData("/api/catalog/entities/by-name/component/default/nowhere", 404, "NotFoundError")]
    [InlineData("/api/catalog/entities/by-uid/nowhere", 404, "NotFoundError")]
    public async Task Refusals_have_Backstages_form(string path, int status, string name)
    {
        using var client = server.Admin();
        using var answer = await client.GetAsync(path, Stop);
        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        Assert.Equal(name, body.GetProperty("error").GetProperty("name").GetString());
        Assert.Equal("GET", body.GetProperty("request").GetProperty("method").GetString());
        Assert.Equal(status, body.GetProperty("response").GetProperty("statusCode").GetInt32());
    }

    [Fact]
    public async Task Without_a_token_nothing_is_told()
    {
        using var client = server.Client();
        using var answer = await client.GetAsync("/api/catalog/entities", Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("AuthenticationError", (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("error").GetProperty("name").GetString());
    }

    private static IEnumerable<string?> Names(JsonElement page) =>
        page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("name").GetString());

    private static async Task PutAsync(HttpClient client, Entity entity)
    {
        using var answer = await client.PutEntityAsync(entity);
        answer.EnsureSuccessStatusCode();
    }

    private static Task<JsonElement> GetAsync(HttpClient client, string path) => client.GetFromJsonAsync<JsonElement>(path, Stop);

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body, Stop);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
    }
}
