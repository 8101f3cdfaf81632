using System.Text.Json.Nodes;
using Axle.Platform.Source;
using Axle.Platform.Templates.Nunjucks;
using Axle.Tests.Server;
using Axle.Tests.Templates.Nunjucks;

namespace Axle.Tests.Templates;

/// <summary>
/// What was published against Backstage's scaffolder, done to this platform: by templates that somebody registers and somebody
/// runs, over HTTP. docs/vulnerabilities.md lists them all.
/// </summary>
public sealed class PublishedVulnerabilitiesTests(HostileServer host) : IClassFixture<HostileServer>
{
    private const string Token = "Zq7w-geheim-Lk93";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A name that no other row has.</summary>
    private static string Name => "v-" + Guid.NewGuid().ToString("N")[..12];

    public static TheoryData<string> Escapes => new()
    {
        "range.constructor('return process')().mainModule.require('child_process').execSync('touch MARK')",
        "({}).constructor.constructor('return this')().process.mainModule.require('child_process').execSync('touch MARK')",
        "parameters['__proto__']['constructor']['constructor']('return process.env')()",
        "cycler.__init__.__globals__.os.popen('touch MARK').read()",
        "joiner.call.constructor('return globalThis')()",
        "''.sub.constructor.prototype.apply.bind({})",
        "(r/a/g).constructor('x').exec.constructor('return process')()",
        "parameters.name.replace.constructor('return process')()",
        "[].map.constructor('return process')()",
        "import('child_process')",
        "Error.prepareStackTrace",
        "globalThis.process.exit()",
        "caller.constructor.constructor('return process')()",
        "context.task.constructor.constructor('return process')()",
    };

