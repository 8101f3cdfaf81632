using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Tests.Server;

namespace Axle.Tests.Catalog;

public sealed class EntityApiTests(TestServer server) : IClassFixture<TestServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_entity_is_created_read_changed_and_deleted()
    {
        using var client = await server.UserAsync("life-jane", ["life-team"]);
        var wish = TestServer.Component("life", "life-team");

        using var created = await client.PutEntityAsync(wish);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var entity = await created.ReadAsync<Entity>();
        Assert.Equal([new Relation("ownedBy", EntityRef.Of("Group", "life-team"))], entity.Relations);
        Assert.Equal($"\"{entity.Metadata.Revision}\"", created.Headers.ETag?.Tag);

        using var again = await client.PutEntityAsync(wish);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(entity.Metadata.Revision, (await again.ReadAsync<Entity>()).Metadata.Revision);

        var known = new HttpRequestMessage(HttpMethod.Get, HttpSteps.Path(wish));
        known.Headers.TryAddWithoutValidation("If-None-Match", created.Headers.ETag!.Tag);
        using var unchanged = await client.SendAsync(known, Stop);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        using var changed = await client.PutEntityAsync(wish with { Metadata = wish.Metadata with { Title = "Life" } }, created.Headers.ETag.Tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        using var late = await client.PutEntityAsync(wish, created.Headers.ETag.Tag);
        Assert.Equal("entities.conflict", (await late.ProblemAsync(HttpStatusCode.PreconditionFailed)).Code);

        using var deleted = await client.DeleteAsync(HttpSteps.Path(wish), Stop);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await client.GetAsync(HttpSteps.Path(wish), Stop);
        Assert.Equal("entities.not_found", (await gone.ProblemAsync(HttpStatusCode.NotFound)).Code);

        using var history = await client.GetAsync(HttpSteps.Path(wish) + "/history", Stop);
        Assert.Equal(["delete", "update", "create"], (await history.ReadAsync<List<Change>>()).Select(change => change.Verb));
        Assert.All(await history.ReadAsync<List<Change>>(), change => Assert.Equal("user:default/life-jane", change.Actor));
    }

    [Fact]
    public async Task The_address_and_the_body_must_name_the_same_entity()
    {
        using var client = server.Admin();
        using var answer = await client.PutAsync("/api/entities/component/default/other", JsonContent.Create(TestServer.Component("this", "platform"), options: EntityJson.Options), Stop);
        Assert.Equal("catalog.named_otherwise", (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity)).Code);
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged()
    {
        using var client = await server.UserAsync("list-jane", ["list-team"]);
        foreach (var name in new[] { "list-a", "list-b", "list-c" })
        {
            using var put = await client.PutEntityAsync(TestServer.Component(name, "list-team"));
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }

        var first = await PageAsync("/api/entities?kind=component&owner=list-team&limit=2");
        Assert.Equal(["list-a", "list-b"], first.Items.Select(item => item.Metadata.Name));
        Assert.Equal(3, first.Total);
        var second = await PageAsync($"/api/entities?kind=component&owner=list-team&limit=2&cursor={Uri.EscapeDataString(first.NextCursor!)}");
        Assert.Equal(["list-c"], second.Items.Select(item => item.Metadata.Name));
        Assert.Null(second.NextCursor);

        Assert.Equal(3, (await PageAsync("/api/entities?filter=spec.owner=list-team")).Total);
        Assert.Equal(0, (await PageAsync("/api/entities?filter=spec.owner=list-team&filter=spec.type=website")).Total);
        Assert.Equal(["list-b"], (await PageAsync("/api/entities?q=list-b")).Items.Select(item => item.Metadata.Name));
        Assert.Equal(["list-c", "list-b", "list-a"], (await PageAsync("/api/entities?owner=list-team&order=newest")).Items.Select(item => item.Metadata.Name));

        using var unknown = await client.GetAsync("/api/entities?kind=componnet", Stop);
        Assert.Contains("Component", (await unknown.ProblemAsync(HttpStatusCode.UnprocessableEntity)).Title, StringComparison.Ordinal);

        async Task<EntityPage> PageAsync(string address)
        {
            using var answer = await client.GetAsync(address, Stop);
            return await answer.ReadAsync<EntityPage>();
        }
    }

    [Fact]
    public async Task A_file_is_applied_whole_or_not_at_all()
    {
        using var client = await server.UserAsync("apply-jane", ["apply-team"]);
        const string Good = """
            apiVersion: backstage.io/v1alpha1
            kind: System
            metadata: { name: apply-system }
            spec: { owner: apply-team }
            ---
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: { name: apply-web }
            spec: { type: website, lifecycle: production, owner: apply-team, system: apply-system }
            """;
        using var dry = await client.ApplyAsync(Good, dryRun: true);
        Assert.Equal(["created", "created"], (await dry.ReadAsync<ApplyAnswer>()).Items.Select(item => item.Outcome));
        Assert.Null(server.Entities.Find(EntityRef.Of("Component", "apply-web")));

        using var first = await client.ApplyAsync(Good);
        Assert.Equal(["created", "created"], (await first.ReadAsync<ApplyAnswer>()).Items.Select(item => item.Outcome));
        using var second = await client.ApplyAsync(Good.Replace("website", "service", StringComparison.Ordinal));
        Assert.Equal(["unchanged", "updated"], (await second.ReadAsync<ApplyAnswer>()).Items.Select(item => item.Outcome));
        using var foreseen = await client.ApplyAsync(Good, dryRun: true);
        Assert.Equal(["unchanged", "updated"], (await foreseen.ReadAsync<ApplyAnswer>()).Items.Select(item => item.Outcome));

        using var broken = await client.ApplyAsync(Good.Replace("apply-web", "apply-new", StringComparison.Ordinal).Replace("type: website, ", "", StringComparison.Ordinal).Replace("apply-system }\nspec", "Apply_System! }\nspec", StringComparison.Ordinal));
        var problem = await broken.ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Equal([("metadata.name", 3), ("spec.type", 9)], problem.Errors.Select(one => (one.Path!, one.Line!.Value)));
        Assert.Null(server.Entities.Find(EntityRef.Of("Component", "apply-new")));

        using var twice = await client.ApplyAsync(Good + "\n---\n" + Good);
        Assert.Equal(2, (await twice.ProblemAsync(HttpStatusCode.UnprocessableEntity)).Errors.Count);
    }

    [Fact]
    public async Task What_was_read_can_be_applied_again_unchanged()
    {
        using var client = server.Admin();
        using var put = await client.PutEntityAsync(TestServer.Component("round", "platform"));
        var text = await client.GetStringAsync(HttpSteps.Path(TestServer.Component("round", "platform")), Stop);
        using var applied = await client.ApplyAsync(text);
        Assert.Equal("unchanged", Assert.Single((await applied.ReadAsync<ApplyAnswer>()).Items).Outcome);
    }

    [Fact]
    public async Task A_watch_shows_changes_as_they_happen_and_goes_on_where_it_stopped()
    {
        using var client = server.Admin();
        var before = server.Entities.Revision;
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/watch?kind=component");
        request.Headers.Add("Last-Event-ID", before.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);

        using var domain = await client.PutEntityAsync(TestServer.Json("Domain", "watch-domain", """{"owner":"platform"}"""));
        using var component = await client.PutEntityAsync(TestServer.Component("watched", "platform"));
        var revision = (await component.ReadAsync<Entity>()).Metadata.Revision;

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(deadline.Token));
        var lines = new List<string>();
        while (lines.Count < 3 && await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.Length > 0 && !line.StartsWith(':'))
            {
                lines.Add(line);
            }
        }

        // Another test may have changed a component at the same time; ours is in the stream, and no domain is.
        Assert.Equal("event: change", lines[0]);
        Assert.StartsWith("id: ", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"component:default/", lines[2], StringComparison.Ordinal);
        Assert.True(long.Parse(lines[1][4..], System.Globalization.CultureInfo.InvariantCulture) <= revision);
    }

    [Fact]
    public async Task Activity_tells_what_happened_page_by_page()
    {
        using var client = await server.UserAsync("act-jane", ["act-team"]);
        using var one = await client.PutEntityAsync(TestServer.Component("act-one", "act-team"));
        using var two = await client.PutEntityAsync(TestServer.Component("act-two", "act-team"));

        using var first = await client.GetAsync("/api/activity?ref=group:act-team&limit=1", Stop);
        var page = await first.ReadAsync<ActivityPage>();
        Assert.Equal("act-jane created component act-two for act-team", Assert.Single(page.Items).Sentence);
        using var second = await client.GetAsync($"/api/activity?ref=group:act-team&limit=1&before={page.NextBefore}", Stop);
        Assert.Equal("act-jane created component act-one for act-team", Assert.Single((await second.ReadAsync<ActivityPage>()).Items).Sentence);
    }

    [Fact]
    public async Task Describe_follows_the_causes_to_the_first_one()
    {
        using var client = server.Admin();
        foreach (var (name, cause, message) in new[]
        {
            ("cause-c", (string?)null, "The disk is full"),
            ("cause-b", "component:cause-c", "It waits"),
            ("cause-a", "component:cause-b", "It waits"),
            ("cause-x", "component:cause-y", "It waits for y"),
            ("cause-y", "component:cause-x", "It waits for x"),
        })
        {
            using var put = await client.PutEntityAsync(TestServer.Component(name, "platform"));
            var condition = new Condition("Ready", "False", "Waiting", message, default, cause is null ? "axle doctor" : null, cause is null ? null : EntityRef.Parse(cause));
            Assert.True((await server.Entities.PutStatusAsync(EntityRef.Of("Component", name), new { conditions = new[] { condition } }, "system:test", stop: Stop)).Ok);
        }

        var found = await DescribeAsync("cause-a");
        Assert.Equal("component:cause-a is not ready because of component:cause-c: The disk is full.", found.Summary);
        Assert.Equal(EntityRef.Of("Component", "cause-c"), found.RootCause);
        Assert.Equal("axle doctor", found.Next);
        Assert.NotEmpty(found.History);

        Assert.Null((await DescribeAsync("cause-c")).RootCause);
        foreach (var part in (string[])["part-b", "part-a"])
        {
            var component = TestServer.Component(part, "platform");
            using var put = await client.PutEntityAsync(component with { Spec = JsonSerializer.SerializeToElement(new { type = "service", lifecycle = "production", owner = "platform", subcomponentOf = "whole" }) });
            Assert.True((await server.Entities.PutStatusAsync(component.Ref, new { conditions = new[] { new Condition("Ready", "True", "Healthy", $"{part} serves.", default) } }, "system:test", stop: Stop)).Ok);
        }

        using (await client.PutEntityAsync(TestServer.Component("whole", "platform")))
        {
            Assert.Equal("component:whole is ready: part-a serves. part-b serves.", (await DescribeAsync("whole")).Summary);
        }

        Assert.Equal(EntityRef.Of("Component", "cause-y"), (await DescribeAsync("cause-x")).RootCause);

        async Task<Description> DescribeAsync(string name)
        {
            using var answer = await client.GetAsync($"/api/entities/component/default/{name}/describe", Stop);
            return await answer.ReadAsync<Description>();
        }
    }
}
