using Axle.Platform.Catalog;
using Axle.Tests.Server;

namespace Axle.Tests.Catalog;

public sealed class CatalogKindsTests
{
    // kind, spec, paths of the problems
    public static TheoryData<string, string, string[]> Specs => new()
    {
        { "Component", """{"type":"service","lifecycle":"production","owner":"shop"}""", [] },
        { "Component", """{"type":"service","lifecycle":"production","owner":"shop","anything":{"else":1}}""", [] },
        { "Component", """{"type":"service","lifecycle":"production"}""", ["spec.owner"] },
        { "Component", "{}", ["spec.type", "spec.lifecycle", "spec.owner"] },
        { "Component", """{"type":"","lifecycle":7,"owner":"group:"}""", ["spec.type", "spec.lifecycle", "spec.owner"] },
        { "Component", """{"type":"service","lifecycle":"production","owner":"shop","dependsOn":["resource:db"]}""", [] },
        { "Component", """{"type":"service","lifecycle":"production","owner":"shop","dependsOn":["resource:db","db"]}""", ["spec.dependsOn[1]"] },
        { "Component", """{"type":"service","lifecycle":"production","owner":"shop","providesApis":"orders"}""", ["spec.providesApis"] },
        { "API", """{"type":"openapi","lifecycle":"production","owner":"shop"}""", ["spec.definition"] },
        { "API", """{"type":"mcp-server","lifecycle":"production","owner":"shop","remotes":[]}""", [] },
        { "Group", """{"type":"team","children":[]}""", [] },
        { "Group", """{"type":"team"}""", ["spec.children"] },
        { "User", "{}", [] },
        { "User", """{"memberOf":[""]}""", ["spec.memberOf"] },
        { "System", "{}", ["spec.owner"] },
        { "Domain", """{"owner":"shop"}""", [] },
        { "Resource", """{"owner":"shop"}""", ["spec.type"] },
        { "Location", """{"type":"url","targets":["https://example.org/catalog-info.yaml"]}""", [] },
        { "Template", """{"type":"service","steps":[]}""", [] },
        { "Template", """{"type":"service"}""", ["spec.steps"] },
    };

    [Theory, MemberData(nameof(Specs))]
    public void A_spec_is_checked_by_backstages_rules(string kind, string spec, string[] paths) =>
        Assert.Equal(paths, Of(kind).Check(TestServer.Json(kind, "x", spec)).Select(problem => problem.Path));

    // kind, spec, edges
    public static TheoryData<string, string, string[]> Edges => new()
    {
        { "Component", """{"owner":"shop","system":"store","providesApis":["orders"],"consumesApis":["pay/money"],"dependsOn":["resource:db"],"dependencyOf":["component:web"],"subcomponentOf":"whole"}""",
            ["ownedBy group:default/shop", "partOf system:default/store", "partOf component:default/whole", "providesApi api:default/orders", "consumesApi api:pay/money", "dependsOn resource:default/db", "dependencyOf component:default/web"] },
        { "Component", """{"owner":"user:jane"}""", ["ownedBy user:default/jane"] },
        { "System", """{"owner":"shop","domain":"sales"}""", ["ownedBy group:default/shop", "partOf domain:default/sales"] },
        { "Group", """{"type":"team","children":["a"],"parent":"b","members":["jane"]}""", ["parentOf group:default/a", "childOf group:default/b", "hasMember user:default/jane"] },
        { "User", """{"memberOf":["a","other/b"]}""", ["memberOf group:default/a", "memberOf group:other/b"] },
        { "Template", """{"owner":"user:jane"}""", ["ownedBy user:default/jane"] },
        { "AiResource", """{"type":"plugin","owner":"ai","skills":["lint"],"plugins":["its own"]}""", ["ownedBy group:default/ai", "hasPart airesource:default/lint"] },
        { "AiResource", """{"type":"skill","owner":"ai","dependsOn":["git"],"skills":3}""", ["ownedBy group:default/ai", "dependsOn airesource:default/git"] },
    };

    [Theory, MemberData(nameof(Edges))]
    public void Fields_become_edges_with_backstages_default_kinds(string kind, string spec, string[] edges) =>
        Assert.Equal(edges, Of(kind).Relations(TestServer.Json(kind, "x", spec)).Select(edge => $"{edge.Type} {edge.TargetRef}"));

    [Fact]
    public void A_bare_name_means_the_namespace_of_the_entity_that_says_it()
    {
        var entity = TestServer.Component("x", "shop");
        var elsewhere = entity with { Metadata = entity.Metadata with { Namespace = "europe" } };
        Assert.Equal("group:europe/shop", Assert.Single(CatalogKinds.Component.Relations(elsewhere)).TargetRef.ToString());
    }

    [Fact]
    public void A_mistyped_role_is_refused()
    {
        Assert.Empty(CatalogKinds.User.Check(TestServer.Json("User", "x", "{}", "Admin")));
        Assert.Single(CatalogKinds.User.Check(TestServer.Json("User", "x", "{}", "root")));
        Assert.Single(CatalogKinds.User.Check(TestServer.Json("User", "x", "{}", "2")));
    }

    private static BackstageKind Of(string kind) => CatalogKinds.All.Single(one => one.Name == kind);
}
