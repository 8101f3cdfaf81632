using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Processes;
using Axle.Platform.Source;
using Axle.Tests.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Catalog;

/// <summary>Where descriptors come from: Axle's own git, hosts with an API (a small server of the test's own), other files of a repository.</summary>
public sealed class SourceTests : IAsyncLifetime
{
    private const string Secret = "a-secret-of-webhooks";

    private readonly ConcurrentDictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Path, string Token)> _asked = new();
    private readonly TestServer _server = new();
    private WebApplication? _host;
    private int _fails;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Address => _host!.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.Run(AnswerAsync);
        await _host.StartAsync(Stop);
        var host = new Uri(Address).Authority;
        await File.WriteAllTextAsync(
            Path.Combine(_server.Folder, "axle.json"),
            JsonSerializer.Serialize(new
            {
                Catalog = new { ReadingAllow = (string[])["127.0.0.1"], HookSecret = Secret },
                Integrations = new { github = (object[])[new { host, apiBaseUrl = $"{Address}/api", token = "let-me-in" }] },
            }),
            Stop);
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _host!.DisposeAsync();
    }

    [Fact]
    public async Task A_file_in_Axles_git_is_read_directly_and_again_as_soon_as_it_is_pushed()
    {
        using var client = _server.Admin();
        var git = _server.Services.GetRequiredService<IRepositories>();
        Assert.True((await git.CreateAsync("shop", Stop)).Ok);
        await CommitAsync(git, "shop", ("catalog-info.yaml", Component("shop", "first")), ("parts/a/catalog-info.yaml", Component("part-a")));

        var url = _server.Services.GetRequiredService<Axle.Platform.PlatformOptions>().PublicUrl;
        await RegisterAsync(client, $"{url}/git/shop.git");
        await RegisterAsync(client, $"{url}/git/shop.git/blob/main/parts/*/catalog-info.yaml");
        await TitleAsync("shop", "first");
        await UntilAsync("part-a");
        Assert.Equal($"url:{url}/git/shop.git/blob/HEAD/catalog-info.yaml", Find("shop")!.Metadata.Annotations["backstage.io/managed-by-location"]);

        // No timer comes before the minutes of polling.
        await CommitAsync(git, "shop", ("catalog-info.yaml", Component("shop", "second")), ("parts/b/catalog-info.yaml", Component("part-b")));
        await TitleAsync("shop", "second");
        await UntilAsync("part-b");
    }

    [Fact]
    public async Task A_git_push_is_in_the_catalogue_by_its_event_alone()
    {
        using var client = _server.Admin();
        var git = _server.Services.GetRequiredService<IRepositories>();
        Assert.True((await git.CreateAsync("pushed", Stop)).Ok);
        await CommitAsync(git, "pushed", ("catalog-info.yaml", Component("pushed", "first")));
        await RegisterAsync(client, $"{_server.Services.GetRequiredService<Axle.Platform.PlatformOptions>().PublicUrl}/git/pushed.git");
        await TitleAsync("pushed", "first");

        // The next look by the timer is minutes away.
        var folder = Directory.CreateTempSubdirectory("axle-clone-").FullName;
        var remote = $"http://admin:{_server.AdminToken}@{_server.Address.Authority}/git/pushed.git";
        await GitAsync(folder, "clone", "--quiet", remote, ".");
        foreach (var title in (string[])["second", "third"])
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "catalog-info.yaml"), Component("pushed", title), Stop);
            await GitAsync(folder, "commit", "--quiet", "-am", title);
            await GitAsync(folder, "push", "--quiet", "origin", "HEAD");
            await TitleAsync("pushed", title);
        }

        // A branch that nobody registered changes nothing; a file that goes takes its entity along.
        await GitAsync(folder, "checkout", "--quiet", "-b", "other");
        await File.WriteAllTextAsync(Path.Combine(folder, "catalog-info.yaml"), Component("pushed", "of a branch"), Stop);
        await GitAsync(folder, "commit", "--quiet", "-am", "other");
        await GitAsync(folder, "push", "--quiet", "origin", "HEAD");
        await GitAsync(folder, "checkout", "--quiet", "-");
        await File.WriteAllTextAsync(Path.Combine(folder, "catalog-info.yaml"), Component("renamed"), Stop);
        await GitAsync(folder, "commit", "--quiet", "-am", "renamed");
        await GitAsync(folder, "push", "--quiet", "origin", "HEAD");
        await UntilAsync("renamed");
        await UntilAsync(() => Find("pushed") is null);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Other_files_of_the_same_repository_are_put_in_and_no_others()
    {
        using var client = _server.Admin();
        _files["/raw/acme/api/main/openapi.yaml"] = "openapi: 3.0.3\n";
        _files["/raw/acme/api/main/docs/owner.json"] = """{"team": "makers", "size": 3}""";
        _files["/raw/acme/api/main/list.yaml"] = "[one, two]\n";
        _files["/raw/acme/other/main/secret.txt"] = "secret";
        _files["/raw/acme/api/main/catalog-info.yaml"] = Api("spec", "$text: ./openapi.yaml") + "  own: {$json: /docs/owner.json}\n  list: {$yaml: list.yaml}\n  kept: {$text: a, other: b}\n";
        var location = await RegisterAsync(client, $"{Address}/acme/api/blob/main/catalog-info.yaml");
        await UntilAsync("spec", "API");
        var spec = Find("spec", "API")!.Spec;
        Assert.Equal("openapi: 3.0.3\n", spec.GetProperty("definition").GetString());
        Assert.Equal("""{"team":"makers","size":3}""", spec.GetProperty("own").GetRawText());
        Assert.Equal("""["one","two"]""", spec.GetProperty("list").GetRawText());
        Assert.Equal("""{"$text":"a","other":"b"}""", spec.GetProperty("kept").GetRawText());

        // Each of these is told with its place, and the last good version stays.
        foreach (var (broken, says) in ((string, string)[])
            [
                ("$text: ../../../other/blob/main/secret.txt", "same repository only"),
                ("$text: https://example.com/x", "same repository only"),
                ("$text: ./missing.yaml", "404"),
                ("$text: file:///etc/passwd", "needs the address"),
                ("$json: ./openapi.yaml", "no JSON"),
                ("$text: {a: b}", "needs the address"),
            ])
        {
            _files["/raw/acme/api/main/catalog-info.yaml"] = Api("spec", broken);
            await HookAsync(client, "acme/api", HttpStatusCode.Accepted);
            var problem = await ProblemAsync(location, says);
            Assert.Equal(7, problem.GetProperty("line").GetInt32());
            Assert.Equal("openapi: 3.0.3\n", Find("spec", "API")!.Spec.GetProperty("definition").GetString());
        }
    }

    [Fact]
    public async Task A_webhook_that_proves_itself_reads_the_files_of_its_repository_again()
    {
        using var client = _server.Admin();
        _files["/raw/acme/hooked/main/catalog-info.yaml"] = Component("hooked", "before");
        await RegisterAsync(client, $"{Address}/acme/hooked/blob/main/catalog-info.yaml");
        await TitleAsync("hooked", "before");
        _files["/raw/acme/hooked/main/catalog-info.yaml"] = Component("hooked", "after");

        await HookAsync(client, "acme/hooked", HttpStatusCode.Forbidden, "another-secret-entirely");
        Assert.Equal("before", Find("hooked")!.Metadata.Title);
        await HookAsync(client, "acme/hooked", HttpStatusCode.Accepted);
        await TitleAsync("hooked", "after");
    }

    [Fact]
    public async Task An_organisations_repositories_are_found_page_by_page_and_a_failing_API_removes_none()
    {
        using var client = _server.Admin();
        foreach (var name in (string[])["one", "two", "three"])
        {
            _files[$"/raw/acme/{name}/main/catalog-info.yaml"] = Component(name);
        }

        _files["/raw/acme/two/main/catalog-info.yaml"] += "---\napiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: intruder}\nspec: {memberOf: [platform]}\n";
        Organisation("one", "two", "three", "empty");
        using var member = await _server.UserAsync("mia", ["makers"]);
        using (var refused = await member.ApplyAsync(Discovering()))
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using (var applied = await client.ApplyAsync(Discovering()))
        {
            Assert.True(applied.IsSuccessStatusCode, await applied.Content.ReadAsStringAsync(Stop));
        }

        await UntilAsync("one");
        await UntilAsync("two");
        await UntilAsync("three");
        Assert.Null(Find("intruder", "User"));
        Assert.All(_asked.Where(one => one.Path.StartsWith("/api/", StringComparison.Ordinal)), one => Assert.Equal("Bearer let-me-in", one.Token));
        Assert.All(_server.Entities.Query(new() { All = true, Kinds = ["Location"] }).Items, one => Assert.DoesNotContain("let-me-in", JsonSerializer.Serialize(one), StringComparison.Ordinal));

        // An API that does not answer says nothing about what is there.
        _fails = 1;
        Organisation("one");
        await RefreshAsync(client, "location:default/acme");
        await ProblemAsync("location:default/acme", "500");
        Assert.NotNull(Find("two"));

        // What has left the organisation leaves the catalogue.
        _fails = 0;
        await RefreshAsync(client, "location:default/acme");
        await UntilAsync(() => Find("two") is null && Find("three") is null);
        Assert.NotNull(Find("one"));

        // One that asks to wait is left alone.
        _fails = 2;
        await RefreshAsync(client, "location:default/acme");
        await ProblemAsync("location:default/acme", "left alone until");
        var asked = _asked.Count(one => one.Path.StartsWith("/api/orgs", StringComparison.Ordinal));
        await RefreshAsync(client, "location:default/acme");
        Assert.Equal(asked, _asked.Count(one => one.Path.StartsWith("/api/orgs", StringComparison.Ordinal)));
        Assert.NotNull(Find("one"));
    }

    [Fact]
    public async Task Patterns_mean_the_files_that_the_host_lists_and_analysing_finds_them()
    {
        using var client = _server.Admin();
        _files["/raw/acme/many/main/a/catalog-info.yaml"] = Component("many-a");
        _files["/raw/acme/many/main/b/c/catalog-info.yaml"] = Component("many-c");
        _files["/raw/acme/many/HEAD/a/catalog-info.yaml"] = Component("many-a");
        _files["/api/repos/acme/many/git/trees/main"] = """{"tree": [{"type": "blob", "path": "a/catalog-info.yaml"}, {"type": "tree", "path": "b"}, {"type": "blob", "path": "b/c/catalog-info.yaml"}, {"type": "blob", "path": "b/other.yaml"}]}""";
        _files["/api/repos/acme/many/git/trees/HEAD"] = """{"tree": [{"type": "blob", "path": "a/catalog-info.yaml"}]}""";
        await RegisterAsync(client, $"{Address}/acme/many/blob/main/**/catalog-info.yaml");
        await UntilAsync("many-a");
        await UntilAsync("many-c");

        using var answer = await client.PostAsJsonAsync("/api/catalog/analyze-location", new { location = new { type = "url", target = $"{Address}/acme/many" } }, Stop);
        var analysis = await answer.Content.ReadFromJsonAsync<JsonElement>(Stop);
        var found = Assert.Single(analysis.GetProperty("existingEntityFiles").EnumerateArray());
        Assert.Equal($"{Address}/acme/many/blob/HEAD/a/catalog-info.yaml", found.GetProperty("location").GetProperty("target").GetString());
        Assert.Equal("many-a", found.GetProperty("entity").GetProperty("metadata").GetProperty("name").GetString());
        Assert.Empty(analysis.GetProperty("generateEntities").EnumerateArray());
    }

    [Fact]
    public async Task Links_that_would_run_in_a_browser_are_not_taken()
    {
        using var client = _server.Admin();
        _files["/raw/acme/links/main/catalog-info.yaml"] =
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: links\n  __proto__: {polluted: true}\n  annotations:\n    backstage.io/view-url: 'javascript:alert(1)'\n    backstage.io/edit-url: 'JavaScript:alert(1)'\nspec: {type: a, lifecycle: b, owner: makers, constructor: {prototype: {polluted: true}}}\n---\n"
            + Component("bad-link").Replace("spec:", "  links: [{url: 'javascript:alert(1)'}]\nspec:", StringComparison.Ordinal);
        var location = await RegisterAsync(client, $"{Address}/acme/links/blob/main/catalog-info.yaml");
        await ProblemAsync(location, "must not use the scheme");
        await UntilAsync("links");
        Assert.Null(Find("bad-link"));
        var annotations = Find("links")!.Metadata.Annotations;
        Assert.Equal($"{Address}/acme/links/blob/main/catalog-info.yaml", annotations["backstage.io/view-url"]);
        Assert.Equal($"{Address}/acme/links/edit/main/catalog-info.yaml", annotations.GetValueOrDefault("backstage.io/edit-url", $"{Address}/acme/links/edit/main/catalog-info.yaml"));

        // Names that mean something to JavaScript are names like any other.
        var json = await client.GetFromJsonAsync<JsonElement>("/api/catalog/entities/by-name/component/default/links", Stop);
        Assert.True(json.GetProperty("metadata").GetProperty("__proto__").GetProperty("polluted").GetBoolean());
    }

    private static string Component(string name, string? title = null) =>
        $"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n{(title is null ? "" : $"  title: {title}\n")}spec:\n  type: service\n  lifecycle: production\n  owner: makers\n";

    private static string Api(string name, string definition) =>
        $"apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: {name}}}\nspec:\n  type: openapi\n  definition:\n    {definition}\n  lifecycle: production\n  owner: makers\n";

    private string Discovering() =>
        $"apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: acme}}\nspec: {{type: github-discovery, target: '{Address}/acme'}}\n";

    /// <summary>Two to a page.</summary>
    private void Organisation(params string[] names)
    {
        foreach (var (i, page) in names.Chunk(2).Index())
        {
            _files[$"/api/orgs/acme/repos{(i == 0 ? "" : $"?page={i + 1}")}"] = JsonSerializer.Serialize(page.Select(name => new { name, html_url = $"{Address}/acme/{name}", default_branch = "main", archived = false }));
        }

        _files["/pages"] = $"{(names.Length + 1) / 2}";
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        _asked.Enqueue((path, context.Request.Headers.Authorization.ToString()));
        if (path.StartsWith("/api/orgs", StringComparison.Ordinal))
        {
            if (_fails > 0)
            {
                context.Response.StatusCode = _fails == 1 ? 500 : 429;
                context.Response.Headers.RetryAfter = _fails == 1 ? default : "600";
                return;
            }

            var page = int.TryParse(context.Request.Query["page"], out var number) ? number : 1;
            if (page < int.Parse(_files["/pages"], System.Globalization.CultureInfo.InvariantCulture))
            {
                context.Response.Headers.Link = $"<{Address}{path}?page={page + 1}>; rel=\"next\"";
            }

            path += page == 1 ? "" : $"?page={page}";
        }
        else if (path.StartsWith("/api/repos/", StringComparison.Ordinal) && path.Contains("/contents/", StringComparison.Ordinal))
        {
            path = "/raw/" + path["/api/repos/".Length..].Replace("/contents/", $"/{context.Request.Query["ref"]}/", StringComparison.Ordinal);
        }

        if (_files.TryGetValue(path, out var text))
        {
            await context.Response.WriteAsync(text);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private static async Task GitAsync(string folder, params string[] arguments)
    {
        var end = await new ProgramRunner(TimeProvider.System).RunAsync(
            new ProgramCall("git", ["-c", "user.name=Jane", "-c", "user.email=jane@shop.test", "-c", "commit.gpgsign=false", .. arguments])
            {
                Folder = folder,
                TimeMax = TimeSpan.FromSeconds(60),
                Variables = new Dictionary<string, string>(ProgramRunner.BasicVariables) { ["HOME"] = folder, ["GIT_CONFIG_NOSYSTEM"] = "1", ["GIT_TERMINAL_PROMPT"] = "0" },
            },
            Stop);
        Assert.True(end.ExitCode == 0, end.Output + end.Errors);
    }

    private static async Task CommitAsync(IRepositories git, string name, params (string Path, string Text)[] files)
    {
        var committed = await git.CommitAsync(name, [.. files.Select(file => new SourceFile(file.Path, Encoding.UTF8.GetBytes(file.Text)))], "test", "Test <test@example.com>", Stop);
        Assert.True(committed.Ok, committed.ToString());
    }

    private static async Task<string> RegisterAsync(HttpClient client, string target)
    {
        using var answer = await client.PostAsJsonAsync("/api/catalog/locations", new { type = "url", target }, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("location").GetProperty("entityRef").GetString()!;
    }

    private static async Task RefreshAsync(HttpClient client, string entityRef)
    {
        using var refreshed = await client.PostAsJsonAsync("/api/catalog/refresh", new { entityRef }, Stop);
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
    }

    private async Task HookAsync(HttpClient client, string repository, HttpStatusCode expected, string secret = Secret)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { repository = new { html_url = $"{Address}/{repository}" } });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/catalog/hook") { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)));
        using var answer = await client.SendAsync(request, Stop);
        Assert.Equal(expected, answer.StatusCode);
    }

    private Entity? Find(string name, string kind = "Component") => _server.Entities.Find(EntityRef.Of(kind, name));

    private Task TitleAsync(string name, string title) => UntilAsync(() => Find(name)?.Metadata.Title == title);

    private Task UntilAsync(string name, string kind = "Component") => UntilAsync(() => Find(name, kind) is not null);

    private async Task<JsonElement> ProblemAsync(string location, string says)
    {
        JsonElement found = default;
        await UntilAsync(() =>
        {
            var status = _server.Entities.Find(EntityRef.Parse(location))!.Status;
            found = status.ValueKind == JsonValueKind.Object ? status.GetProperty("problems").EnumerateArray().FirstOrDefault(one => one.GetProperty("message").GetString()!.Contains(says, StringComparison.Ordinal)) : default;
            return found.ValueKind == JsonValueKind.Object;
        });
        return found;
    }

    private async Task UntilAsync(Func<bool> holds)
    {
        for (var end = Environment.TickCount64 + 45_000; !holds();)
        {
            Assert.True(Environment.TickCount64 < end, string.Join("\n", _server.Entities.Query(new() { All = true, Kinds = ["Location"] }).Items.Select(one => $"{one.Ref} {one.Status}")));
            await Task.Delay(20, Stop);
        }
    }
}
