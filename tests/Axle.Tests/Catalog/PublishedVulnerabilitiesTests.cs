using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Tests.Server;

namespace Axle.Tests.Catalog;

/// <summary>
/// What was published against Backstage's catalogue and TechDocs, done to this platform over HTTP. docs/vulnerabilities.md lists
/// them all.
/// </summary>
public sealed class PublishedVulnerabilitiesTests(HostileServer host) : IClassFixture<HostileServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Name => "v-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>CVE-2023-25571: addresses that run in the browser of whoever clicks them.</summary>
    [Fact]
    public async Task An_address_that_is_a_script_becomes_no_link()
    {
        var name = Name;
        string[] scripts = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\\tscript:alert(1)", "\\u0001javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:alert(1)", "//attacker.example/x", "javascript://example.com/%0aalert(1)"];
        var client = host.Server.Admin();
        foreach (var (script, i) in scripts.Select((one, i) => (one, i)))
        {
            host.Page($"/{name}/{i}.yaml", HostileServer.Component($"{name}-{i}", $"  annotations:\n    backstage.io/view-url: \"{script}\"\n    backstage.io/edit-url: \"{script}\"\n    backstage.io/source-location: \"url:{script}\"\n    example.com/page: \"{script}\"\n  links:\n    - {{url: \"{script}\", title: Press}}\n"));
            host.Page($"/{name}/{i}-mild.yaml", HostileServer.Component($"{name}-{i}", $"  annotations:\n    backstage.io/view-url: \"{script}\"\n    backstage.io/edit-url: \"{script}\"\n    backstage.io/source-location: \"url:{script}\"\n    example.com/page: \"{script}\"\n"));

            // A link in metadata.links is refused with its place; in an annotation it is text.
            var (_, problems) = await host.RegisterAsync($"{host.Attacker}/{name}/{i}.yaml");
            Assert.True(problems.Contains("links", StringComparison.Ordinal) || problems.Contains("YAML", StringComparison.Ordinal) || script[0] == '/', problems);
            await host.RegisterAsync($"{host.Attacker}/{name}/{i}-mild.yaml");
        }

        var template = Name;
        await host.TemplateAsync(template, """[{"action": "debug:log", "input": {"message": "x"}}]""", more: (JsonObject)JsonNode.Parse("""{"output": {"links": [{"title": "Press", "url": "${{ parameters.url }}"}, {"title": "Also", "url": "javascript:alert(2)"}]}}""")!);
        var (_, run) = await host.RunAsync(template, """{"url": "JavaScript:alert(3)"}""");

        var pages = run;
        foreach (var path in scripts.Select((_, i) => $"/catalog/default/component/{name}-{i}").Append("/?kind=all").Append($"/components/{name}-0").Append($"/templates/{template}"))
        {
            using var answer = await client.GetAsync(path, Stop);
            Assert.True((int)answer.StatusCode < 500);
            pages += await answer.Content.ReadAsStringAsync(Stop);
        }

        foreach (var attribute in (string[])["href=\"", "src=\"", "action=\""])
        {
            foreach (var scheme in (string[])["javascript", " javascript", "java", "data", "vbscript", "//", "&#x1;"])
            {
                Assert.DoesNotContain(attribute + scheme, pages, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    /// <summary>CVE-2024-45815: a query with names that mean something to JavaScript brought the catalogue down.</summary>
    [Theory]
    [InlineData("entities?filter=__proto__.polluted=1")]
    [InlineData("entities?fields=__proto__.polluted,constructor.prototype.polluted,__proto__")]
    [InlineData("entities?order=asc:__proto__.x")]
    [InlineData("entities/by-query?filter=constructor.prototype=1&orderField=__proto__.x,asc&fields=__proto__")]
    [InlineData("entities/by-query?fullTextFilterTerm=a&fullTextFilterFields=__proto__,constructor.prototype.x")]
    [InlineData("entity-facets?facet=__proto__&facet=constructor.prototype&facet=hasOwnProperty&facet=toString")]
    [InlineData("entities/by-name/__proto__/constructor/prototype")]
    [InlineData("entities/by-uid/__proto__")]
    [InlineData("locations/__proto__")]
    public async Task A_query_for_names_of_JavaScript_is_one_like_any_other(string query)
    {
        using var client = host.Server.Admin();
        using var answer = await client.GetAsync($"/api/catalog/{query}", Stop);
        Assert.True((int)answer.StatusCode is 200 or 404, $"{(int)answer.StatusCode}");
        var body = new JsonObject { ["query"] = new JsonObject { ["__proto__"] = new JsonObject { ["$exists"] = true }, ["constructor.prototype.x"] = "1" }, ["fields"] = new JsonArray("__proto__.x"), ["facets"] = new JsonArray("__proto__") };
        using var posted = await client.PostAsync($"/api/catalog/{(query.StartsWith("entity-f", StringComparison.Ordinal) ? "entity-facets" : "entities/by-query")}", HostileServer.Json(body.ToJsonString()), Stop);
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.DoesNotContain("polluted", await client.GetStringAsync("/api/catalog/entities", Stop), StringComparison.Ordinal);
    }

    /// <summary>CVE-2026-44374: entities that could not be processed were shown to everybody, past all rights.</summary>
    [Theory]
    [InlineData("/api/catalog/entities/unprocessed/failed", HttpStatusCode.NotFound)]
    [InlineData("/api/catalog/entities/unprocessed/pending", HttpStatusCode.NotFound)]
    [InlineData("/api/catalog/entities", HttpStatusCode.OK)]
    [InlineData("/api/catalog/entities/by-query", HttpStatusCode.OK)]
    [InlineData("/api/catalog/locations", HttpStatusCode.OK)]
    [InlineData("/api/catalog/entity-facets?facet=kind", HttpStatusCode.OK)]
    [InlineData("/api/entities?kind=Location", HttpStatusCode.OK)]
    public async Task What_is_wrong_in_a_file_is_told_to_those_who_may_read(string path, HttpStatusCode reader)
    {
        using (var nobody = await host.Server.Client().GetAsync(path, Stop))
        {
            Assert.Equal(reader == HttpStatusCode.OK ? HttpStatusCode.Unauthorized : reader, nobody.StatusCode);
        }

        using (var forged = await host.Server.Client("axl_pat_forged").GetAsync(path, Stop))
        {
            Assert.NotEqual(HttpStatusCode.OK, forged.StatusCode);
        }

        using var viewer = await host.Server.UserAsync($"viewer{Name}", ["others"], "viewer");
        using var answer = await viewer.GetAsync(path, Stop);
        Assert.Equal(reader, answer.StatusCode);
    }

    /// <summary>CVE-2026-24048: a host that may be read redirected to one that may not.</summary>
    [Theory]
    [InlineData("INSIDE/secret.yaml")]
    [InlineData("http://localhost:PORT/secret.yaml")]
    [InlineData("http://[::ffff:127.0.0.1]:PORT/secret.yaml")]
    [InlineData("http://0x7f000001:PORT/secret.yaml")]
    [InlineData("http://127.1:PORT/secret.yaml")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("file:///etc/passwd")]
    public async Task A_redirect_leads_nowhere_that_may_not_be_read(string to)
    {
        var name = Name;
        to = to.Replace("INSIDE", host.Inside, StringComparison.Ordinal).Replace("PORT", $"{new Uri(host.Inside).Port}", StringComparison.Ordinal);
        host.Redirect($"/{name}/a.yaml", $"/{name}/b.yaml");
        host.Redirect($"/{name}/b.yaml", to);
        host.Page($"/{name}/text.yaml", HostileServer.Component(name, "  description: {$text: ./a.yaml}\n"));

        var (phase, _) = await host.RegisterAsync($"{host.Attacker}/{name}/a.yaml");
        var (substituted, _) = await host.RegisterAsync($"{host.Attacker}/{name}/text.yaml");
        using var client = host.Server.Admin();
        using var trial = await client.PostAsJsonAsync("/api/catalog/locations?dryRun=true", new { type = "url", target = $"{host.Attacker}/{name}/a.yaml" }, Stop);
        await host.TemplateAsync(name, $$$"""[{"action": "fetch:plain:file", "input": {"url": "{{{host.Attacker}}}/{{{name}}}/a.yaml", "targetPath": "a"}}, {"action": "debug:log", "input": {"listWorkspace": "with-contents"}}]""");
        var (status, told) = await host.RunAsync(name);

        Assert.Equal(("Failed", "Failed", HttpStatusCode.BadRequest, "failed"), (phase, substituted, trial.StatusCode, status));
        Assert.DoesNotContain("stolen", told, StringComparison.Ordinal);
        Assert.Empty(host.AskedInside);
        Assert.Null(host.Server.Entities.Find(EntityRef.Of("Component", "stolen")));
    }

    /// <summary>CVE-2026-29185: an encoded path led a request that carries the platform's token to any place of the host's API.</summary>
    [Theory]
    [InlineData("/acme/api/blob/main/..%2F..%2F..%2F..%2F..%2Fuser%2Frepos")]
    [InlineData("/acme/api/blob/main/a%2F..%2F..%2F..%2F..%2F..%2Fother/secret/contents/x.yaml")]
    [InlineData("/acme/api/blob/main/%2e%2e/%2e%2e/%2e%2e/%2e%2e/user")]
    [InlineData("/acme/api/blob/main/%252e%252e%252f%252e%252e%252fuser")]
    [InlineData("/acme/..%2F..%2Fuser/blob/main/x.yaml")]
    [InlineData("/acme%2F..%2F..%2Fuser/x/blob/main/x.yaml")]
    [InlineData("/acme/api%3Fx=/blob/main/x.yaml")]
    [InlineData("/acme/api%23/blob/main/x.yaml")]
    [InlineData("/acme/api/blob/main%26path=..%2Fx/x.yaml")]
    [InlineData("/acme/api/blob/main/a%5C..%5C..%5C..%5Cx.yaml")]
    [InlineData("/acme/api/blob/main/**%2F..%2F..%2F..%2Fx.yaml")]
    [InlineData("/acme/%2e/blob/main/x.yaml")]
    public async Task An_encoded_path_stays_in_its_repository(string path)
    {
        using var client = host.Server.Admin();
        var before = host.Asked.Count;
        await host.RegisterAsync(host.Attacker + path);
        using var analysed = await client.PostAsJsonAsync("/api/catalog/analyze-location", new { location = new { type = "url", target = host.Attacker + path } }, Stop);
        Assert.True((int)analysed.StatusCode < 500);
        await host.RegisterAsync(Registered("/acme/api/blob/main/substitutes.yaml", path));

        var own = (string[])["/api/repos/acme/api/contents/", "/api/repos/acme/api/git/trees/", "/api/repos/acme/api%3Fx=/", "/api/repos/acme/api%3Fx%3D/", "/api/repos/acme/api%23/"];
        Assert.All(host.Asked.Skip(before).Where(one => one.Token.Length > 0), one =>
        {
            Assert.Contains(own, place => one.Target.StartsWith(place, StringComparison.Ordinal));
            Assert.DoesNotContain("..", Uri.UnescapeDataString(one.Target.Split('?')[0]).Split('/', '\\'));
        });

        string Registered(string at, string other)
        {
            host.Page("/api/repos/acme/api/contents/substitutes.yaml", HostileServer.Component(Name, $"  description: {{$text: '{host.Attacker}{other}'}}\n"));
            return $"{host.Attacker}{at}?{Name}";
        }
    }

    /// <summary>The same by the repoUrl of a template.</summary>
    [Theory]
    [InlineData("owner=..&repo=user")]
    [InlineData("owner=acme&repo=..")]
    [InlineData("owner=acme&repo=..%2F..%2Fuser")]
    [InlineData("owner=..%2F..&repo=x")]
    [InlineData("owner=.&repo=.")]
    public async Task A_repoUrl_stays_where_repositories_are(string query)
    {
        var name = Name;
        var before = host.Asked.Count;
        var url = $"{new Uri(host.Attacker).Authority}?{query}";
        foreach (var (action, more) in ((string, string)[])[("publish:github", ""), ("publish:github:pull-request", ", \"branchName\": \"b\", \"title\": \"t\"")])
        {
            var one = Name;
            await host.TemplateAsync(one, $$$"""[{"action": "debug:log", "input": {"message": "x"}}, {"action": "{{{action}}}", "input": {"repoUrl": "{{{url}}}"{{{more}}}}}]""");
            Assert.Contains((await host.RunAsync(one)).Status, (string[])["failed", "refused"]);
        }

        Assert.DoesNotContain(host.Asked.Skip(before), one => one.Token.Length > 0);
    }

    /// <summary>
    /// CVE-2021-32660, CVE-2021-32661, CVE-2024-46976: documentation with scripts ran on the portal's own origin, in its pages or
    /// straight from its API.
    /// </summary>
    [Fact]
    public async Task What_others_write_is_text_in_the_portal_and_no_page_of_its_origin()
    {
        const string Script = "<script>alert(1)</script><object data='javascript:alert(1)'></object><img src=x onerror=alert(1)><svg onload=alert(1)>[x](javascript:alert(1))<iframe srcdoc='<script>alert(1)</script>'>";
        var name = Name;
        var definition = JsonValue.Create($$"""{"openapi": "3.0.0", "info": {"title": "{{Script.Replace('\'', ' ')}}", "version": "1", "description": "{{Script.Replace('\'', ' ')}}"}, "paths": {"/{{Script.Replace('\'', ' ')}}": {"get": {"summary": "{{Script.Replace('\'', ' ')}}", "responses": {} } } } }""")!.ToJsonString();
        var text = JsonValue.Create(Script)!.ToJsonString();
        host.Page($"/{name}/a.yaml",
            HostileServer.Component(name, $"  title: {text}\n  description: {text}\n  annotations: {{example.com/x: {text}, backstage.io/techdocs-ref: 'dir:.'}}\n")
            + $"---\napiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: {name}, description: {text}}}\nspec: {{type: openapi, lifecycle: x, owner: {text}, definition: {definition}}}\n"
            + $"---\napiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {{name: {name}, title: {text}}}\nspec: {{owner: makers, own: {text}}}\n");
        await host.RegisterAsync($"{host.Attacker}/{name}/a.yaml");
        await host.TemplateAsync(name, $$$"""[{"action": "debug:log", "input": {"message": {{{text}}}}}]""", [HostileServer.FileOf("docs/index.md", Script), HostileServer.FileOf("evil.html", Script), HostileServer.FileOf("evil.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")], (JsonObject)JsonNode.Parse($$$"""{"parameters": [{"title": {{{text}}}, "description": {{{text}}}, "properties": {"a": {"type": "string", "title": {{{text}}}, "description": {{{text}}}, "default": {{{text}}} } } }]}""")!);
        var (_, told) = await host.RunAsync(name);

        using var client = host.Server.Admin();
        foreach (var path in (string[])[$"/catalog/default/component/{name}", $"/catalog/default/api/{name}", $"/catalog/default/api/{name}/definition", $"/catalog/default/api/{name}/definition?raw=1", $"/catalog/default/system/{name}", $"/components/{name}", $"/templates/{name}", "/templates", "/?q=alert", "/?kind=all", "/activity"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.ParseAdd("text/html");
            using var answer = await client.SendAsync(request, Stop);
            var page = await answer.Content.ReadAsStringAsync(Stop);
            Assert.True((int)answer.StatusCode < 500, page);
            foreach (var tag in (string[])["<script>alert", "<object", "<img src=x", "<svg onload", "<iframe"])
            {
                Assert.DoesNotContain(tag, page, StringComparison.OrdinalIgnoreCase);
            }

            var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("<iframe", told[told.IndexOf("<!DOCTYPE", StringComparison.OrdinalIgnoreCase)..], StringComparison.OrdinalIgnoreCase);

        // Files of repositories are read by git, and are no pages.
        foreach (var file in (string[])["evil.html", "evil.svg", "docs/index.md"])
        {
            foreach (var form in (string[])["blob/main", "raw/main", "tree/main", "blob/HEAD"])
            {
                using var answer = await client.GetAsync($"/git/{name}.git/{form}/{file}", Stop);
                Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
            }
        }

        // What the API tells is JSON, and is taken for nothing else.
        using var entity = await client.GetAsync($"/api/catalog/entities/by-name/component/default/{name}", Stop);
        Assert.Equal("application/json", entity.Content.Headers.ContentType!.MediaType);
        Assert.Equal("nosniff", entity.Headers.GetValues("X-Content-Type-Options").Single());
    }

    /// <summary>CVE-2024-45816, and every other way to ask for a file by a path that leads elsewhere.</summary>
    [Fact]
    public async Task No_address_leads_to_a_file_of_the_host()
    {
        using var client = host.Server.Admin();
        var token = host.Server.AdminToken;
        var name = Name;
        await host.TemplateAsync(name, """[{"action": "debug:log", "input": {"message": "x"}}]""");
        string[] starts = ["/", "/git/", $"/git/{name}.git/", "/_content/", "/_framework/", "/static/docs/", "/api/techdocs/static/docs/", "/api/entities/component/default/", "/api/catalog/entities/by-name/component/default/", "/templates/", "/secrets/", "/tasks/", "/api/tasks/", "/api/builds/", "/components/", "/favicon.ico/"];
        string[] ways = ["../../../../../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd", "..%5c..%5cetc%5cpasswd", "....//....//etc/passwd", "%252e%252e%252f%252e%252e%252fetc%252fpasswd", "../admin.token", "..%2fadmin.token", "%2e%2e%2fadmin.token", "..;/admin.token", "admin.token", "//etc/passwd", "%00/admin.token", "config", "objects/../../../admin.token"];
        foreach (var start in starts)
        {
            foreach (var way in ways)
            {
                // As it is: nothing is put in order before it is sent.
                var address = new Uri(host.Server.Address.ToString().TrimEnd('/') + start + way, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
                using var answer = await client.GetAsync(address, Stop);
                var text = await answer.Content.ReadAsStringAsync(Stop);
                Assert.True((int)answer.StatusCode < 500, $"{(int)answer.StatusCode} for {address.OriginalString}");
                Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
                Assert.DoesNotContain(token, text, StringComparison.Ordinal);
                Assert.DoesNotContain("[core]", text, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>
    /// CVE-2021-32662, CVE-2026-25152: documentation was read through a path or link that leads out of its repository. Here it would be
    /// a descriptor.
    /// </summary>
    [Fact]
    public async Task A_link_in_a_repository_is_not_read_through()
    {
        var name = Name;
        Assert.True((await host.Git.CreateAsync(name, Stop)).Ok);
        var committed = await host.Git.CommitAsync(
            name,
            [
                HostileServer.Link("catalog-info.yaml", "../../admin.token"), HostileServer.Link("token", Path.Combine(host.Server.Folder, "admin.token")), HostileServer.Link("up", "../.."),
                HostileServer.FileOf("text.yaml", HostileServer.Component(name, "  description: {$text: ./token}\n")), HostileServer.FileOf("text2.yaml", HostileServer.Component($"{name}-2", "  description: {$text: ./up/admin.token}\n")),
                HostileServer.FileOf("mkdocs.yml", $"site_name: x\ndocs_dir: {host.Server.Folder}\nINHERIT: {host.Server.Folder}/axle.json\n"),
            ],
            "test",
            "Test <test@example.com>",
            Stop);
        Assert.True(committed.Ok, committed.ToString());

        foreach (var target in (string[])["", "/blob/main/text.yaml", "/blob/main/text2.yaml", "/blob/main/up/admin.token", "/blob/main/**/*.yaml"])
        {
            var (_, problems) = await host.RegisterAsync($"{host.PublicUrl}/git/{name}.git{target}");
            Assert.DoesNotContain(host.Server.AdminToken, problems, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(host.Server.Entities.Query(new() { All = true }).Items, entity => JsonSerializer.Serialize(entity).Contains(host.Server.AdminToken, StringComparison.Ordinal));
    }

    /// <summary>CVE-2026-25153, CVE-2026-29186: building documentation ran what a repository's mkdocs.yml names. Nothing here builds it.</summary>
    [Fact]
    public async Task Documentation_of_a_repository_runs_nothing()
    {
        var (name, mark) = (Name, Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")));
        Assert.True((await host.Git.CreateAsync(name, Stop)).Ok);
        var committed = await host.Git.CommitAsync(
            name,
            [
                HostileServer.FileOf("catalog-info.yaml", HostileServer.Component(name, "  annotations: {backstage.io/techdocs-ref: 'dir:.'}\n")),
                HostileServer.FileOf("mkdocs.yml", "site_name: x\nINHERIT: base.yml\nhooks: [hook.py]\nplugins: [{exec: {}}]\nmarkdown_extensions: [{x: !!python/object/apply:os.system ['touch " + mark + "']}]\n"),
                HostileServer.FileOf("base.yml", "hooks: [hook.py]\n"), HostileServer.FileOf("hook.py", $"open('{mark}', 'w')\n"), HostileServer.FileOf("docs/index.md", "# x"),
            ],
            "test",
            "Test <test@example.com>",
            Stop);
        Assert.True(committed.Ok, committed.ToString());

        Assert.Equal("Ready", (await host.RegisterAsync($"{host.PublicUrl}/git/{name}.git")).Phase);
        await host.RegisterAsync($"{host.PublicUrl}/git/{name}.git/blob/main/mkdocs.yml");
        using var client = host.Server.Admin();
        foreach (var path in (string[])[$"/api/techdocs/sync/default/component/{name}", $"/api/techdocs/static/docs/default/component/{name}/index.html", $"/api/techdocs/metadata/techdocs/default/component/{name}", $"/docs/default/component/{name}"])
        {
            using var answer = await client.GetAsync(path, Stop);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        Assert.False(File.Exists(mark));
    }

    /// <summary>GHSA-4jqc-jvh2-pxg9: an entity whose name is a path wrote documentation anywhere on the host.</summary>
    [Theory]
    [InlineData("..", "default", "Component")]
    [InlineData("../../x", "default", "Component")]
    [InlineData("a..", "default", "Component")]
    [InlineData("x", "..", "Component")]
    [InlineData("x", "../y", "Component")]
    [InlineData("x", "default", "../Component")]
    [InlineData("a/b", "default", "Component")]
    [InlineData("a\\..\\b", "default", "Component")]
    [InlineData("%2e%2e", "default", "Component")]
    public async Task An_entity_is_not_called_like_a_path(string name, string space, string kind)
    {
        using var client = host.Server.Admin();
        var entity = new JsonObject { ["apiVersion"] = Kinds.BackstageApi, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space }, ["spec"] = new JsonObject { ["type"] = "x", ["lifecycle"] = "x", ["owner"] = "x" } };
        using var applied = await client.ApplyAsync(entity.ToJsonString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, applied.StatusCode);

        var file = Name;
        host.Page($"/{file}.yaml", entity.ToJsonString());
        Assert.Equal("Failed", (await host.RegisterAsync($"{host.Attacker}/{file}.yaml")).Phase);

        using var put = await client.PutAsync($"/api/entities/{Uri.EscapeDataString(kind)}/{Uri.EscapeDataString(space)}/{Uri.EscapeDataString(name)}", HostileServer.Json(entity.ToJsonString()), Stop);
        Assert.True((int)put.StatusCode is >= 400 and < 500, $"{(int)put.StatusCode}");
    }
}
