using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Axle.Platform.Secrets;
using Axle.Platform.Templates;
using Axle.Platform.Templates.Actions;
using Axle.Tests.Source;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Axle.Tests.Templates.Actions;

/// <summary>What somebody has at a host, asked with their own token; and the branches that a form proposes.</summary>
[Trait("Speed", "Slow")]
public sealed class HostListsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("github", "repositoriesWithOwner", "{}", "/user/repos", "shop/orders,shop/basket")]
    [InlineData("github", "owners", "{}", "/user/orgs", "shop")]
    [InlineData("github", "branches", """{"owner": "shop", "repository": "orders"}""", "/repos/shop/orders/branches", "main,next")]
    [InlineData("gitlab", "groups", "{}", "/groups", "7=shop,42=jane")]
    [InlineData("gitlab", "repositories", """{"id": "7"}""", "/groups/7/projects", "orders=Orders")]
    [InlineData("gitlab", "repositories", """{"id": "42"}""", "/users/42/projects", "own=Own")]
    [InlineData("bitbucket-cloud", "workspaces", "{}", "/workspaces", "shop")]
    [InlineData("bitbucket-cloud", "projects", """{"workspace": "shop"}""", "/workspaces/shop/projects", "SH")]
    [InlineData("bitbucket-cloud", "repositories", """{"workspace": "shop", "project": "SH"}""", "/repositories/shop", "orders")]
    [InlineData("bitbucket-cloud", "branches", """{"workspace": "shop", "repository": "orders"}""", "/repositories/shop/orders/refs/branches", "main")]
    public async Task A_persons_things_are_listed(string provider, string resource, string context, string path, string expected)
    {
        await using var api = await Api.StartAsync();
        await using var host = await ActionsHost.StartAsync(api.Settings(provider == "gitlab" ? "GitLab" : "GitHub"));
        var asked = (JsonObject)JsonNode.Parse(context)!;
        asked["host"] = provider == "bitbucket-cloud" ? null : api.Authority;

        var found = await host.Service<HostLists>().AskAsync(provider, resource, new SecretValue("of-jane"), asked, Stop);

        Assert.Equal(expected, string.Join(',', found.Value.Select(one => one.Id + (one.Title is null ? "" : "=" + one.Title))));
        Assert.Contains(api.Requests, request => request.StartsWith(path + " ", StringComparison.Ordinal));
        Assert.All(api.Requests, request => Assert.EndsWith("Bearer of-jane", request, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("unknown", "branches", "{}", "Unsupported provider: unknown")]
    [InlineData("github", "nothing", "{}", "Invalid resource: nothing")]
    [InlineData("github", "branches", "{}", "Missing owner and/or repository context parameter")]
    [InlineData("gitlab", "repositories", "{}", "Missing groupId and userId context parameter")]
    [InlineData("bitbucket-cloud", "projects", "{}", "Missing workspace context parameter")]
    [InlineData("github", "owners", """{"host": "evil.test"}""", "evil.test is no github host that this platform knows.")]
    [InlineData("github", "owners", """{"host": "gitlab.com"}""", "gitlab.com is no github host that this platform knows.")]
    public async Task What_cannot_be_asked_is_refused_and_the_token_stays_here(string provider, string resource, string context, string message)
    {
        await using var host = await ActionsHost.StartAsync();

        var refused = await host.Service<HostLists>().AskAsync(provider, resource, new SecretValue("of-jane"), (JsonObject)JsonNode.Parse(context)!, Stop);

        Assert.Equal((400, message), (refused.Error!.Status, refused.Error.Message));
    }

    [Fact]
    public async Task A_list_of_many_pages_comes_whole()
    {
        await using var api = await Api.StartAsync();
        await using var host = await ActionsHost.StartAsync(api.Settings("GitHub"));

        var found = await host.Service<HostLists>().AskAsync("github", "branches", new SecretValue("of-jane"), new JsonObject { ["host"] = api.Authority, ["owner"] = "shop", ["repository"] = "many" }, Stop);

        Assert.Equal(130, found.Value.Count);
    }

    [Fact]
    public async Task Branches_are_those_of_the_repository_and_never_asked_for_with_the_platforms_token()
    {
        await using var elsewhere = await SourceHost.StartAsync();
        await elsewhere.AddAsync("orders");
        Assert.True((await elsewhere.Repositories.CommitAsync("orders", [new("a", "a"u8.ToArray())], "first", "a", Stop)).Ok);
        var authority = new Uri(elsewhere.Url).Authority;
        await using var host = await ActionsHost.StartAsync(new() { ["Catalog:ReadingAllow:0"] = "127.0.0.1", ["Catalog:ReadingAllow:1"] = "localhost", ["Integrations:Gitea:0:Host"] = authority, ["Integrations:Gitea:0:BaseUrl"] = elsewhere.Url, ["Integrations:Gitea:0:Token"] = "of-the-platform" });
        Assert.True((await host.Repositories.CreateAsync("own", Stop)).Ok);
        Assert.True((await host.Repositories.CommitAsync("own", [new("a", "a"u8.ToArray())], "first", "a", Stop)).Ok);
        var hosts = host.Service<IRepositoryHosts>();

        Assert.Equal(["axle.test", authority], hosts.Offered);
        Assert.Equal(["main"], await hosts.BranchesAsync("axle.test?owner=x&repo=own", null, Stop));
        Assert.Empty(await hosts.BranchesAsync("axle.test?repo=none", null, Stop));
        Assert.Empty(await hosts.BranchesAsync("nobody.knows?owner=a&repo=b", null, Stop));
        Assert.Equal(("axle", "gitea", null), (hosts.KindOf("axle.test"), hosts.KindOf(authority), hosts.KindOf("nobody.knows")));
    }

    /// <summary>The lists of all three hosts at once.</summary>
    private sealed class Api : IAsyncDisposable
    {
        private readonly WebApplication _api;

        private Api(WebApplication api) => _api = api;

        public string Authority => new Uri(_api.Urls.First()).Authority;

        public ConcurrentQueue<string> Requests { get; } = new();

        public static async Task<Api> StartAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrel(o => o.Listen(System.Net.IPAddress.Loopback, 0));
            builder.Logging.SetMinimumLevel(LogLevel.None);
            var api = new Api(builder.Build());
            api._api.Run(api.AnswerAsync);
            await api._api.StartAsync(Stop);
            return api;
        }

        public Dictionary<string, string?> Settings(string kind) => new()
        {
            ["Catalog:ReadingAllow:0"] = "127.0.0.1",
            [$"Integrations:{kind}:0:Host"] = Authority,
            [$"Integrations:{kind}:0:ApiBaseUrl"] = $"http://{Authority}",
            ["Integrations:BitbucketCloud:0:Host"] = "bitbucket.org",
            ["Integrations:BitbucketCloud:0:ApiBaseUrl"] = $"http://{Authority}",
            ["Integrations:BitbucketCloud:0:Token"] = "of-the-platform",
            ["Integrations:BitbucketCloud:0:Username"] = "admin",
        };

        public ValueTask DisposeAsync() => _api.DisposeAsync();

        private Task AnswerAsync(HttpContext context)
        {
            var (path, page) = (context.Request.Path.Value!, int.Parse(context.Request.Query["page"].ToString() is { Length: > 0 } text ? text : "1", null));
            Requests.Enqueue($"{path} {context.Request.Headers.Authorization}");
            return context.Response.WriteAsync(path switch
            {
                "/user/repos" => """[{"full_name": "shop/orders"}, {"full_name": "shop/basket"}]""",
                "/user/orgs" => """[{"login": "shop"}]""",
                "/repos/shop/orders/branches" => """[{"name": "main"}, {"name": "next"}]""",
                "/repos/shop/many/branches" => new JsonArray([.. Enumerable.Range(0, page == 1 ? 100 : 30).Select(at => new JsonObject { ["name"] = $"b{page}-{at}" })]).ToJsonString(),
                "/user" => """{"id": 42, "username": "jane"}""",
                "/groups" => """[{"id": 7, "full_path": "shop"}]""",
                "/groups/7/projects" => """[{"path": "orders", "name": " Orders "}]""",
                "/users/42/projects" => """[{"path": "own", "name": "Own"}]""",
                "/workspaces" => """{"values": [{"slug": "shop"}]}""",
                "/workspaces/shop/projects" => """{"values": [{"key": "SH"}]}""",
                "/repositories/shop" when context.Request.Query["q"] == "project.key=\"SH\"" => """{"values": [{"slug": "orders"}]}""",
                "/repositories/shop/orders/refs/branches" => """{"values": [{"name": "main"}]}""",
                _ => "[]",
            });
        }
    }
}
