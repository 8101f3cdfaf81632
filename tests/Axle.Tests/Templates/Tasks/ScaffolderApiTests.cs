using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Tests.Server;

namespace Axle.Tests.Templates.Tasks;

/// <summary>Backstage's scaffolder API, as its clients call it.</summary>
public sealed class ScaffolderApiTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Api = "/api/scaffolder/v2";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_form_and_the_actions_are_shown_in_Backstages_form()
    {
        using var client = server.Admin();
        await TemplateAsync("form", """
            {"type": "service", "presentation": {"buttonLabels": {"createButtonText": "Go"}},
             "parameters": [{"title": "About", "description": "It", "required": ["name"], "properties": {"name": {"type": "string"}}}, {"properties": {"port": {"type": "integer"}}}],
             "steps": [{"action": "debug:log", "input": {"message": "x"}}]}
            """);

        var form = await JsonAsync(await client.GetAsync($"{Api}/templates/default/Template/form/parameter-schema", Stop), HttpStatusCode.OK);
        Assert.Equal("""{"title":"form","presentation":{"buttonLabels":{"createButtonText":"Go"}},"steps":[{"title":"About","description":"It","schema":{"title":"About","description":"It","required":["name"],"properties":{"name":{"type":"string"}}}},{"title":"Please enter the following information","schema":{"properties":{"port":{"type":"integer"}}}}]}""", form!.ToJsonString());

        var actions = (JsonArray)(await JsonAsync(await client.GetAsync($"{Api}/actions", Stop), HttpStatusCode.OK))!;
        var approve = actions.Single(one => one!["id"]!.GetValue<string>() == "axle:approve")!;
        Assert.Equal("object", approve["schema"]!["input"]!["type"]!.GetValue<string>());
        Assert.NotEmpty((JsonArray)approve["examples"]!);
        var filters = (await JsonAsync(await client.GetAsync($"{Api}/templating-extensions", Stop), HttpStatusCode.OK))!["filters"]!.AsObject();
        Assert.Equal(["parseEntityRef", "parseRepoUrl", "pick", "projectSlug"], filters.Select(one => one.Key).Order());

        var unknown = await JsonAsync(await client.GetAsync($"{Api}/templates/default/Template/nowhere/parameter-schema", Stop), HttpStatusCode.NotFound);
        Assert.Equal("NotFoundError", unknown!["error"]!["name"]!.GetValue<string>());
        var component = await JsonAsync(await client.GetAsync($"{Api}/templates/default/Component/x/parameter-schema", Stop), HttpStatusCode.BadRequest);
        Assert.Equal("Invalid kind, only 'Template' kind is supported", component!["error"]!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_task_is_begun_followed_and_listed()
    {
        using var client = await server.UserAsync("ada", ["makers"]);
        await TemplateAsync("talk", """
            {"type": "service", "parameters": {"required": ["name"], "properties": {"name": {"type": "string", "maxLength": 5}}},
             "secrets": {"schema": {"type": "object", "required": ["token"]}},
             "steps": [{"id": "say", "name": "Say it", "action": "debug:log", "input": {"message": "Hello ${{ parameters.name }} ${{ secrets.token }}"}}, {"if": "${{ parameters.more }}", "action": "debug:log", "input": {"message": "more"}}],
             "output": {"links": [{"title": "It", "url": "http://example.com/${{ parameters.name }}"}]}}
            """);

        // 1. What does not fit is a list of places.
        var wrong = await JsonAsync(await PostAsync(client, "/tasks", """{"templateRef": "template:default/talk", "values": {"name": "too long"}, "secrets": {"token": "t"}}"""), HttpStatusCode.BadRequest);
        Assert.Equal(("instance.name", "maxLength"), (wrong!["errors"]![0]!["property"]!.GetValue<string>(), wrong["errors"]![0]!["name"]!.GetValue<string>()));
        var missing = await JsonAsync(await PostAsync(client, "/tasks", """{"templateRef": "template:default/talk", "values": {}, "secrets": {"token": "t"}}"""), HttpStatusCode.BadRequest);
        Assert.Equal("requires property \"name\"", missing!["errors"]![0]!["message"]!.GetValue<string>());
        var secret = await JsonAsync(await PostAsync(client, "/tasks", """{"templateRef": "template:default/talk", "values": {"name": "ada"}}"""), HttpStatusCode.BadRequest);
        Assert.Equal("secrets.token is required", secret!["errors"]![0]!["message"]!.GetValue<string>());
        Assert.Equal("NotFoundError", (await JsonAsync(await PostAsync(client, "/tasks", """{"templateRef": "template:default/nowhere", "values": {}}"""), HttpStatusCode.NotFound))!["error"]!["name"]!.GetValue<string>());
        Assert.Equal("InputError", (await JsonAsync(await PostAsync(client, "/tasks", "[]"), HttpStatusCode.BadRequest))!["error"]!["name"]!.GetValue<string>());

        // 2. The stream tells everything, and ends.
        var id = (await JsonAsync(await PostAsync(client, "/tasks", """{"templateRef": "template:default/talk", "values": {"name": "ada"}, "secrets": {"token": "geheim-77"}}"""), HttpStatusCode.Created))!["id"]!.GetValue<string>();
        Assert.True(Guid.TryParse(id, out _));
        var stream = await client.GetStringAsync($"{Api}/tasks/{id}/eventstream", Stop);
        var events = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(one => one.StartsWith("event: ", StringComparison.Ordinal))
            .Select(one => (Type: one.Split('\n')[0]["event: ".Length..], Data: JsonNode.Parse(one.Split('\n').Single(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..])!)).ToList();
        Assert.Equal("completion", events[^1].Type);
        Assert.Equal("""{"links":[{"title":"It","url":"http://example.com/ada"}]}""", events[^1].Data["body"]!["output"]!.ToJsonString());
        Assert.All(events, one => Assert.Equal((id, one.Type), (one.Data["taskId"]!.GetValue<string>(), one.Data["type"]!.GetValue<string>())));
        Assert.Contains(events, one => one.Data["body"]!["message"]!.GetValue<string>().Contains("Hello ada ***", StringComparison.Ordinal));
        Assert.DoesNotContain("geheim", stream, StringComparison.Ordinal);
        Assert.Contains(events, one => one.Data["body"] is JsonObject body && body["status"]?.GetValue<string>() == "skipped" && body["stepId"]!.GetValue<string>() == "step-2");

        // 3. The list of events goes on from an id, and always says that it is over.
        var polled = (JsonArray)(await JsonAsync(await client.GetAsync($"{Api}/tasks/{id}/events?after={events[1].Data["id"]}", Stop), HttpStatusCode.OK))!;
        Assert.Equal(events.Count - 2, polled.Count);
        Assert.Equal("completion", Assert.Single((JsonArray)(await JsonAsync(await client.GetAsync($"{Api}/tasks/{id}/events?after=9999", Stop), HttpStatusCode.OK))!)!["type"]!.GetValue<string>());

        // 4. The task itself, alone and in lists.
        var task = (await JsonAsync(await client.GetAsync($"{Api}/tasks/{id}", Stop), HttpStatusCode.OK))!;
        Assert.Equal(("completed", "user:default/ada"), (task["status"]!.GetValue<string>(), task["createdBy"]!.GetValue<string>()));
        Assert.Equal("template:default/talk", task["spec"]!["templateInfo"]!["entityRef"]!.GetValue<string>());
        Assert.Equal("ada", task["spec"]!["user"]!["entity"]!["metadata"]!["name"]!.GetValue<string>());
        Assert.Equal("Say it", task["spec"]!["steps"]![0]!["name"]!.GetValue<string>());
        Assert.DoesNotContain("geheim", task.ToJsonString(), StringComparison.Ordinal);
        var list = (await JsonAsync(await client.GetAsync($"{Api}/tasks?createdBy=user:default/ada&status=completed&order=desc:created_at&limit=1", Stop), HttpStatusCode.OK))!;
        Assert.Equal(id, list["tasks"]![0]!["id"]!.GetValue<string>());
        Assert.Equal("Invalid order field \"spec\"", (await JsonAsync(await client.GetAsync($"{Api}/tasks?order=asc:spec", Stop), HttpStatusCode.BadRequest))!["error"]!["message"]!.GetValue<string>());

        // 5. It is over: nothing is left to retry, and nobody else may try.
        Assert.Equal("ConflictError", (await JsonAsync(await PostAsync(client, $"/tasks/{id}/retry", """{"secrets": {"token": "x"}}"""), HttpStatusCode.Conflict))!["error"]!["name"]!.GetValue<string>());
        Assert.Equal("NotFoundError", (await JsonAsync(await PostAsync(client, "/tasks/nothing/cancel", "{}"), HttpStatusCode.NotFound))!["error"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Others_do_not_cancel_and_viewers_do_not_begin()
    {
        using var ada = await server.UserAsync("ada2", ["makers2"]);
        using var eve = await server.UserAsync("eve", ["others"]);
        using var guest = await server.UserAsync("guest", ["others"], "viewer");
        await TemplateAsync("ask", """{"type": "service", "steps": [{"action": "axle:approve", "input": {"approvers": ["others"]}}]}""");
        Assert.Equal("NotAllowedError", (await JsonAsync(await PostAsync(guest, "/tasks", """{"templateRef": "ask", "values": {}}"""), HttpStatusCode.Forbidden))!["error"]!["name"]!.GetValue<string>());
        var id = (await JsonAsync(await PostAsync(ada, "/tasks", """{"templateRef": "ask", "values": {}}"""), HttpStatusCode.Created))!["id"]!.GetValue<string>();

        Assert.Equal("NotAllowedError", (await JsonAsync(await PostAsync(eve, $"/tasks/{id}/cancel", "{}"), HttpStatusCode.Forbidden))!["error"]!["name"]!.GetValue<string>());
        Assert.Equal("ConflictError", (await JsonAsync(await PostAsync(ada, $"/tasks/{id}/retry", ""), HttpStatusCode.Conflict))!["error"]!["name"]!.GetValue<string>());
        await UntilAsync(ada, id, "waiting");
        Assert.Equal("templates.own_task", (await (await ada.PostAsJsonAsync($"/api/tasks/{id}/approve", new DecisionRequest(), AxleJson.Default.DecisionRequest, Stop)).ProblemAsync(HttpStatusCode.Forbidden)).Code);
        (await eve.PostAsJsonAsync($"/api/tasks/{id}/approve", new DecisionRequest("Go on."), AxleJson.Default.DecisionRequest, Stop)).EnsureSuccessStatusCode();

        Assert.Equal("user:default/eve", (await UntilAsync(ada, id, "completed")).Steps[0].Output!.Value.GetProperty("approvedBy").GetString());
    }

    [Fact]
    public async Task A_dry_run_renders_the_files_that_come_with_it()
    {
        using var client = server.Admin();
        var body = new JsonObject
        {
            ["template"] = JsonNode.Parse("""
                {"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "sent"},
                 "spec": {"type": "service", "parameters": {"properties": {"name": {"type": "string"}}},
                          "steps": [{"id": "fetch", "action": "fetch:template", "input": {"url": "./skeleton", "values": {"name": "${{ parameters.name }}"}}},
                                    {"id": "publish", "action": "publish:axle", "input": {"repository": "${{ parameters.name }}"}}],
                          "output": {"remote": "${{ steps.publish.output.remoteUrl }}"}}}
                """),
            ["values"] = new JsonObject { ["name"] = "orders" },
            ["directoryContents"] = new JsonArray(new JsonObject { ["path"] = "skeleton/${{ values.name }}.txt", ["base64Content"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("Hi ${{ values.name }}")) }),
        };

        var answer = (await JsonAsync(await PostAsync(client, "/dry-run", body.ToJsonString()), HttpStatusCode.OK))!;

        Assert.Equal(("orders.txt", "Hi orders"), (answer["directoryContents"]![0]!["path"]!.GetValue<string>(), Encoding.UTF8.GetString(Convert.FromBase64String(answer["directoryContents"]![0]!["base64Content"]!.GetValue<string>()))));
        Assert.Equal("<example>", answer["output"]!["remote"]!.GetValue<string>());
        Assert.Equal(["fetch", "publish"], answer["steps"]!.AsArray().Select(step => step!["id"]!.GetValue<string>()));
        Assert.Contains(answer["log"]!.AsArray(), line => line!["body"]!["message"]!.GetValue<string>() == "Skipping because publish:axle does not support dry-run");

        body["template"] = new JsonObject { ["kind"] = "Component" };
        Assert.Equal("Input template is not a template", (await JsonAsync(await PostAsync(client, "/dry-run", body.ToJsonString()), HttpStatusCode.BadRequest))!["error"]!["message"]!.GetValue<string>());
        body["directoryContents"] = new JsonArray(new JsonObject { ["path"] = "../out", ["base64Content"] = "" });
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, "/dry-run", body.ToJsonString())).StatusCode);
    }

    [Theory]
    [InlineData("""{"action": "debug:log", "input": {"message": "m", "more": 1}}""", false, null)]
    [InlineData("""{"action": "roadiehq:utils:sleep", "input": {"amount": 0}}""", true, "{}")]
    [InlineData("""{"action": "roadiehq:utils:zip", "input": {"path": ".", "outputPath": "a.zip"}}""", true, """{"outputPath":"a.zip"}""")]
    [InlineData("""{"action": "publish:github:pull-request", "input": {"repoUrl": "github.com?owner=acme&repo=orders", "branchName": "b", "title": "t", "description": "d", "draft": true}}""", true, """{"targetBranchName":"b","remoteUrl":"github.com?owner=acme&repo=orders","pullRequestNumber":43}""")]
    [InlineData("""{"action": "publish:github:pull-request", "input": {"repoUrl": "github.com?owner=acme&repo=orders", "branchName": "b", "title": "t", "description": "d", "autoMerge": true}}""", false, null)]
    [InlineData("""{"action": "publish:github:pull-request", "input": {"repoUrl": "github.com?owner=acme", "branchName": "b", "title": "t", "description": "d"}}""", false, null)]
    [InlineData("""{"action": "publish:gitlab:merge-request", "input": {"repoUrl": "gitlab.com?owner=acme&repo=orders", "branchName": "b", "title": "t"}}""", true, """{"targetBranchName":"<example>","projectid":"<example>","projectPath":"<example>","mergeRequestUrl":"<example>"}""")]
    [InlineData("""{"action": "catalog:register", "input": {"catalogInfoUrl": "https://example.com/x.yaml"}}""", true, "{}")]
    public async Task A_dry_run_of_an_action_ends_as_Backstages(string step, bool succeeds, string? output)
    {
        using var client = server.Admin();
        var it = (JsonObject)JsonNode.Parse(step)!;
        it["id"] = "it";
        var template = new JsonObject
        {
            ["apiVersion"] = "scaffolder.backstage.io/v1beta3",
            ["kind"] = "Template",
            ["metadata"] = new JsonObject { ["name"] = "sent" },
            ["spec"] = new JsonObject { ["type"] = "service", ["steps"] = new JsonArray(it), ["output"] = new JsonObject { ["it"] = "${{ steps.it.output | dump }}" } },
        };

        using var answer = await PostAsync(client, "/dry-run", new JsonObject { ["template"] = template, ["values"] = new JsonObject(), ["directoryContents"] = new JsonArray() }.ToJsonString());

        Assert.Equal(succeeds ? HttpStatusCode.OK : HttpStatusCode.BadRequest, answer.StatusCode);
        if (succeeds)
        {
            Assert.Equal(output, (await JsonAsync(answer, HttpStatusCode.OK))!["output"]!["it"]!.GetValue<string>());
        }
    }

    private async Task TemplateAsync(string name, string spec)
    {
        var put = await server.Entities.PutAsync(TestServer.Json("Template", name, spec), "test", stop: Stop);
        Assert.True(put.Ok, put.ToString());
    }

    private static async Task<TaskView> UntilAsync(HttpClient client, string id, string phase)
    {
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var task = (await client.GetFromJsonAsync($"/api/tasks/{id}", AxleJson.Default.TaskView, enough.Token))!;
            if (task.Phase == phase)
            {
                return task;
            }

            await Task.Delay(20, enough.Token);
        }
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string body) =>
        client.PostAsync(Api + path, new StringContent(body, Encoding.UTF8, "application/json"), Stop);

    private static async Task<JsonNode?> JsonAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        return JsonNode.Parse(text);
    }
}
