using Axle.Contracts;
using Axle.Platform.Templates.Actions;

namespace Axle.Tests.Templates.Actions;

public sealed class FetchTemplateTests
{
    private static Axle.Platform.Source.SourceFile Source(string path, string text) => new(path, System.Text.Encoding.UTF8.GetBytes(text));

    private const string Orders = """{ "url": "./skeleton", "values": { "name": "orders", "on": true, "off": false } }""";

    [Fact]
    public async Task Names_and_contents_are_templates()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/README.md", "# ${{ values.name }}\n");
        host.Given("skeleton/src/${{ values.name }}/${{ values.name | upper }}.txt", "{{ not ours }} ${{ values.name | title }}");
        host.Given("skeleton/.github/workflows/ci.yaml", "on: ${{ '${{ github.ref }}' }}\n");

        await host.MustAsync("fetch:template", Orders);

        Assert.Equal([".github/workflows/ci.yaml", "README.md", "src/orders/ORDERS.txt"], host.Files());
        Assert.Equal("# orders\n", host.Read("README.md"));
        Assert.Equal("{{ not ours }} Orders", host.Read("src/orders/ORDERS.txt"));
        Assert.Equal("on: ${{ github.ref }}\n", host.Read(".github/workflows/ci.yaml"));
    }

    [Fact]
    public async Task A_name_that_becomes_empty_leaves_out_its_file_or_folder()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/${% if values.on %}on.txt${% endif %}", "on");
        host.Given("skeleton/{% if values.on %}yes.txt{% endif %}", "yes");
        host.Given("skeleton/{% if values.off %}no.txt{% endif %}", "no");
        host.Given("skeleton/{% if values.off %}folder{% endif %}/inside.txt", "no");
        host.Given("skeleton/deep/${{ values.nothing }}/inside.txt", "no");

        await host.MustAsync("fetch:template", Orders);

        Assert.Equal(["$on.txt$", "yes.txt"], host.Files());
        Assert.True(Directory.Exists(Path.Combine(host.Workspace, "deep")));
    }

    [Fact]
    public async Task Binary_files_links_and_modes_are_kept()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/run.sh", "#!/bin/sh\necho ${{ values.name }}\n", executable: true);
        File.WriteAllBytes(Path.Combine(host.Template, "skeleton/logo.bin"), [0x24, 0x7b, 0x7b, 0, 1, 2, 3, .. "${{ values.name }}"u8]);
        File.CreateSymbolicLink(Path.Combine(host.Template, "skeleton/link"), "run.sh");

        await host.MustAsync("fetch:template", Orders);

        Assert.Equal(["link -> run.sh", "logo.bin", "run.sh*"], host.Files());
        Assert.Equal("#!/bin/sh\necho orders\n", host.Read("run.sh"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(host.Template, "skeleton/logo.bin")), File.ReadAllBytes(Path.Combine(host.Workspace, "logo.bin")));
    }

    [Fact]
    public async Task What_exists_stays_unless_it_is_to_be_replaced()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/a.txt", "new ${{ values.name }}");
        host.InWorkspace("a.txt", "old");

        await host.MustAsync("fetch:template", Orders);
        Assert.Equal("old", host.Read("a.txt"));

        await host.MustAsync("fetch:template", """{ "url": "./skeleton", "replace": true, "values": { "name": "orders" } }""");
        Assert.Equal("new orders", host.Read("a.txt"));
    }

    [Theory]
    [InlineData("""["raw"]""")]
    [InlineData("""["raw/**"]""")]
    [InlineData("""["**/*.txt", "!other.txt"]""")]
    [InlineData("""["raw/*.{md,txt}", "raw/.hidden.txt"]""")]
    public async Task Some_contents_are_copied_but_their_names_are_still_templates(string patterns)
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/raw/${{ values.name }}.txt", "${{ values.name }}");
        host.Given("skeleton/raw/.hidden.txt", "${{ values.name }}");
        host.Given("skeleton/other.txt", "${{ values.name }}");

        await host.MustAsync("fetch:template", $$"""{ "url": "./skeleton", "copyWithoutTemplating": {{patterns}}, "values": { "name": "orders" } }""");

        Assert.Equal("${{ values.name }}", host.Read("raw/orders.txt"));
        Assert.Equal("${{ values.name }}", host.Read("raw/.hidden.txt"));
        Assert.Equal("orders", host.Read("other.txt"));
    }

    [Fact]
    public async Task The_older_name_of_copying_means_nothing_any_more_as_in_Backstage_and_that_is_said()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/a.txt", "${{ values.name }}");

        await host.MustAsync("fetch:template", """{ "url": "./skeleton", "copyWithoutRender": ["*.txt"], "values": { "name": "orders" } }""");

        Assert.Equal("orders", host.Read("a.txt"));
        Assert.Contains(host.Log, line => line.Contains("copyWithoutRender", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_files_with_the_extension_are_templates_and_lose_it()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/${{ values.name }}.md.njk", "${{ values.name }}");
        host.Given("skeleton/${{ values.name }}.txt", "${{ values.name }}");

        await host.MustAsync("fetch:template", """{ "url": "./skeleton", "templateFileExtension": true, "values": { "name": "orders" } }""");

        Assert.Equal(["orders.md", "orders.txt"], host.Files());
        Assert.Equal("orders", host.Read("orders.md"));
        Assert.Equal("${{ values.name }}", host.Read("orders.txt"));
    }

    [Fact]
    public async Task Cookiecutters_and_trimmed_blocks_are_rendered()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/{{cookiecutter.name}}.txt", "{% if cookiecutter.name %}\n{{ cookiecutter.name | jsonify }}\n{% endif %}\n");

        await host.MustAsync("fetch:template", """{ "url": "./skeleton", "targetPath": "out", "cookiecutterCompat": true, "trimBlocks": true, "values": { "name": "orders" } }""");

        Assert.Equal("\"orders\"\n", host.Read("out/orders.txt"));
    }

    [Fact]
    public async Task A_mistake_says_where_it_is()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/src/app.js", "one\ntwo ${{ values.name | nosuch }}\n");

        var error = await host.RefusedAsync("fetch:template", Orders);

        Assert.Contains("src/app.js:2:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("./skeleton/../../outside")]
    [InlineData("/etc")]
    [InlineData("./linked")]
    [InlineData("./linked/outside")]
    [InlineData("./nosuch")]
    public async Task A_skeleton_cannot_be_outside_of_the_template(string url)
    {
        await using var host = await ActionsHost.StartAsync();
        Directory.CreateDirectory(Path.Combine(host.Template, "../outside"));
        File.CreateSymbolicLink(Path.Combine(host.Template, "linked"), "..");

        var error = await host.RefusedAsync("fetch:template", $$"""{ "url": "{{url}}" }""");

        Assert.Equal("templates.action_source", error.Code);
        Assert.Empty(host.Files());
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../other")]
    [InlineData("/tmp/elsewhere")]
    [InlineData("a/../../b")]
    public async Task Nothing_is_written_outside_of_the_workspace(string target)
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/a.txt", "x");

        foreach (var action in new[] { "fetch:template", "fetch:plain" })
        {
            var error = await host.RefusedAsync(action, $$"""{ "url": "./skeleton", "targetPath": "{{target}}" }""");
            Assert.Equal("templates.action_path", error.Code);
        }
    }

    [Fact]
    public async Task A_rendered_name_does_not_lead_out()
    {
        await using var host = await ActionsHost.StartAsync();
        host.Given("skeleton/${{ values.where }}", "x");

        foreach (var where in new[] { "../x", "a/../../x", "../../../etc/x" })
        {
            await host.RefusedAsync("fetch:template", $$"""{ "url": "./skeleton", "values": { "where": "{{where}}" } }""");
        }

        await host.MustAsync("fetch:template", """{ "url": "./skeleton", "values": { "where": "a/../x" } }""");
        Assert.Equal(["x"], host.Files());
    }

    [Fact]
    public async Task A_chain_of_links_does_not_lead_out()
    {
        // CVE-2024-26150: each link by itself looks as if it stayed inside.
        await using var host = await ActionsHost.StartAsync();
        Directory.CreateDirectory(Path.Combine(host.Template, "skeleton/a/b"));
        File.CreateSymbolicLink(Path.Combine(host.Template, "skeleton/up"), "a/b/../../..");
        File.CreateSymbolicLink(Path.Combine(host.Template, "skeleton/one"), "a");
        File.CreateSymbolicLink(Path.Combine(host.Template, "skeleton/a/two"), "../..");
        File.CreateSymbolicLink(Path.Combine(host.Template, "skeleton/abs"), "/etc");

        foreach (var action in new[] { "fetch:template", "fetch:plain" })
        {
            await host.MustAsync(action, """{ "url": "./skeleton" }""");
            Assert.Equal(["one -> a"], host.Files());
            Assert.Contains(host.Log, line => line.Contains("left out", StringComparison.Ordinal));
        }

        // Where a link leads can be made worse afterwards; writing through it is refused then.
        host.Given("again/secret.txt", "x");
        Directory.Delete(Path.Combine(host.Workspace, "a"), recursive: true);
        File.CreateSymbolicLink(Path.Combine(host.Workspace, "a"), "..");
        var error = await host.RefusedAsync("fetch:plain", """{ "url": "./again", "targetPath": "one" }""");
        Assert.Equal("files.path_refused", error.Code);
        Assert.False(File.Exists(Path.Combine(host.Workspace, "../secret.txt")));
    }

    [Fact]
    public async Task Values_of_a_template_reach_neither_files_nor_functions()
    {
        await using var host = await ActionsHost.StartAsync();
        foreach (var hostile in new[] { "{% include '/etc/passwd' %}", "${{ values.constructor.constructor('return process')() }}", "{% import '/etc/passwd' as x %}", "${{ range.constructor('return this')() }}" })
        {
            host.Given("skeleton/a.txt", hostile);
            await host.RefusedAsync("fetch:template", Orders);
            Assert.Empty(host.Files());
        }
    }

    [Fact]
    public async Task Files_come_from_the_platforms_own_repositories_at_a_revision()
    {
        await using var host = await ActionsHost.StartAsync();
        await host.Repositories.CreateAsync("golden", TestContext.Current.CancellationToken);
        var first = await host.Repositories.CommitAsync("golden", [Source("skeleton/a.txt", "first ${{ values.name }}"), Source("template.yaml", "x")], "first", "user:default/jane", TestContext.Current.CancellationToken);
        await host.Repositories.CommitAsync("golden", [Source("skeleton/a.txt", "second ${{ values.name }}")], "second", "user:default/jane", TestContext.Current.CancellationToken);

        await host.MustAsync("fetch:template", """{ "url": "http://axle.test/git/golden.git/tree/main/skeleton", "values": { "name": "orders" } }""");
        Assert.Equal("second orders", host.Read("a.txt"));

        // Relative to the template, with its revision.
        var origin = new TemplateOrigin(EntityRef.Of("template", "golden"), null, new Uri($"http://axle.test/git/golden.git/blob/{first.Value}/template.yaml"));
        await host.MustAsync("fetch:template", """{ "url": "./skeleton", "targetPath": "old", "values": { "name": "orders" } }""", origin);
        Assert.Equal("first orders", host.Read("old/a.txt"));

        await host.MustAsync("fetch:template:file", """{ "url": "/skeleton/a.txt", "targetPath": "one.txt", "values": { "name": "one" } }""", origin);
        Assert.Equal("first one", host.Read("one.txt"));
        await host.MustAsync("fetch:plain:file", """{ "url": "./skeleton/a.txt", "targetPath": "two.txt" }""", origin);
        Assert.Equal("first ${{ values.name }}", host.Read("two.txt"));

        var outside = await host.RefusedAsync("fetch:template", """{ "url": "../../other.git/tree/main" }""", origin);
        Assert.Contains("outside", outside.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(host.Service<Axle.Platform.PlatformOptions>().DataFolder, "run/fetched")));
    }

    [Fact]
    public async Task A_folder_of_the_workspace_is_rendered_into_another()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("from/${{ values.name }}.txt", "${{ values.name }}");

        await host.MustAsync("workspace:template", """{ "sourcePath": "from", "targetPath": "to", "values": { "name": "orders" } }""");
        Assert.Equal("orders", host.Read("to/orders.txt"));

        await host.MustAsync("workspace:template:file", """{ "sourcePath": "from/${{ values.name }}.txt", "targetPath": "one.txt", "values": { "name": "one" } }""");
        Assert.Equal("one", host.Read("one.txt"));

        await host.RefusedAsync("workspace:template", """{ "sourcePath": "from", "targetPath": "from/inside" }""");
        await host.RefusedAsync("workspace:template", """{ "sourcePath": "..", "targetPath": "to" }""");
    }
}
