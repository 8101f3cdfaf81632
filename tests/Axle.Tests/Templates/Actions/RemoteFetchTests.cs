using System.Text;
using Axle.Contracts;
using Axle.Platform.Source;
using Axle.Platform.Templates.Actions;
using Axle.Tests.Source;

namespace Axle.Tests.Templates.Actions;

/// <summary>Templates whose files are on another host: here another platform's git server, on a real port.</summary>
[Trait("Speed", "Slow")]
public sealed class RemoteFetchTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static SourceFile File(string path, string text) => new(path, Encoding.UTF8.GetBytes(text));

    private static async Task<(SourceHost Host, string Root, string First)> ElsewhereAsync()
    {
        var elsewhere = await SourceHost.StartAsync();
        await elsewhere.Repositories.CreateAsync("public-golden", Stop);
        var first = (await elsewhere.Repositories.CommitAsync("public-golden", [File("node/template.yaml", "x"), File("node/skeleton/a.txt", "first ${{ values.name }}"), File("shared/b.txt", "b")], "first", "a", Stop)).Value;
        var folder = elsewhere.Repositories.Find("public-golden")!.Folder;
        await elsewhere.MustAsync(folder, "branch", "feature/x", first);
        await elsewhere.MustAsync(folder, "tag", "-a", "-m", "one", "v1", first);
        await elsewhere.Repositories.CommitAsync("public-golden", [File("node/skeleton/a.txt", "second ${{ values.name }}")], "second", "a", Stop);
        return (elsewhere, $"{elsewhere.Url}/git/public-golden", first);
    }

    private static Dictionary<string, string?> Allowing(SourceHost elsewhere) => new() { ["Catalog:ReadingAllow:0"] = new Uri(elsewhere.Url).Authority };

    [Fact]
    public async Task Pages_of_other_hosts_are_fetched_at_a_branch_a_tag_or_a_commit()
    {
        var (elsewhere, root, first) = await ElsewhereAsync();
        await using var _ = elsewhere;
        await using var host = await ActionsHost.StartAsync(Allowing(elsewhere));
        foreach (var (url, expected) in new[]
        {
            ($"{root}/tree/main/node/skeleton", "second orders"),
            ($"{root}/tree/feature/x/node/skeleton", "first orders"),
            ($"{root}/-/tree/v1/node/skeleton/", "first orders"),
            ($"{root}/src/branch/main/node/skeleton", "second orders"),
            ($"{root}/tree/{first}/node/skeleton", "first orders"),
        })
        {
            await host.MustAsync("fetch:template", $$"""{ "url": "{{url}}", "replace": true, "values": { "name": "orders" } }""");
            Assert.Equal(expected, host.Read("a.txt"));
        }

        await host.MustAsync("fetch:plain", $$"""{ "url": "{{root}}.git", "targetPath": "all" }""");
        Assert.Equal("b", host.Read("all/shared/b.txt"));
    }

    [Fact]
    public async Task Relative_addresses_are_from_the_templates_page_and_stay_in_its_repository()
    {
        var (elsewhere, root, _) = await ElsewhereAsync();
        await using var one = elsewhere;
        await using var host = await ActionsHost.StartAsync(Allowing(elsewhere));
        var origin = new TemplateOrigin(EntityRef.Of("template", "node"), null, new Uri($"{root}/blob/feature/x/node/template.yaml"));

        await host.MustAsync("fetch:template", """{ "url": "./skeleton", "values": { "name": "orders" } }""", origin);
        await host.MustAsync("fetch:plain:file", """{ "url": "../shared/b.txt", "targetPath": "b.txt" }""", origin);
        await host.MustAsync("fetch:plain:file", """{ "url": "/shared/b.txt", "targetPath": "c.txt" }""", origin);

        Assert.Equal("first orders", host.Read("a.txt"));
        Assert.Equal(["a.txt", "b.txt", "c.txt"], host.Files());
        Assert.Contains("outside", (await host.RefusedAsync("fetch:plain", """{ "url": "../../other" }""", origin)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Private_addresses_are_refused_for_git_and_for_files()
    {
        var (elsewhere, root, _) = await ElsewhereAsync();
        await using var one = elsewhere;
        await using var host = await ActionsHost.StartAsync();

        Assert.Contains("not a public address", (await host.RefusedAsync("fetch:plain", $$"""{ "url": "{{root}}/tree/main" }""")).Message, StringComparison.Ordinal);
        Assert.Contains("not a public address", (await host.RefusedAsync("fetch:plain:file", """{ "url": "http://169.254.169.254/latest", "targetPath": "x" }""")).Message, StringComparison.Ordinal);
        foreach (var url in new[] { "file:///etc", "ssh://git@github.com/a/b.git", "ext::sh -c id", "https://user:pw@github.com/a/b/tree/main" })
        {
            Assert.False((await host.RunAsync("fetch:plain", $$"""{ "url": "{{url}}" }""")).Ok);
        }

        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        var (elsewhere, root, _) = await ElsewhereAsync();
        await using var one = elsewhere;
        await using var host = await ActionsHost.StartAsync(Allowing(elsewhere));

        Assert.Equal("source.revision_unknown", (await host.RefusedAsync("fetch:plain", $$"""{ "url": "{{root}}/tree/nosuch/x" }""")).Code);
        Assert.Equal("templates.action_source", (await host.RefusedAsync("fetch:plain", $$"""{ "url": "{{root}}/tree/main/nosuch" }""")).Code);
        Assert.False((await host.RunAsync("fetch:plain", $$"""{ "url": "{{elsewhere.Url}}/git/public-nosuch/tree/main" }""")).Ok);
        var data = host.Service<Axle.Platform.PlatformOptions>().DataFolder;
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(data, "run/fetched")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(data, "run/remote")));
    }

    [Theory]
    [InlineData("https://github.com/o/r/tree/main/a/b", "https://github.com/o/r.git", "main/a/b")]
    [InlineData("https://github.com/o/r", "https://github.com/o/r.git", "")]
    [InlineData("https://github.com/o/r.git", "https://github.com/o/r.git", "")]
    [InlineData("https://raw.githubusercontent.com/o/r/main/a.txt", "https://github.com/o/r.git", "main/a.txt")]
    [InlineData("https://gitlab.com/g/sub/r/-/blob/main/a.txt", "https://gitlab.com/g/sub/r.git", "main/a.txt")]
    [InlineData("https://gitlab.com/g/sub/r/tree/main", "https://gitlab.com/g/sub/r.git", "main")]
    [InlineData("https://gitea.com/o/r/src/branch/main/a", "https://gitea.com/o/r.git", "main/a")]
    [InlineData("https://bitbucket.org/w/r/src/master/a", "https://bitbucket.org/w/r.git", "master/a")]
    [InlineData("https://bb.corp/projects/P/repos/r/browse/a?at=refs%2Fheads%2Fdev", "https://bb.corp/scm/P/r.git", "dev/a")]
    public void A_page_names_a_repository_a_revision_and_a_path(string address, string repository, string rest)
    {
        var page = RemotePage.Parse(new Uri(address))!;
        Assert.Equal(repository, page.Repository.ToString());
        Assert.Equal(rest, page.RevisionAndPath);
    }
}
