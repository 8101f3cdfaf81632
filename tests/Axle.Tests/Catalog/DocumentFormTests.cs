using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Axle.Tests.Server;

namespace Axle.Tests.Catalog;

/// <summary>What Backstage refuses although it could be understood. tests/peers/scaffolder asks Backstage itself about many more.</summary>
public sealed class DocumentFormTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Component = """{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "orders"}, "spec": {"type": "service", "lifecycle": "production", "owner": "shop"}}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, bool> Changes => new()
    {
        // path, value (null removes), taken
        { "metadata.annotations", "null", true },
        { "metadata.labels", "null", false },
        { "metadata.description", "null", false },
        { "metadata.description", "\"\"", true },
        { "metadata.title", "null", false },
        { "metadata.title", "\"\"", false },
        { "metadata.etag", "7", false },
        { "metadata.tags", "[\"\"]", false },
        { "metadata.links", """[{"url": "a:b"}]""", true },
        { "metadata.links", """[{"url": "/a"}]""", false },
        { "metadata.links", """[{"url": "https://"}]""", false },
        { "metadata.links", """[{"url": "javascript:a"}]""", false },
        { "metadata.links", """[{"url": "https://a.b", "title": null}]""", false },
        { "metadata.annotations", """{"backstage.io/managed-by-location": "x"}""", false },
        { "metadata.annotations", """{"backstage.io/managed-by-location": "url:x"}""", true },
        { "spec.owner", "\" \"", true },
        { "spec.owner", "\"\"", false },
        { "spec.system", "null", false },
        { "spec.dependsOn", "null", false },
        { "spec.dependencyOf", "null", true },
        { "spec.dependsOn", "[\" \"]", false },
        { "spec.more", "null", true },
        { "kind", "\"component\"", false },
        { "relations", "[]", false },
        { "status", "{}", false },
    };

    [Theory, MemberData(nameof(Changes))]
    public async Task A_document_is_taken_or_refused_as_Backstage_does(string path, string value, bool taken)
    {
        var entity = (JsonObject)JsonNode.Parse(Component)!;
        var parts = path.Split('.');
        (parts.Length == 1 ? entity : (JsonObject)entity[parts[0]]!)[parts[^1]] = JsonNode.Parse(value);

        Assert.Equal(taken, await TakenAsync(entity));
    }

    [Theory]
    [InlineData("User", """{"memberOf": []}""", true)]
    [InlineData("User", "{}", false)]
    [InlineData("User", """{"memberOf": [], "profile": {"email": 7}}""", false)]
    [InlineData("User", """{"memberOf": [], "profile": {"more": 7}}""", true)]
    [InlineData("Group", """{"type": "team", "children": [], "profile": null}""", false)]
    [InlineData("Location", """{"targets": ["./a.yaml"], "presence": "optional"}""", true)]
    [InlineData("Location", """{"targets": ["./a.yaml"], "presence": "maybe"}""", false)]
    [InlineData("Location", """{"targets": null}""", false)]
    [InlineData("API", """{"type": "mcp-server", "lifecycle": "x", "owner": "shop", "remotes": [{"type": "http", "url": "u"}]}""", true)]
    [InlineData("API", """{"type": "mcp-server", "lifecycle": "x", "owner": "shop", "remotes": []}""", false)]
    [InlineData("AiResource", """{"type": "rule", "lifecycle": "x", "owner": "shop", "category": "c", "rationale": "r"}""", true)]
    [InlineData("AiResource", """{"type": "rule", "lifecycle": "x", "owner": "shop", "category": "c"}""", false)]
    [InlineData("Template", """{"type": "service", "steps": []}""", false)]
    public async Task So_are_documents_of_other_kinds(string kind, string spec, bool taken) =>
        Assert.Equal(taken, await TakenAsync(new JsonObject { ["apiVersion"] = "backstage.io/v1alpha1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = "x" }, ["spec"] = JsonNode.Parse(spec) }));

    [Theory]
    [InlineData("""[{"id": "a", "action": "x"}]""", true)]
    [InlineData("""[{"id": 7, "action": "x"}]""", false)]
    [InlineData("""[{"id": "a"}]""", false)]
    public async Task A_template_has_the_form_of_its_schema_whatever_its_actions_are(string steps, bool taken) =>
        Assert.Equal(taken, await TakenAsync(new JsonObject { ["apiVersion"] = "scaffolder.backstage.io/v1beta3", ["kind"] = "Template", ["metadata"] = new JsonObject { ["name"] = "x" }, ["spec"] = new JsonObject { ["type"] = "service", ["steps"] = JsonNode.Parse(steps) } }));

    [Fact]
    public async Task A_location_without_a_spec_is_refused() =>
        Assert.False(await TakenAsync(new JsonObject { ["apiVersion"] = "backstage.io/v1alpha1", ["kind"] = "Location", ["metadata"] = new JsonObject { ["name"] = "x" } }));

    private async Task<bool> TakenAsync(JsonObject entity)
    {
        using var client = server.Admin();
        using var answer = await client.PostAsJsonAsync("/api/catalog/validate-entity", new JsonObject { ["entity"] = entity, ["location"] = "url:https://example.com/catalog-info.yaml" }, Stop);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync(Stop));
        return answer.StatusCode == HttpStatusCode.OK;
    }
}
