using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Tests.Templates.Actions;

public sealed class PublishAxleTests
{
    private const string Descriptor = """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: orders
        spec:
          type: service
          lifecycle: production
          owner: group:default/shop
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_workspace_becomes_the_first_commit()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("catalog-info.yaml", Descriptor);
        host.InWorkspace(".gitignore", "node_modules\n*.log\n");
        host.InWorkspace("node_modules/x/index.js", "x");
        host.InWorkspace("a.log", "x");
        host.InWorkspace("ümläut dir/file \"x\".txt", "x\r\n");
        host.InWorkspace(".gitattributes", "* text=auto eol=lf\n");
        File.CreateSymbolicLink(Path.Combine(host.Workspace, "link"), "catalog-info.yaml");

        var output = await host.MustAsync("publish:axle", """{ "repository": "orders" }""");

        Assert.Equal("http://axle.test/git/orders.git", output["remoteUrl"]!.GetValue<string>());
        Assert.Equal("http://axle.test/git/orders.git/tree/main", output["repoContentsUrl"]!.GetValue<string>());
        var commit = output["commitHash"]!.GetValue<string>();
        Assert.Equal([".gitattributes", ".gitignore", "catalog-info.yaml", "link", "ümläut dir/file \"x\".txt"], (await host.Repositories.ListAsync("orders", commit, Stop)).Order(StringComparer.Ordinal));
        Assert.Equal("x\r\n", await host.Repositories.ReadAsync("orders", commit, "ümläut dir/file \"x\".txt", Stop));
        var exported = host.Folder("exported");
        await host.Repositories.ExportAsync("orders", commit, exported, Stop);
        Assert.Equal("catalog-info.yaml", new FileInfo(Path.Combine(exported, "link")).LinkTarget);
    }

    [Fact]
    public async Task A_run_after_a_crash_takes_over_its_own_repository_and_nobody_elses()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("a.txt", "x");

        // Killed after the repository was made.
        host.State = new JsonObject { ["making"] = "orders" };
        await host.Repositories.CreateAsync("orders", Stop);
        var first = await host.MustAsync("publish:axle", """{ "repoUrl": "axle.test?owner=shop&repo=orders" }""");

        // Killed after the commit: the same answer, and no second commit.
        var second = await host.MustAsync("publish:axle", """{ "repoUrl": "axle.test?owner=shop&repo=orders" }""");
        Assert.Equal(first["commitHash"]!.GetValue<string>(), second["commitHash"]!.GetValue<string>());

        // Another task does not get it.
        host.State = [];
        Assert.Equal("templates.repository_exists", (await host.RefusedAsync("publish:axle", """{ "repository": "orders" }""")).Code);
        await host.Repositories.CreateAsync("empty", Stop);
        Assert.Equal("templates.repository_exists", (await host.RefusedAsync("publish:axle", """{ "repository": "empty" }""")).Code);
    }

    [Fact]
    public async Task A_name_that_is_none_an_empty_workspace_and_a_viewer_are_refused()
    {
        await using var host = await ActionsHost.StartAsync();
        Assert.False((await host.RunAsync("publish:axle", """{ "repository": "empty" }""")).Ok);

        host.State = [];
        host.InWorkspace("a.txt", "x");
        Assert.False((await host.RunAsync("publish:axle", """{ "repository": "../evil" }""")).Ok);
        Assert.False((await host.RunAsync("publish:axle", "{}")).Ok);
        Assert.False((await host.RunAsync("publish:axle", """{ "repository": "a", "sourcePath": "../.." }""")).Ok);
        Assert.Equal("ownership.role", (await host.RefusedAsync("publish:axle", """{ "repository": "x" }""", caller: host.Jane with { Role = Axle.Platform.Ownership.Role.Viewer })).Code);
    }

    [Fact]
    public async Task What_was_published_is_registered_with_its_repository_and_template()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("catalog-info.yaml", Descriptor + "\n---\napiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: { name: more }\nspec: { targets: [./apis/api.yaml] }\n");
        host.InWorkspace("apis/api.yaml", "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: { name: orders-api }\nspec: { type: openapi, lifecycle: production, owner: shop, definition: 'openapi: 3.0.0' }\n");
        var published = await host.MustAsync("publish:axle", """{ "repository": "orders" }""");

        var input = new JsonObject { ["repoContentsUrl"] = published["repoContentsUrl"]!.DeepClone(), ["catalogInfoPath"] = "/catalog-info.yaml" }.ToJsonString();
        var output = await host.MustAsync("catalog:register", input);

        Assert.Equal("component:default/orders", output["entityRef"]!.GetValue<string>());
        Assert.Equal("http://axle.test/git/orders.git/blob/main/catalog-info.yaml", output["catalogInfoUrl"]!.GetValue<string>());
        var component = host.Entities.Find(EntityRef.Of("component", "orders"))!;
        Assert.Equal("orders", component.Metadata.Annotations[Annotations.Repository]);
        Assert.Equal("template:default/sample", component.Metadata.Annotations[Annotations.SourceTemplate]);
        Assert.NotNull(host.Entities.Find(EntityRef.Of("api", "orders-api")));
        Assert.Null(host.Entities.Find(EntityRef.Of("location", "more")));

        // Again changes nothing; from another repository it is refused.
        await host.MustAsync("catalog:register", input);
        host.State = [];
        await host.MustAsync("publish:axle", """{ "repository": "second" }""");
        Assert.Equal("source.described_exists", (await host.RefusedAsync("catalog:register", """{ "repository": "http://axle.test/git/second.git" }""")).Code);
    }

    [Fact]
    public async Task What_somebody_else_owns_cannot_be_registered()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("catalog-info.yaml", Descriptor.Replace("shop", "other", StringComparison.Ordinal));
        await host.MustAsync("publish:axle", """{ "repository": "orders" }""");

        Assert.Equal("catalog.owner_not_yours", (await host.RefusedAsync("catalog:register", """{ "repository": "http://axle.test/git/orders.git" }""")).Code);
        var output = await host.MustAsync("catalog:register", """{ "repository": "http://axle.test/git/orders.git", "catalogInfoPath": "nosuch.yaml", "optional": true }""");
        Assert.False(output.ContainsKey("entityRef"));
        Assert.False((await host.RunAsync("catalog:register", """{ "repository": "http://axle.test/git/orders.git", "catalogInfoPath": "../../x.yaml" }""")).Ok);
    }
}
