using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Ownership;
using Axle.Platform.Source;
using Axle.Platform.Templates.Actions;
using Axle.Platform.Templates.Drift;
using Axle.Tests.Templates.Actions;

namespace Axle.Tests.Templates.Drift;

[Trait("Speed", "Slow")]
public sealed class TemplateDriftTests : IDisposable
{
    private const string Template = """
        apiVersion: scaffolder.backstage.io/v1beta3
        kind: Template
        metadata: { name: sample, title: Sample }
        spec:
          owner: group:default/shop
          type: service
          parameters:
            - properties:
                name: { type: string }
                greeting: { type: string, default: Hello }
                password: { type: string, ui:widget: password }
          steps:
            - id: fetch
              action: fetch:template
              input: { url: ./skeleton, values: { name: '${{ parameters.name }}', greeting: '${{ parameters.greeting }}' } }
            - id: publish
              action: publish:axle
              input: { repository: '${{ parameters.name }}' }
            - id: register
              action: catalog:register
              input: { repoContentsUrl: '${{ steps.publish.output.repoContentsUrl }}' }
        """;

    private const string Descriptor = """
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: { name: '${{ values.name }}' }
        spec: { type: service, lifecycle: production, owner: 'group:default/shop' }
        """;

    private readonly DirectoryInfo _templates = Directory.CreateTempSubdirectory("axle-drift-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Sample => Path.Combine(_templates.FullName, "sample");

    public void Dispose() => _templates.Delete(recursive: true);

    [Fact]
    public async Task What_the_template_changed_is_merged_with_what_people_changed()
    {
        await using var host = await StartAsync();
        await MadeAsync(host, "orders");
        await MadeAsync(host, "payments");
        Assert.All(await Drift(host).ListAsync(host.Jane, Stop), one => Assert.False(one.Behind, one.ToString()));

        // People and the template change different things, and one line both.
        await host.Repositories.CommitAsync("orders", [File("README.md", "# orders\n\n1\n2\n3\n4\n\nours\n"), File("config.txt", "mode=ours\n"), File("own.txt", "own")], "Ours", "user:default/jane", Stop);
        Skeleton("README.md", "# ${{ values.name }}, better\n\n1\n2\n3\n4\n\nend\n");
        Skeleton("config.txt", "mode=theirs\n");
        Skeleton("new.sh", "echo ${{ values.greeting }}\n");
        System.IO.File.Delete(Path.Combine(Sample, "skeleton/old.txt"));

        var drift = await Drift(host).ListAsync(host.Jane, Stop);
        Assert.All(drift, one => Assert.True(one.Behind));
        Assert.Equal(["README.md", "config.txt", "new.sh", "old.txt"], drift[0].Changed);

        var updates = (await Drift(host).UpdateAsync(new TemplateUpdateRequest(null, All: true), host.Jane, Stop)).Value;
        var orders = updates.Single(one => one.Component.Name == "orders");
        Assert.Equal(["config.txt"], orders.Conflicts);
        Assert.Empty(updates.Single(one => one.Component.Name == "payments").Conflicts);
        Assert.StartsWith("axle/template-update-", orders.Branch, StringComparison.Ordinal);
        Assert.Equal("# orders, better\n\n1\n2\n3\n4\n\nours\n", await ReadAsync(host, orders.Commit!, "README.md"));
        Assert.Equal("echo Hi\n", await ReadAsync(host, orders.Commit!, "new.sh"));
        Assert.Equal("own", await ReadAsync(host, orders.Commit!, "own.txt"));
        Assert.Null(await ReadAsync(host, orders.Commit!, "old.txt"));
        Assert.Contains("<<<<<<<", await ReadAsync(host, orders.Commit!, "config.txt"), StringComparison.Ordinal);

        // Asking again is the same branch; nothing of the default branch moved.
        var again = (await Drift(host).UpdateAsync(new TemplateUpdateRequest(["orders"]), host.Jane, Stop)).Value[0];
        Assert.Equal((orders.Branch, orders.Commit), (again.Branch, again.Commit));
        Assert.NotNull(await host.Repositories.ResolveAsync("orders", orders.Branch, Stop));
        Assert.Equal("mode=ours\n", await ReadAsync(host, (await host.Repositories.ResolveAsync("orders", null, Stop))!.Commit, "config.txt"));
    }

    [Fact]
    public async Task A_merged_update_is_the_base_of_the_next()
    {
        await using var host = await StartAsync();
        await MadeAsync(host, "orders");
        Skeleton("config.txt", "mode=second\n");
        var first = (await Drift(host).UpdateAsync(new TemplateUpdateRequest(["orders"]), host.Jane, Stop)).Value[0];
        await MergeAsync(host, "orders", first.Commit!);
        Assert.False((await Drift(host).ListAsync(host.Jane, Stop))[0].Behind);

        await host.Repositories.CommitAsync("orders", [File("own.txt", "own")], "Ours", "user:default/jane", Stop);
        Skeleton("config.txt", "mode=third\n");
        var second = (await Drift(host).UpdateAsync(new TemplateUpdateRequest(["orders"]), host.Jane, Stop)).Value[0];
        Assert.Empty(second.Conflicts);
        Assert.Equal("mode=third\n", await ReadAsync(host, second.Commit!, "config.txt"));

        // Somebody does it by hand instead: then there is nothing left to propose.
        await host.Repositories.CommitAsync("orders", [File("config.txt", "mode=third\n")], "By hand", "user:default/jane", Stop);
        var nothing = (await Drift(host).UpdateAsync(new TemplateUpdateRequest(["orders"]), host.Jane, Stop)).Value[0];
        Assert.Null(nothing.Branch);
        Assert.False(nothing.Refused);
        Assert.False((await Drift(host).ListAsync(host.Jane, Stop))[0].Behind);
    }

    [Fact]
    public async Task Secret_answers_are_not_kept_and_strangers_may_not_update()
    {
        await using var host = await StartAsync();
        await MadeAsync(host, "orders");

        var kept = (await host.Service<ITemplateHistory>().FindAsync("orders", Stop))!.How;
        Assert.Contains("\"greeting\":\"Hi\"", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", kept, StringComparison.Ordinal);

        Skeleton("config.txt", "mode=second\n");
        var stranger = new Caller { User = EntityRef.Of("user", "joe"), Role = Role.Member };
        var refused = (await Drift(host).UpdateAsync(new TemplateUpdateRequest(["orders"]), stranger, Stop)).Value[0];
        Assert.True(refused.Refused);
        Assert.Null(refused.Branch);
        Assert.Empty((await Drift(host).UpdateAsync(new TemplateUpdateRequest(null, All: true), stranger, Stop)).Value);
        Assert.Equal("templates.component_unknown", (await Drift(host).UpdateAsync(new TemplateUpdateRequest(["nosuch"]), host.Jane, Stop)).Error!.Code);
        Assert.Equal("templates.nothing_to_update", (await Drift(host).UpdateAsync(new TemplateUpdateRequest([]), host.Jane, Stop)).Error!.Code);
    }

    [Fact]
    public async Task A_template_that_is_gone_or_broken_is_said_and_stops_nobody_else()
    {
        await using var host = await StartAsync();
        await MadeAsync(host, "orders");
        Skeleton("config.txt", "${{ broken\n");

        var one = Assert.Single(await Drift(host).ListAsync(host.Jane, Stop));
        Assert.False(one.Behind);
        Assert.Contains("config.txt:1:", one.Unknown, StringComparison.Ordinal);
        Assert.True((await Drift(host).UpdateAsync(new TemplateUpdateRequest(["orders"]), host.Jane, Stop)).Value[0].Refused);
    }

    private static TemplateDrift Drift(ActionsHost host) => host.Service<TemplateDrift>();

    private static SourceFile File(string path, string text) => new(path, Encoding.UTF8.GetBytes(text));

    private static Task<string?> ReadAsync(ActionsHost host, string commit, string path) => host.Repositories.ReadAsync("orders", commit, path, Stop);

    private static async Task MergeAsync(ActionsHost host, string repository, string commit)
    {
        var folder = host.Repositories.Find(repository)!.Folder;
        var end = await new Axle.Platform.Processes.ProgramRunner(TimeProvider.System).RunAsync(new Axle.Platform.Processes.ProgramCall("git", ["update-ref", "refs/heads/main", commit]) { Folder = folder }, Stop);
        Assert.True(end.Ok, end.Errors);
    }

    private async Task<ActionsHost> StartAsync()
    {
        Skeleton("../template.yaml", Template);
        Skeleton("catalog-info.yaml", Descriptor);
        Skeleton("README.md", "# ${{ values.name }}\n\n1\n2\n3\n4\n\nend\n");
        Skeleton("config.txt", "mode=first\n");
        Skeleton("old.txt", "old\n");
        return await ActionsHost.StartAsync(new() { ["Templates:Folder"] = _templates.FullName });
    }

    private void Skeleton(string path, string text)
    {
        var file = Path.Combine(Sample, "skeleton", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        System.IO.File.WriteAllText(file, text);
    }

    /// <summary>Makes a component as the steps of the template would.</summary>
    private async Task MadeAsync(ActionsHost host, string name)
    {
        Directory.Delete(host.Workspace, recursive: true);
        Directory.CreateDirectory(host.Workspace);
        host.State = [];
        var origin = new TemplateOrigin(EntityRef.Of("template", "sample"), Sample, null, "v1");
        await host.MustAsync("fetch:template", $$"""{ "url": "./skeleton", "values": { "name": "{{name}}", "greeting": "Hi" } }""", origin);
        var published = await host.RunAsync("publish:axle", $$"""{ "repository": "{{name}}" }""", origin, parameters: new JsonObject { ["name"] = name, ["greeting"] = "Hi", ["password"] = "hunter2" });
        Assert.True(published.Ok, published.ToString());
        await host.MustAsync("catalog:register", $$"""{ "repoContentsUrl": "http://axle.test/git/{{name}}.git" }""", origin);
    }
}
