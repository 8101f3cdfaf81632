using System.Net;
using System.Net.Http.Json;
using System.Text;
using Axle.Contracts;
using Axle.Platform.Secrets;
using Axle.Tests.Cli;
using Axle.Tests.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Axle.Tests.Secrets;

public sealed class SecretsApiTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_owner_sets_reads_rotates_and_rolls_back_and_every_step_is_written_down()
    {
        using var jane = await ComponentAsync("flow");
        var set = await (await SetAsync(jane, "API_KEY", "component=flow", "first value")).ReadAsync<SecretView>();
        Assert.Equal((1, "flow", "user:default/flow-jane"), (set.Version, set.Of, set.By));
        Assert.Equal(2, (await (await SetAsync(jane, "API_KEY", "component=flow", "second value")).ReadAsync<SecretView>()).Version);
        Assert.Equal((2, "second value"), Pair(await ReadAsync(jane, "API_KEY", "component=flow")));
        Assert.Equal((1, "first value"), Pair(await ReadAsync(jane, "API_KEY", "component=flow&version=1")));

        var back = await (await PostAsync(jane, "API_KEY/rollback?component=flow", new SecretRollbackRequest())).ReadAsync<SecretView>();
        Assert.Equal(1, back.Version);
        Assert.Equal("secrets.no_previous", (await (await PostAsync(jane, "API_KEY/rollback?component=flow", new SecretRollbackRequest())).ProblemAsync(HttpStatusCode.Conflict)).Code);
        Assert.Equal(2, (await (await PostAsync(jane, "API_KEY/rollback?component=flow", new SecretRollbackRequest(2))).ReadAsync<SecretView>()).Version);

        Assert.Equal(3, (await (await PostAsync(jane, "API_KEY/rotate?component=flow", new SecretRotateRequest(Length: 48))).ReadAsync<SecretView>()).Version);
        Assert.Equal(48, (await ReadAsync(jane, "API_KEY", "component=flow")).Value.Length);

        var log = await (await jane.GetAsync("/api/secrets/API_KEY/log?component=flow", Stop)).ReadAsync<SecretUses>();
        Assert.Equal(["read", "rotate", "rollback", "rollback", "read", "read", "set", "set"], log.Items.Select(use => use.Verb));
        Assert.All(log.Items, use => Assert.Equal("user:default/flow-jane", use.Actor));
        var versions = await (await jane.GetAsync("/api/secrets/API_KEY/versions?component=flow", Stop)).ReadAsync<SecretVersions>();
        Assert.Equal(["previous", "previous", "current"], versions.Items.Select(version => version.State));

        var entity = server.Entities.Find(SecretKind.RefOf(new SecretScope("component/default/flow"), "API_KEY"))!;
        Assert.Contains(entity.Relations, relation => relation is { Type: "ownedBy", TargetRef.Name: "flow-team" });
        Assert.DoesNotContain("value", entity.Spec.GetRawText().Replace("\"value", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Others_see_names_but_neither_read_nor_write()
    {
        using var jane = await ComponentAsync("guard");
        await SetAsync(jane, "KEY", "component=guard", "the value");
        using var stranger = await server.UserAsync("guard-joe", ["guard-others"]);
        Assert.Equal("KEY", Assert.Single((await (await stranger.GetAsync("/api/secrets?component=guard", Stop)).ReadAsync<SecretList>()).Items, one => one.Of == "guard").Name);
        foreach (var (method, path) in new[] { ("POST", "KEY/read"), ("PUT", "KEY"), ("DELETE", "KEY"), ("POST", "KEY/rotate"), ("POST", "KEY/rollback"), ("POST", "KEY/restore"), ("POST", "KEY/share"), ("POST", "KEY/unshare"), ("POST", "KEY/link") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/secrets/{path}?component=guard") { Content = method == "DELETE" ? null : new StringContent("{\"value\":\"x\"}", Encoding.UTF8, "application/json") };
            using var answer = await stranger.SendAsync(request, Stop);
            Assert.Equal("ownership.not_owner", (await answer.ProblemAsync(HttpStatusCode.Forbidden)).Code);
        }

        Assert.Equal("secrets.organisation", (await (await SetAsync(jane, "KEY", "organisation=true", "x")).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal("ownership.not_owner", (await (await SetAsync(stranger, "KEY", "team=guard-team", "x")).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal(HttpStatusCode.OK, (await SetAsync(jane, "KEY", "team=guard-team", "x")).StatusCode);

        using var scoped = await server.UserAsync("guard-ci", ["guard-team"], null, "read", "secrets.write");
        Assert.Equal(HttpStatusCode.OK, (await SetAsync(scoped, "KEY", "component=guard", "y")).StatusCode);
        Assert.Equal("ownership.scope", (await (await PostAsync(scoped, "KEY/read?component=guard", new { })).ProblemAsync(HttpStatusCode.Forbidden)).Code);
    }

    [Theory]
    [InlineData("KEY", "", "secrets.scope", 400)]
    [InlineData("KEY", "component=wrong&team=wrong-team", "secrets.scope", 400)]
    [InlineData("KEY", "environment=staging", "secrets.scope", 400)]
    [InlineData("KEY", "component=nothing-here", "secrets.component_unknown", 404)]
    [InlineData("KEY", "team=nothing-here", "secrets.team_unknown", 404)]
    [InlineData("KEY", "component=wrong&environment=moon", "secrets.environment_unknown", 404)]
    [InlineData("1KEY", "component=wrong", "secrets.name", 422)]
    [InlineData("KEY%0A", "component=wrong", "secrets.name", 422)]
    [InlineData("a.b", "component=wrong", "secrets.name", 422)]
    [InlineData("EMPTY", "component=wrong", "secrets.value", 422)]
    [InlineData("ZERO", "component=wrong", "secrets.value", 422)]
    [InlineData("LARGE", "component=wrong", "secrets.value", 422)]
    [InlineData("known", "component=wrong", "secrets.case", 409)]
    public async Task What_cannot_be_a_secret_is_refused_in_words(string name, string query, string code, int status)
    {
        using var jane = await ComponentAsync("wrong");
        Assert.True((await SetAsync(jane, "KNOWN", "component=wrong", "x")).IsSuccessStatusCode);
        var value = name switch { "EMPTY" => "", "ZERO" => "a\0b", "LARGE" => new string('ü', 40_000), _ => "a value" };
        var problem = await (await SetAsync(jane, name, query, value)).ProblemAsync((HttpStatusCode)status);
        Assert.Equal(code, problem.Code);
        Assert.NotNull(problem.Next);
        Assert.DoesNotContain("a value", problem.Title, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unset_secret_is_given_to_nobody_and_can_be_restored()
    {
        using var jane = await ComponentAsync("lost");
        await SetAsync(jane, "KEY", "component=lost", "the value");
        var secrets = server.Services.GetRequiredService<ISecrets>();
        var component = EntityRef.Of("Component", "lost");
        Assert.Contains("KEY", secrets.For(component, "staging").Value.Keys);

        Assert.Equal(HttpStatusCode.OK, (await jane.DeleteAsync("/api/secrets/KEY?component=lost", Stop)).StatusCode);
        Assert.DoesNotContain("KEY", secrets.For(component, "staging").Value.Keys);
        Assert.Equal("secrets.removed", (await (await PostAsync(jane, "KEY/read?component=lost", new { })).ProblemAsync(HttpStatusCode.Conflict)).Code);
        Assert.NotNull(Assert.Single((await (await jane.GetAsync("/api/secrets?component=lost", Stop)).ReadAsync<SecretList>()).Items, one => one.Of == "lost").RestorableUntil);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(jane, "KEY/restore?component=lost", new { })).StatusCode);
        Assert.Equal("secrets.not_removed", (await (await PostAsync(jane, "KEY/restore?component=lost", new { })).ProblemAsync(HttpStatusCode.Conflict)).Code);
        Assert.Equal("the value", secrets.For(component, "staging").Value["KEY"].Reveal());
    }

    [Fact]
    public async Task A_shared_secret_follows_its_owner_until_it_is_unshared()
    {
        using var jane = await ComponentAsync("giver");
        using var joe = await ComponentAsync("taker");
        await SetAsync(jane, "KEY", "component=giver", "one");
        var shared = await (await PostAsync(jane, "KEY/share?component=giver", new SecretShareRequest("taker"))).ReadAsync<SecretView>();
        Assert.Equal("taker", Assert.Single(shared.SharedWith).Name);
        var secrets = server.Services.GetRequiredService<ISecrets>();
        Assert.Equal("one", secrets.For(EntityRef.Of("Component", "taker"), "staging").Value["KEY"].Reveal());
        Assert.Contains((await (await joe.GetAsync("/api/secrets?component=taker", Stop)).ReadAsync<SecretList>()).Items, one => one is { Name: "KEY", Of: "giver" });

        // Given is not owned: the taker's people still may not read it.
        Assert.Equal("ownership.not_owner", (await (await PostAsync(joe, "KEY/read?component=giver", new { })).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(jane, "KEY/unshare?component=giver", new SecretShareRequest("taker"))).StatusCode);
        Assert.DoesNotContain("KEY", secrets.For(EntityRef.Of("Component", "taker"), "staging").Value.Keys);
        Assert.Equal("secrets.not_shared", (await (await PostAsync(jane, "KEY/unshare?component=giver", new SecretShareRequest("taker"))).ProblemAsync(HttpStatusCode.NotFound)).Code);
    }

    [Fact]
    public async Task A_file_is_imported_whole_or_not_at_all()
    {
        using var jane = await ComponentAsync("imports");
        using var wrong = await jane.PostAsJsonAsync("/api/secrets?component=imports", new SecretImportRequest("ONE=1\nthis is wrong\nTWO='open"), Stop);
        var problem = await wrong.ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal([2, 3], problem.Errors.Select(error => error.Line));
        Assert.DoesNotContain("open", string.Join(' ', problem.Errors.Select(error => error.Message)), StringComparison.Ordinal);
        Assert.DoesNotContain((await (await jane.GetAsync("/api/secrets?component=imports", Stop)).ReadAsync<SecretList>()).Items, one => one.Of == "imports");

        using var right = await jane.PostAsJsonAsync("/api/secrets?component=imports", new SecretImportRequest("ONE=1\nexport TWO='a b'"), Stop);
        Assert.Equal(["ONE", "TWO"], (await right.ReadAsync<SecretList>()).Items.Select(one => one.Name));
        Assert.Equal("a b", (await ReadAsync(jane, "TWO", "component=imports")).Value);
    }

    [Fact]
    public async Task A_link_shows_the_value_once_and_a_preview_does_not_use_it_up()
    {
        using var jane = await ComponentAsync("links");
        await SetAsync(jane, "KEY", "component=links", "<the> \"value\"");
        var link = await (await PostAsync(jane, "KEY/link?component=links", new SecretLinkRequest(10))).ReadAsync<SecretLink>();
        var path = new Uri(link.Url).AbsolutePath;
        using var anybody = server.Client();
        for (var look = 0; look < 3; look++)
        {
            var page = await anybody.GetStringAsync(path, Stop);
            Assert.Contains("<form method=\"post\">", page, StringComparison.Ordinal);
            Assert.DoesNotContain("value\"", page, StringComparison.Ordinal);
        }

        // Of many that press at once, one sees it.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => anybody.PostAsync(path, null, Stop)));
        var shown = Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        Assert.Contains("&lt;the&gt; &quot;value&quot;", await shown.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal("no-store", shown.Headers.CacheControl?.ToString());
        Assert.All(answers.Where(answer => answer != shown), answer => Assert.Equal(HttpStatusCode.Gone, answer.StatusCode));

        using var late = await anybody.GetAsync(path, Stop);
        Assert.Equal(HttpStatusCode.Gone, late.StatusCode);
        Assert.Contains("was used already, on ", await late.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await anybody.PostAsync(path[..^1] + (path[^1] == 'x' ? 'y' : 'x'), null, Stop)).StatusCode);
        var log = await (await jane.GetAsync("/api/secrets/KEY/log?component=links", Stop)).ReadAsync<SecretUses>();
        Assert.Equal(8, log.Items.Count(use => use.Verb == "open"));
        Assert.Equal(7, log.Items.Count(use => use.Detail?.Contains("refused", StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task The_command_line_sets_from_its_input_prints_the_bare_value_and_takes_no_value_as_an_argument()
    {
        using var jane = await ComponentAsync("cli");
        using var set = Run("sensible value\n");
        Assert.Equal(0, await set.RunAsync("secret", "set", "KEY", "-c", "cli"));
        Assert.Contains("KEY of cli is set, version 1.", set.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("sensible", set.Out + set.Error, StringComparison.Ordinal);

        using var get = Run();
        Assert.Equal(0, await get.RunAsync("secret", "get", "KEY", "-c", "cli"));
        Assert.Equal("sensible value", get.Out);

        using var wrong = Run();
        Assert.Equal(2, await wrong.RunAsync("secret", "set", "KEY=hunter2", "-c", "cli"));
        Assert.Contains("would be seen by every process", wrong.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", wrong.Error, StringComparison.Ordinal);

        using var list = Run();
        Assert.Equal(0, await list.RunAsync("secret", "list", "-c", "cli"));
        Assert.Contains("KEY", list.Out, StringComparison.Ordinal);

        using var age = Run();
        Assert.Equal(0, await age.RunAsync("secret", "age", "--check"));
        using var rotate = Run();
        Assert.Equal(0, await rotate.RunAsync("secret", "rotate", "KEY", "-c", "cli"));
        using var back = Run();
        Assert.Equal(0, await back.RunAsync("secret", "rollback", "KEY", "-c", "cli"));
        Assert.Contains("is back at version 1", back.Out, StringComparison.Ordinal);
        using var share = Run();
        Assert.Equal(2, await share.RunAsync("secret", "share", "KEY", "-c", "cli"));
        using var unset = Run();
        Assert.Equal(0, await unset.RunAsync("secret", "unset", "KEY", "-c", "cli"));
        using var restore = Run();
        Assert.Equal(0, await restore.RunAsync("secret", "restore", "KEY", "-c", "cli", "-o", "json"));
        using var link = Run();
        Assert.Equal(0, await link.RunAsync("secret", "link", "KEY", "-c", "cli"));
        Assert.StartsWith("http", link.Out, StringComparison.Ordinal);
        foreach (var verb in new[] { "versions", "log" })
        {
            using var run = Run();
            Assert.Equal(0, await run.RunAsync("secret", verb, "KEY", "-c", "cli"));
            Assert.Contains("user:default/admin", run.Out, StringComparison.Ordinal);
        }

        var file = Path.Combine(set.Folder, ".env");
        await File.WriteAllTextAsync(file, "A=1\nB=2\n", Stop);
        using var import = Run();
        Assert.Equal(0, await import.RunAsync("secret", "set", "--from-env-file", file, "-c", "cli", "-e", "staging"));
        Assert.Contains("2 secrets are set: A, B", import.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_request_answers_the_same_without_a_digest_of_the_value_and_a_read_value_is_never_kept()
    {
        using var jane = await ComponentAsync("again");
        jane.DefaultRequestHeaders.Add("Idempotency-Key", "the-key");
        var first = await (await SetAsync(jane, "KEY", "component=again", "one")).ReadAsync<SecretView>();
        var second = await (await SetAsync(jane, "KEY", "component=again", "one")).ReadAsync<SecretView>();
        Assert.Equal((1, 1), (first.Version, second.Version));
        jane.DefaultRequestHeaders.Remove("Idempotency-Key");
        jane.DefaultRequestHeaders.Add("Idempotency-Key", "another");
        Assert.Equal("one", (await ReadAsync(jane, "KEY", "component=again")).Value);
        using var again = await PostAsync(jane, "KEY/read?component=again", new { });
        Assert.Equal("http.idempotency_done", (await again.ProblemAsync(HttpStatusCode.Conflict)).Code);
    }

    private CliRun Run(string input = "")
    {
        var run = new CliRun { Input = input };
        run.Variables["AXLE_URL"] = server.Address.ToString();
        run.Variables["AXLE_TOKEN"] = server.AdminToken;
        return run;
    }

    private async Task<HttpClient> ComponentAsync(string name)
    {
        var jane = await server.UserAsync($"{name}-jane", [$"{name}-team"]);
        var put = await server.Entities.PutAsync(TestServer.Component(name, $"{name}-team"), "system:test", stop: Stop);
        Assert.True(put.Ok, put.ToString());
        return jane;
    }

    internal static Task<HttpResponseMessage> SetAsync(HttpClient client, string name, string query, string value) => client.PutAsJsonAsync($"/api/secrets/{name}?{query}", new SecretSetRequest(value), Stop);

    internal static async Task<SecretReading> ReadAsync(HttpClient client, string name, string query) => await (await PostAsync(client, $"{name}/read?{query}", new { })).ReadAsync<SecretReading>();

    internal static Task<HttpResponseMessage> PostAsync<T>(HttpClient client, string path, T body) => client.PostAsJsonAsync("/api/secrets/" + path, body, Stop);

    private static (int, string) Pair(SecretReading reading) => (reading.Version, reading.Value);
}
