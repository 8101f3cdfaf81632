using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axle.Contracts;
using Axle.Tests.Server;
using Microsoft.AspNetCore.Http;

namespace Axle.Tests.Catalog;

/// <summary>All repositories of an organisation on each kind of host, found by its API; and its webhooks. The hosts are small servers of the tests' own.</summary>
[Trait("Speed", "Slow")]
public sealed class DiscoveryTests : IAsyncDisposable
{
    private const string Secret = "a-secret-of-webhooks";

    private readonly TestServer _server = new();
    private FakeHost? _host;
    private bool _started;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["github", "gitlab", "gitea", "bitbucketCloud"];

    private string TokenFile => Path.Combine(_server.Folder, "host.token");

    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            await _server.DisposeAsync();
        }

        await (_host?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Every_repository_that_has_a_file_is_described_and_those_that_go_take_it_along(string kind)
    {
        var host = await StartAsync(kind);
        host.Repositories = [new("one"), new("two", "trunk"), new("a-fork", Fork: true), new("archived", Archived: true), new("empty", Branch: null), new("without"), new("last", "release/1")];
        foreach (var (name, branch) in ((string, string)[])[("one", "main"), ("two", "trunk"), ("a-fork", "main"), ("archived", "main"), ("last", "release/1")])
        {
            host.Files[(name, branch, "catalog-info.yaml")] = HostileServer.Component(name);
        }

        await DiscoverAsync();

        // Bitbucket knows no archived repositories. A branch with a slash in its name is none that an address can tell.
        string[] expected = kind == "bitbucketCloud" ? ["a-fork", "archived", "one", "two"] : ["a-fork", "one", "two"];
        await UntilAsync(() => expected.All(name => Find(name) is not null), "all are found");
        Assert.Equal(expected, Components());
        Assert.Equal(new Uri(host.PageOf("two", "trunk", "catalog-info.yaml")).ToString(), Find("two")!.Metadata.Annotations["backstage.io/view-url"]);
        Assert.All(Locations(), one => Assert.DoesNotContain(host.Token, JsonSerializer.Serialize(one), StringComparison.Ordinal));

        // Nothing is asked of the host but its API, and each page of the list once.
        Assert.All(host.Asked, target => Assert.StartsWith("/api/", target, StringComparison.Ordinal));
        Assert.Equal(4, host.ListsAsked);

        host.Repositories = [new("one")];
        await RefreshAsync();
        await UntilAsync(() => Components() is ["one"], "what has gone took its entity along");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_default_branch_that_gets_another_name_keeps_its_entities(string kind)
    {
        var host = await StartAsync(kind);
        host.Repositories = [new("one", "master"), new("two")];
        host.Files[("one", "master", "catalog-info.yaml")] = HostileServer.Component("one");
        host.Files[("two", "main", "catalog-info.yaml")] = HostileServer.Component("two");
        await DiscoverAsync();
        await UntilAsync(() => Components() is ["one", "two"], "both are found");

        host.Repositories = [new("one", "main"), new("two")];
        host.Files[("one", "main", "catalog-info.yaml")] = host.Files[("one", "master", "catalog-info.yaml")];
        await RefreshAsync();

        await UntilAsync(() => Find("one")?.Metadata.Annotations["backstage.io/view-url"] == new Uri(host.PageOf("one", "main", "catalog-info.yaml")).ToString(), "it is described by the new branch");
        await UntilAsync(() => !Locations().Any(one => JsonSerializer.Serialize(one).Contains("master", StringComparison.Ordinal)), "nothing speaks of the old one");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_organisation_without_repositories_describes_nothing_and_one_that_is_none_is_said(string kind)
    {
        var host = await StartAsync(kind);
        await DiscoverAsync();
        await ReadyAsync();
        Assert.Equal(0, Status("acme")!.Value.GetProperty("entities").GetInt32());

        await DiscoverAsync("nobody");
        await ProblemAsync("404", "nobody");
        Assert.Empty(Components());
        Assert.NotEmpty(host.Asked);
    }

    public static TheoryData<string, string> Limits => new()
    {
        { "github", "403 X-RateLimit-Remaining=0 X-RateLimit-Reset=+600" },
        { "github", "429 X-RateLimit-Remaining=0 X-RateLimit-Reset=+600" },
        { "github", "403 Retry-After=600" },
        { "gitlab", "429 Retry-After=600" },
        { "gitea", "429 Retry-After=date" },
        { "bitbucketCloud", "429" },
        { "bitbucketCloud", "503 Retry-After=600" },
    };

    [Theory, MemberData(nameof(Limits))]
    public async Task A_host_that_wants_to_be_left_alone_is_and_nothing_goes(string kind, string answer)
    {
        var host = await StartAsync(kind);
        host.Repositories = [new("one")];
        host.Files[("one", "main", "catalog-info.yaml")] = HostileServer.Component("one");
        await DiscoverAsync();
        await UntilAsync(() => Components() is ["one"], "it is found");

        host.Repositories = [];
        host.Refuses = context => Limited(context, answer);
        await RefreshAsync();
        await ProblemAsync("left alone until");
        Assert.NotNull(Find("one"));

        // Not even asked again.
        var asked = host.Asked.Count;
        await RefreshAsync();
        using var client = _server.Admin();
        using var trial = await client.PostAsJsonAsync("/api/catalog/locations?dryRun=true", new { type = "url", target = host.PageOf("one", "main", "other.yaml") }, Stop);
        Assert.Contains("left alone until", await trial.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(asked, host.Asked.Count);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_short_wait_is_waited(string kind)
    {
        var host = await StartAsync(kind);
        var refused = 0;
        host.Repositories = [new("one")];
        host.Files[("one", "main", "catalog-info.yaml")] = HostileServer.Component("one");
        host.Refuses = context => Interlocked.Increment(ref refused) == 1 && Limited(context, "429 Retry-After=1");

        await DiscoverAsync();

        await UntilAsync(() => Components() is ["one"], "it is found after the wait");
        await ReadyAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_token_that_ended_is_said_and_a_new_one_is_taken_without_a_restart(string kind)
    {
        var host = await StartAsync(kind);
        host.Repositories = [new("one")];
        host.Files[("one", "main", "catalog-info.yaml")] = HostileServer.Component("one");
        await DiscoverAsync();
        await UntilAsync(() => Components() is ["one"], "it is found");

        host.Token = "another-token";
        await RefreshAsync();
        await ProblemAsync("token");
        Assert.NotNull(Find("one"));

        await File.WriteAllTextAsync(TokenFile, "another-token\n", Stop);
        host.Repositories = [new("one"), new("two")];
        host.Files[("two", "main", "catalog-info.yaml")] = HostileServer.Component("two");
        await RefreshAsync();
        await UntilAsync(() => Components() is ["one", "two"], "the new token is used");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_list_that_leads_elsewhere_or_without_end_is_not_followed(string kind)
    {
        var host = await StartAsync(kind);
        await using var other = new FakeHost(kind);
        await other.StartAsync();
        host.Refuses = context =>
        {
            context.Response.Headers.Link = $"<{other.Address}/api/orgs/acme/repos?page=2>; rel=\"next\"";
            context.Response.Headers["X-Next-Page"] = "1";
            context.Items[FakeHost.Says] = kind == "bitbucketCloud" ? $$"""{"values": [], "next": "{{other.Address}}/api/repositories/acme?page=2"}""" : "[]";
            return true;
        };

        await DiscoverAsync();

        // GitLab names a number only, so that it can lead round in a circle but not elsewhere.
        await ProblemAsync(kind == "gitlab" ? "more than 1000 pages" : "which is not its API");
        Assert.Empty(other.Asked);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_webhook_is_taken_with_the_hosts_own_signature_and_no_other(string kind)
    {
        var host = await StartAsync(kind);
        host.Repositories = [new("one"), new("two")];
        host.Files[("one", "main", "catalog-info.yaml")] = HostileServer.Component("one", "  title: before\n");
        await DiscoverAsync();
        await UntilAsync(() => Find("one")?.Metadata.Title == "before", "it is found");
        var push = JsonSerializer.SerializeToUtf8Bytes(host.PushOf("one"));
        var header = kind switch { "gitea" => "X-Gitea-Signature", "bitbucketCloud" => "X-Hub-Signature", "gitlab" => "X-Gitlab-Token", _ => "X-Hub-Signature-256" };
        string Signed(string secret, byte[] body) => kind switch
        {
            "gitlab" => secret,
            "gitea" => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)),
            _ => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)),
        };

        // 1. Whoever does not know the secret moves nothing.
        host.Files[("one", "main", "catalog-info.yaml")] = HostileServer.Component("one", "  title: after\n");
        var asked = host.Asked.Count;
#pragma warning disable CA5350 // What an old hook would send.
        var weak = "sha1=" + Convert.ToHexStringLower(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), push));
#pragma warning restore CA5350
        foreach (var (name, claimed) in ((string, string)[])
            [
                (header, Signed("another-secret-entirely", push)), (header, Signed(Secret, push)[..^1]), (header, Signed(Secret, push) + "0"), (header, "sha256="), (header, weak), ("X-Hub-Signature", weak), ("X-Nothing", "x"),
                (header, Signed("", push) + "x"), ("X-Gitlab-Token", "x"), ("X-Gitlab-Token", Secret[..^1]),
            ])
        {
            Assert.Equal(HttpStatusCode.Forbidden, await HookAsync(push, name, claimed));
        }

        if (kind != "gitlab")
        {
            Assert.Equal(HttpStatusCode.Forbidden, await HookAsync(JsonSerializer.SerializeToUtf8Bytes(host.PushOf("two")), header, Signed(Secret, push)));
        }

        Assert.Equal(asked, host.Asked.Count);
        Assert.Equal("before", Find("one")!.Metadata.Title);

        // 2. The host's own is read; the same again does nothing but read.
        Assert.Equal(HttpStatusCode.Accepted, await HookAsync(push, header, Signed(Secret, push)));
        await UntilAsync(() => Find("one")?.Metadata.Title == "after", "it is read again");
        var revision = Find("one")!.Metadata.Revision;
        for (var again = 0; again < 20; again++)
        {
            Assert.Equal(HttpStatusCode.Accepted, await HookAsync(push, header, Signed(Secret, push)));
        }

        await UntilAsync(() => host.Unchanged > 0, "a file that is the same is not sent");
        Assert.Equal(revision, Find("one")!.Metadata.Revision);

        // 3. A repository that is new is found by its first push.
        host.Files[("two", "main", "catalog-info.yaml")] = HostileServer.Component("two");
        host.Repositories = [.. host.Repositories, new("three")];
        host.Files[("three", "main", "catalog-info.yaml")] = HostileServer.Component("three");
        var first = JsonSerializer.SerializeToUtf8Bytes(host.PushOf("three"));
        Assert.Equal(HttpStatusCode.Accepted, await HookAsync(first, header, Signed(Secret, first)));
        await UntilAsync(() => Find("three") is not null, "the new one is found");

        // 4. Signed, and no event.
        foreach (var odd in (string[])["", "null", "[]", "payload=%7B%7D", """{"repository": {"html_url": 7}}""", """{"repository": "x", "project": []}""", """{"repository": {"html_url": "javascript:alert(1)"}}""", new string('[', 5000)])
        {
            var bytes = Encoding.UTF8.GetBytes(odd);
            Assert.Equal(HttpStatusCode.BadRequest, await HookAsync(bytes, header, Signed(Secret, bytes)));
        }
    }

    private static bool Limited(HttpContext context, string answer)
    {
        var parts = answer.Split(' ');
        context.Response.StatusCode = int.Parse(parts[0], CultureInfo.InvariantCulture);
        foreach (var header in parts[1..].Select(part => part.Split('=')))
        {
            context.Response.Headers[header[0]] = header[1] switch
            {
                "+600" => TimeProvider.System.GetUtcNow().AddSeconds(600).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                "date" => TimeProvider.System.GetUtcNow().AddSeconds(600).ToString("R", CultureInfo.InvariantCulture),
                var value => value,
            };
        }

        return true;
    }

    private async Task<FakeHost> StartAsync(string kind)
    {
        _host = new FakeHost(kind);
        await _host.StartAsync();
        await File.WriteAllTextAsync(TokenFile, _host.Token, Stop);
        var integration = new[] { new { host = _host.Authority, apiBaseUrl = $"{_host.Address}/api", tokenFile = TokenFile } };
        await File.WriteAllTextAsync(
            Path.Combine(_server.Folder, "axle.json"),
            JsonSerializer.Serialize(new Dictionary<string, object> { ["Catalog"] = new { HookSecret = Secret }, ["Integrations"] = new Dictionary<string, object> { [kind] = integration } }),
            Stop);
        await _server.StartAsync();
        _started = true;
        return _host;
    }

    private async Task DiscoverAsync(string organisation = "acme")
    {
        using var client = _server.Admin();
        using var applied = await client.ApplyAsync($"apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: {organisation}}}\nspec: {{type: {_host!.DiscoveryType}, target: '{_host.Address}/{organisation}'}}\n");
        Assert.True(applied.IsSuccessStatusCode, await applied.Content.ReadAsStringAsync(Stop));
    }

    private async Task RefreshAsync()
    {
        using var client = _server.Admin();
        using var refreshed = await client.PostAsJsonAsync("/api/catalog/refresh", new { entityRef = "location:default/acme" }, Stop);
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
    }

    private async Task<HttpStatusCode> HookAsync(byte[] body, string header, string value)
    {
        using var client = _server.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/catalog/hook") { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await client.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private Entity? Find(string name) => _server.Entities.Find(EntityRef.Of("Component", name));

    private string[] Components() => [.. _server.Entities.Query(new() { All = true, Kinds = ["Component"] }).Items.Select(one => one.Metadata.Name).Order(StringComparer.Ordinal)];

    private IReadOnlyList<Entity> Locations() => _server.Entities.Query(new() { All = true, Kinds = ["Location"] }).Items;

    private JsonElement? Status(string location) => _server.Entities.Find(EntityRef.Of("Location", location))?.Status is { ValueKind: JsonValueKind.Object } status ? status : null;

    /// <summary>Waits: what a file says is there before its location tells how it went.</summary>
    private Task ReadyAsync() => UntilAsync(() => Status("acme")?.GetProperty("phase").GetString() == "Ready", "nothing is wrong");

    private Task ProblemAsync(string says, string location = "acme") =>
        UntilAsync(() => Status(location)?.GetProperty("problems").ToString().Contains(says, StringComparison.Ordinal) == true, $"{location} says {says}");

    private async Task UntilAsync(Func<bool> holds, string what)
    {
        for (var end = Environment.TickCount64 + 45_000; !holds();)
        {
            Assert.True(Environment.TickCount64 < end, $"Not in time: {what}\n{string.Join('\n', Locations().Select(one => $"{one.Ref} {one.Spec} {one.Status}"))}");
            await Task.Delay(20, Stop);
        }
    }
}