    /// <summary>GHSA-2g8g-63j4-9w3r: code in templates ran on the host. CVE-2023-35926: and did so again out of its sandbox.</summary>
    [Theory, MemberData(nameof(Escapes))]
    public async Task Code_in_a_template_is_not_run(string expression)
    {
        var (name, mark) = (Name, Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")));
        expression = expression.Replace("MARK", mark, StringComparison.Ordinal);
        var quoted = JsonValue.Create($"Says ${{{{ {expression} }}}}")!.ToJsonString();
        await host.TemplateAsync(
            name,
            $$$"""[{"action": "debug:log", "input": {"message": {{{quoted}}}}}, {"action": "fetch:template", "input": {"url": "./skeleton", "values": {"name": "x"} }}, {"action": "debug:log", "input": {"listWorkspace": "with-contents"}}]""",
            [HostileServer.FileOf("skeleton/a.txt", $"${{{{ {expression} }}}}\n{{% set x = {expression} %}}${{{{ x.env.PATH }}}}")]);

        var (_, told) = await host.RunAsync(name, """{"name": "x"}""");

        Assert.False(File.Exists(mark));
        Assert.DoesNotContain(Environment.GetEnvironmentVariable("PATH")!, told, StringComparison.Ordinal);
        Assert.DoesNotContain("[object", told, StringComparison.Ordinal);
        Assert.DoesNotContain("native code", told, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Writes => new()
    {
        { "fetch:plain", """{"url": "./skeleton", "targetPath": "WHERE"}""" },
        { "fetch:plain:file", """{"url": "./skeleton/a.txt", "targetPath": "WHERE/a.txt"}""" },
        { "fetch:template", """{"url": "./skeleton", "targetPath": "WHERE"}""" },
        { "fetch:template", """{"url": "./named", "values": {"where": "WHERE"}}""" },
        { "fetch:template:file", """{"url": "./skeleton/a.txt", "targetPath": "WHERE/a.txt"}""" },
        { "workspace:template", """{"sourcePath": ".", "targetPath": "WHERE"}""" },
        { "fs:rename", """{"files": [{"from": "present.txt", "to": "WHERE/a.txt", "overwrite": true}]}""" },
        { "catalog:write", """{"filePath": "WHERE/a.txt", "entity": {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "x"}}}""" },
        { "roadiehq:utils:fs:write", """{"path": "WHERE/a.txt", "content": "x"}""" },
        { "roadiehq:utils:fs:append", """{"path": "WHERE/a.txt", "content": "x"}""" },
        { "roadiehq:utils:zip", """{"path": "present.txt", "outputPath": "WHERE/a.txt"}""" },
        { "roadiehq:utils:json:merge", """{"path": "WHERE/a.txt", "content": {"a": 1}}""" },
    };

    /// <summary>CVE-2021-43783: a template, or an answer to it, wrote files anywhere on the host.</summary>
    [Theory, MemberData(nameof(Writes))]
    public async Task Nothing_is_written_outside_of_the_tasks_files(string action, string input)
    {
        var (name, outside) = (Name, Directory.CreateTempSubdirectory("axle-outside-").FullName);
        await host.TemplateAsync(
            name,
            $$$"""[{"action": "roadiehq:utils:fs:write", "input": {"path": "present.txt", "content": "x"}}, {"id": "it", "action": "{{{action}}}", "input": {{{input.Replace("WHERE", "${{ parameters.where }}", StringComparison.Ordinal)}}}}]""",
            [HostileServer.FileOf("skeleton/a.txt", "x"), HostileServer.FileOf("named/${{ values.where }}/a.txt", "x")]);

        foreach (var where in (string[])[outside, "../../../../../../../../../.." + outside, "../out", "a/../../out", "./../out"])
        {
            var (status, told) = await host.RunAsync(name, new JsonObject { ["where"] = where }.ToJsonString());

            // A rendered name with two slashes is no name, as in Backstage; everything else is a refusal.
            Assert.True(status == "failed" || input.Contains("named", StringComparison.Ordinal), told);
            Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
            Assert.DoesNotContain("out", Directory.EnumerateFileSystemEntries(Path.Combine(host.Server.Folder, "tasks"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
        }

        Directory.Delete(outside);
    }

    public static TheoryData<string, string> Reads => new()
    {
        { "publish:github:pull-request", """{"repoUrl": "HOST?owner=a&repo=b", "branchName": "b", "title": "t", "description": "d", "sourcePath": "WHERE"}""" },
        { "publish:github", """{"repoUrl": "HOST?owner=a&repo=b", "sourcePath": "WHERE"}""" },
        { "publish:axle", """{"repository": "NAME-out", "sourcePath": "WHERE"}""" },
        { "workspace:template", """{"sourcePath": "WHERE", "targetPath": "copy"}""" },
        { "fetch:plain", """{"url": "WHERE"}""" },
        { "fs:readdir", """{"paths": ["WHERE"]}""" },
        { "roadiehq:utils:fs:parse", """{"path": "WHERE/admin.token"}""" },
        { "roadiehq:utils:zip", """{"path": "WHERE", "outputPath": "all.zip"}""" },
        { "fs:rename", """{"files": [{"from": "WHERE/admin.token", "to": "a.txt"}]}""" },
    };

    /// <summary>CVE-2021-41151: publish:github:pull-request sent files of the host, by its sourcePath.</summary>
    [Theory, MemberData(nameof(Reads))]
    public async Task Nothing_is_read_outside_of_the_tasks_files(string action, string input)
    {
        var name = Name;
        await host.TemplateAsync(name, $$$"""[{"id": "it", "action": "{{{action}}}", "input": {{{Filled(input, "${{ parameters.where }}", name)}}}}, {"if": "${{ always() }}", "action": "debug:log", "input": {"listWorkspace": "with-contents", "message": "${{ steps.it.output | dump }}"}}]""");
        var asked = host.Asked.Count;

        foreach (var where in (string[])[host.Server.Folder, "../../..", "../../../.", "x/../../../.."])
        {
            var (status, told) = await host.RunAsync(name, new JsonObject { ["where"] = where }.ToJsonString());

            Assert.True(status == "failed", told);
            Assert.DoesNotContain(host.Server.AdminToken, told, StringComparison.Ordinal);
            Assert.DoesNotContain("secrets.db", told, StringComparison.Ordinal);
        }

        Assert.Equal(asked, host.Asked.Count);
        Assert.False(host.Git.Exists($"{name}-out"));
        Assert.True(File.Exists(Path.Combine(host.Server.Folder, "admin.token")));
    }

    /// <summary>
    /// CVE-2024-26150 and CVE-2026-24047: the check of paths was led out by chains of links that each look harmless, and by links to
    /// what is not there yet.
    /// </summary>
    [Fact]
    public async Task A_chain_of_links_and_one_that_dangles_lead_nowhere()
    {
        var name = Name;
        var target = Path.Combine(host.Server.Folder, "made-by-a-link.txt");
        SourceFile[] links =
        [
            HostileServer.Link("skeleton/one", "two"), HostileServer.Link("skeleton/two", "three"), HostileServer.Link("skeleton/three", "../../.."), HostileServer.Link("skeleton/d/up", "../.."), HostileServer.Link("skeleton/up2", "d/up/up3"),
            HostileServer.Link("skeleton/dangling", "../../../made-by-a-link.txt"), HostileServer.Link("skeleton/absolute", target), HostileServer.Link("skeleton/later", "d/later2"), HostileServer.Link("skeleton/d/later2", "../not-yet/../../../../made-by-a-link.txt"),
            HostileServer.FileOf("skeleton/a.txt", "a"),
        ];
        string[] places = ["one/made-by-a-link.txt", "two/made-by-a-link.txt", "dangling", "absolute", "later", "up2", "d/up/made-by-a-link.txt"];
        foreach (var place in places)
        {
            var one = Name;
            await host.TemplateAsync(one, $$$"""[{"action": "fetch:plain", "input": {"url": "./skeleton"}}, {"action": "roadiehq:utils:fs:write", "input": {"path": "{{{place}}}", "content": "x"}}]""", links);

            await host.RunAsync(one);

            Assert.False(File.Exists(target), place);
            Assert.DoesNotContain("made-by-a-link.txt", Directory.EnumerateFiles(host.Server.Folder).Select(Path.GetFileName));
        }

        // And what they point to comes neither into a repository nor into another folder.
        await host.TemplateAsync(name, $$$"""[{"action": "fetch:template", "input": {"url": "./skeleton"}}, {"action": "publish:axle", "input": {"repository": "{{{name}}}-out"}}]""", links);
        Assert.Equal("completed", (await host.RunAsync(name)).Status);
        var head = (await host.Git.ResolveAsync($"{name}-out", null, Stop))!.Commit;
        Assert.DoesNotContain(await host.Git.ListAsync($"{name}-out", head, Stop), path => path.Contains("made", StringComparison.Ordinal) || path.Contains("three", StringComparison.Ordinal) || path.Contains("absolute", StringComparison.Ordinal));
    }

    public static TheoryData<string, string> Through => new()
    {
        { "debug:log", """{"listWorkspace": "with-contents"}""" },
        { "fs:delete", """{"files": ["LINK/admin.token"]}""" },
        { "fs:delete", """{"files": ["LINK/*", "LINK/**", "**/admin.token"]}""" },
        { "fs:rename", """{"files": [{"from": "LINK/admin.token", "to": "a.txt"}]}""" },
        { "fs:readdir", """{"paths": ["LINK"], "recursive": true}""" },
        { "fs:readdir", """{"paths": ["."], "recursive": true}""" },
        { "roadiehq:utils:fs:parse", """{"path": "LINK/admin.token"}""" },
        { "roadiehq:utils:fs:parse", """{"path": "file"}""" },
        { "roadiehq:utils:fs:replace", """{"files": [{"file": "LINK/*", "find": "axl", "replaceWith": "x"}, {"file": "**", "find": "axl", "replaceWith": "x", "includeDotFiles": true}]}""" },
        { "roadiehq:utils:zip", """{"path": ".", "outputPath": "all.zip"}""" },
        { "workspace:template", """{"sourcePath": "LINK", "targetPath": "copy"}""" },
        { "publish:axle", """{"repository": "NAME-out"}""" },
    };

    /// <summary>CVE-2026-24046: debug:log showed, fs:delete removed and archives wrote what links in the workspace point to.</summary>
    [Theory, MemberData(nameof(Through))]
    public async Task Actions_do_not_reach_through_links(string action, string input)
    {
        var name = Name;
        var token = File.ReadAllText(Path.Combine(host.Server.Folder, "admin.token"));

        // Links out of it are left out at once. Where one stands all the same, it was made by one that stays within: the folder a is
        // taken away from under it.
        await host.TemplateAsync(
            name,
            $$$"""[{"action": "fetch:plain", "input": {"url": "./skeleton"}}, {"action": "fs:rename", "input": {"files": [{"from": "a/b/c/link", "to": "link"}, {"from": "a/b/c/file", "to": "file"}]}}, {"id": "it", "action": "{{{action}}}", "input": {{{Filled(input, "x", name)}}}}, {"if": "${{ always() }}", "action": "debug:log", "input": {"listWorkspace": "with-contents", "message": "${{ steps.it.output | dump }}"}}]""",
            [HostileServer.Link("skeleton/a/b/c/link", "../../.."), HostileServer.Link("skeleton/a/b/c/file", "../../../admin.token"), HostileServer.Link("skeleton/absolute", host.Server.Folder), HostileServer.FileOf("skeleton/admin.token", "of the template")]);

        var (_, told) = await host.RunAsync(name);

        Assert.Equal(token, File.ReadAllText(Path.Combine(host.Server.Folder, "admin.token")));
        Assert.DoesNotContain(token.Trim(), told, StringComparison.Ordinal);
        Assert.DoesNotContain("secrets.db", told, StringComparison.Ordinal);
        if (host.Git.Exists($"{name}-out"))
        {
            var head = (await host.Git.ResolveAsync($"{name}-out", null, Stop))!.Commit;
            Assert.DoesNotContain(await host.Git.ListAsync($"{name}-out", head, Stop), path => path.Contains("secrets.db", StringComparison.Ordinal));
        }
    }

    /// <summary>CVE-2025-55285: fetch:template wrote its values, secrets among them, into the log.</summary>
    [Fact]
    public async Task Values_of_fetch_template_are_not_in_the_log()
    {
        var name = Name;
        await host.TemplateAsync(name, """[{"action": "fetch:template", "input": {"url": "./skeleton", "values": {"token": "${{ secrets.token }}", "deep": [{"er": "${{ secrets.token }}"}]}}}]""", [HostileServer.FileOf("skeleton/${{ values.token }}.txt", "${{ values.token | dump }}")]);

        var (status, told) = await host.RunAsync(name, secrets: $$"""{"token": "{{Token}}"}""");

        Assert.True(status == "completed", told);
        Assert.DoesNotContain(Token, told, StringComparison.Ordinal);
    }

    public static TheoryData<string> Disguises => new()
    {
        "${{ secrets.token }}", "x${{ secrets.token }}x", "${{ secrets.token | reverse }}", "${{ secrets.token | upper }}", "${{ secrets.token.split('').join('-') }}", "${{ secrets.token | replace('e', '3') }}", "${{ secrets.token | list | join(' ') }}",
        "${{ secrets.token.slice(0, 9) }}", "${{ secrets.token[0] }}", "${{ secrets.token[2] ~ secrets.token[0] }}", "${{ secrets.token | urlencode }}", "${{ secrets | dump }}", "${{ secrets.token | batch(2) | dump }}", "{% for c in secrets.token %}${{ c }}.{% endfor %}",
    };

    /// <summary>CVE-2026-29184: a template changed its secrets a little, and the log showed them.</summary>
    [Theory, MemberData(nameof(Disguises))]
    public async Task What_a_template_makes_of_its_secrets_is_not_in_the_log(string text)
    {
        var (name, shown) = (Name, new TemplateLanguage(Capabilities.None).RenderJson(JsonValue.Create(text), TemplateContext.From(new JsonObject { ["secrets"] = new JsonObject { ["token"] = Token } }).Value));
        await host.TemplateAsync(name, new JsonArray(
            new JsonObject { ["action"] = "debug:log", ["input"] = new JsonObject { ["message"] = text } },
            new JsonObject { ["action"] = "roadiehq:utils:serialize:json", ["input"] = new JsonObject { ["data"] = new JsonObject { ["it"] = text } } }).ToJsonString());

        var (status, told) = await host.RunAsync(name, secrets: $$"""{"token": "{{Token}}"}""");

        Assert.True(status == "completed", told);
        Assert.DoesNotContain(Token, told, StringComparison.Ordinal);
        var made = JsonNode.Parse(shown!)!.GetValue<string>();
        Assert.DoesNotContain(made.Length > 2 ? made : $"\"message\":\"{made}\"", told, StringComparison.Ordinal);
    }

    /// <summary>The same by numbers: codes of letters, places in an alphabet, lengths.</summary>
    [Theory]
    [InlineData("${{ secrets.token.charCodeAt(0) }}", "90")]
    [InlineData("${{ 'abcdefghijklmnopqrstuvwxyZ'.indexOf(secrets.token[0]) }}", "25")]
    [InlineData("${{ secrets.token.startsWith('Zq7w') }}", "true")]
    [InlineData("${{ range(0, secrets.token.charCodeAt(0)) }}", "89")]
    public async Task Numbers_made_of_a_secret_are_not_in_the_log(string expression, string made)
    {
        var name = Name;
        await host.TemplateAsync(name, new JsonArray(new JsonObject { ["action"] = "roadiehq:utils:serialize:json", ["input"] = new JsonObject { ["data"] = new JsonObject { ["it"] = expression } } }).ToJsonString());

        var (status, told) = await host.RunAsync(name, secrets: $$"""{"token": "{{Token}}"}""");

        Assert.True(status == "completed", told);
        Assert.DoesNotContain($"\\\"it\\\": {made}", told, StringComparison.Ordinal);
        Assert.DoesNotContain($" {made}\\n", told, StringComparison.Ordinal);
    }

    /// <summary>CVE-2026-32237: a dry run answered with the secrets of the server's own settings.</summary>
    [Fact]
    public async Task A_dry_run_tells_nothing_that_the_server_keeps()
    {
        using var client = host.Server.Admin();
        var request = new JsonObject
        {
            ["template"] = JsonNode.Parse("""
                {"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "sent"},
                 "spec": {"type": "service",
                          "steps": [{"id": "a", "action": "debug:log", "input": {"message": "${{ environment | dump }} ${{ secrets | dump }}"}},
                                    {"id": "c", "action": "roadiehq:utils:serialize:json", "input": {"data": {"environment": "${{ environment }}", "secrets": "${{ secrets }}"}}},
                                    {"id": "b", "action": "fetch:template", "input": {"url": "./skeleton", "values": {"all": "${{ environment }}", "secrets": "${{ environment.secrets }}"}}}],
                          "output": {"environment": "${{ environment }}", "secrets": "${{ secrets }}", "text": [{"title": "t", "content": "${{ environment.secrets | dump }}"}]}}}
                """),
            ["values"] = new JsonObject(),
            ["secrets"] = new JsonObject { ["token"] = Token },
            ["directoryContents"] = new JsonArray(new JsonObject { ["path"] = "skeleton/a.txt", ["base64Content"] = Convert.ToBase64String("${{ values | dump }}"u8) }),
        };

        using var answer = await client.PostAsync("/api/scaffolder/v2/dry-run", HostileServer.Json(request.ToJsonString()), Stop);
        var told = await answer.Content.ReadAsStringAsync(Stop);

        Assert.True(answer.IsSuccessStatusCode, told);
        Assert.DoesNotContain(Token, told, StringComparison.Ordinal);
        Assert.DoesNotContain(HostileServer.HostToken, told, StringComparison.Ordinal);
        Assert.Equal("""{"parameters":{"region":"eu"},"secrets":{}}""", JsonNode.Parse(told)!["output"]!["environment"]!.ToJsonString());
    }

    private string Filled(string input, string where, string name) =>
        input.Replace("WHERE", where, StringComparison.Ordinal).Replace("LINK", "link", StringComparison.Ordinal).Replace("HOST", new Uri(host.Attacker).Authority, StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal);
}
