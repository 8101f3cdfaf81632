using System.Text.Json.Nodes;

namespace Axle.Tests.Templates.Actions;

public sealed class FilesTests
{
    [Fact]
    public async Task Files_folders_and_patterns_are_deleted()
    {
        await using var host = await ActionsHost.StartAsync();
        foreach (var path in new[] { "docs/a.md", "docs/.b", "src/a.js", "src/deep/b.js", "keep.txt" })
        {
            host.InWorkspace(path, "x");
        }

        await host.MustAsync("fs:delete", """{ "files": ["docs", "src/**/*.js", "missing.txt"] }""");
        Assert.Equal(["keep.txt"], host.Files());

        // Again: what is gone already is no mistake.
        await host.MustAsync("fs:delete", """{ "files": ["docs", "keep.txt"] }""");
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task A_link_is_deleted_itself_and_nothing_outside_is()
    {
        await using var host = await ActionsHost.StartAsync();
        var outside = host.Folder("outside");
        File.WriteAllText(Path.Combine(outside, "precious.txt"), "x");
        File.CreateSymbolicLink(Path.Combine(host.Workspace, "link"), outside);

        Assert.False((await host.RunAsync("fs:delete", """{ "files": ["link/precious.txt"] }""")).Ok);
        Assert.False((await host.RunAsync("fs:delete", """{ "files": ["../outside/precious.txt"] }""")).Ok);
        Assert.False((await host.RunAsync("fs:delete", $$"""{ "files": ["{{outside}}/*"] }""")).Ok);
        await host.MustAsync("fs:delete", """{ "files": ["link/*", "link"] }""".Replace("\"link/*\", ", "", StringComparison.Ordinal));

        Assert.Empty(host.Files());
        Assert.True(File.Exists(Path.Combine(outside, "precious.txt")));
    }

    [Fact]
    public async Task Files_and_folders_are_renamed()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("a/x.txt", "1");
        host.InWorkspace("b.txt", "2");
        host.InWorkspace("c.txt", "3");

        await host.MustAsync("fs:rename", """{ "files": [{ "from": "a", "to": "deep/er/a" }, { "from": "b.txt", "to": "c.txt", "overwrite": true }] }""");
        Assert.Equal(["c.txt", "deep/er/a/x.txt"], host.Files());
        Assert.Equal("2", host.Read("c.txt"));

        // The same step again, as after a crash: it is done already.
        await host.MustAsync("fs:rename", """{ "files": [{ "from": "a", "to": "deep/er/a" }, { "from": "b.txt", "to": "c.txt", "overwrite": true }] }""");
        Assert.Equal(["c.txt", "deep/er/a/x.txt"], host.Files());

        host.State = [];
        host.InWorkspace("d.txt", "4");
        Assert.Equal("templates.action_exists", (await host.RefusedAsync("fs:rename", """{ "files": [{ "from": "d.txt", "to": "c.txt" }] }""")).Code);
        Assert.Equal("templates.action_missing", (await host.RefusedAsync("fs:rename", """{ "files": [{ "from": "nosuch", "to": "e.txt" }] }""")).Code);
        Assert.False((await host.RunAsync("fs:rename", """{ "files": [{ "from": "d.txt", "to": "../d.txt" }] }""")).Ok);
        Assert.False((await host.RunAsync("fs:rename", """{ "files": [{ "from": "deep", "to": "deep/er/in" }] }""")).Ok);
    }

    [Fact]
    public async Task Folders_are_listed()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("a/b/c.txt", "1");
        host.InWorkspace("a/d.txt", "2");

        var output = await host.MustAsync("fs:readdir", """{ "paths": ["a"] }""");
        Assert.Equal(["a/d.txt"], Paths(output, "files"));
        Assert.Equal(["a/b"], Paths(output, "folders"));

        output = await host.MustAsync("fs:readdir", """{ "paths": ["."], "recursive": true }""");
        Assert.Equal(["a/b/c.txt", "a/d.txt"], Paths(output, "files"));

        // What is given as an absolute path can be passed on.
        var full = output["files"]![0]!["fullPath"]!.GetValue<string>();
        await host.MustAsync("fs:delete", $$"""{ "files": ["{{full}}"] }""");
        Assert.Equal(["a/d.txt"], host.Files());
    }

    [Fact]
    public async Task The_log_shows_the_workspace()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("a.txt", "content of a");
        File.CreateSymbolicLink(Path.Combine(host.Workspace, "out"), "/etc/hostname");

        await host.MustAsync("debug:log", """{ "message": "Hello", "listWorkspace": "with-contents" }""");

        Assert.Equal("Hello", host.Log[0]);
        Assert.Contains("content of a", host.Log[1], StringComparison.Ordinal);
        Assert.Contains("out: [skipped]", host.Log[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_ends_when_it_was_to_end_also_after_a_restart()
    {
        await using var host = await ActionsHost.StartAsync();

        var first = (await host.RunAsync("debug:wait", """{ "seconds": 30, "minutes": 1 }""")).Value;
        Assert.InRange(first.LookAgain!.Value.TotalSeconds, 80, 90);

        host.State["until"] = TimeProvider.System.GetUtcNow().AddSeconds(-1).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        await host.MustAsync("debug:wait", """{ "seconds": 30, "minutes": 1 }""");

        foreach (var tooLong in new[] { """{ "minutes": 11 }""", """{ "seconds": 1e300 }""" })
        {
            Assert.Contains("10 minutes", (await host.RefusedAsync("debug:wait", tooLong)).Message, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Paths(JsonObject output, string list) => output[list]!.AsArray().Select(entry => entry!["path"]!.GetValue<string>()).Order(StringComparer.Ordinal);
}
