using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Templates.Tasks;

namespace Axle.Tests.Templates.Tasks;

/// <summary>What steps see, when they run, and what they give: as Backstage has it.</summary>
public sealed class EngineTests
{
    [Fact]
    public async Task A_step_sees_answers_outputs_user_environment_and_the_tasks_id()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""
            [{"id": "one", "action": "test:echo", "input": {
                "name": "${{ parameters.name }}", "list": "${{ parameters.list }}", "text": "a ${{ parameters.list }}", "missing": "${{ parameters.nothing }}",
                "ref": "${{ user.ref }}", "shown": "${{ user.entity.spec.profile.displayName }}", "region": "${{ environment.parameters.region }}", "task": "${{ context.task.id }}",
                "wrong": "${{ parameters.name || 'x' }}", "slug": "${{ 'github.com?owner=a&repo=b' | projectSlug }}"}},
             {"action": "test:echo", "input": {"again": "${{ steps.one.output.list[1] }}", "dashed": "${{ steps['one'].output.name | upper }}"}}]
            """,
            """{"parameters": {"properties": {"list": {"default": [1, 2]}}}, "output": {"result": "${{ steps['step-2'].output.again }}", "links": [{"if": "${{ parameters.name == 'x' }}", "title": "no"}, {"if": true, "title": "yes", "url": "http://a"}, {"title": "plain"}]}}""");
        var id = await host.BeginAsync("""{"name": "orders"}""");

        var state = await host.LookAsync(id);

        Assert.Equal(TaskPhases.Completed, state.Phase);
        Assert.Equal($$$"""{"name":"orders","list":[1,2],"text":"a 1,2","ref":"user:default/jane","shown":"Jane","region":"eu","task":"{{{id}}}","wrong":"${{ parameters.name || 'x' }}","slug":"a/b"}""", state.Steps[0].Output!.ToJsonString(s_plain));
        Assert.Equal("""{"again":2,"dashed":"ORDERS"}""", state.Steps[1].Output!.ToJsonString());
        Assert.Equal(("step-2", "test:echo"), (state.Steps[1].Id, state.Steps[1].Name));
        Assert.Equal("""{"result":2,"links":[{"title":"yes","url":"http://a"},{"title":"plain"}]}""", state.Output!.ToJsonString());
    }

    [Fact]
    public async Task Secrets_of_the_environment_are_seen_by_inputs_only_and_are_in_no_log()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""
            [{"id": "use", "action": "test:echo", "input": {"token": "${{ environment.secrets.registry }}", "both": "${{ environment.parameters.region }} ${{ secrets.own }}"}},
             {"action": "test:echo", "if": "${{ environment.secrets.registry }}", "input": {}}]
            """,
            """{"output": {"leak": "${{ environment.secrets.registry }}"}}""");

        var state = await host.LookAsync(await host.BeginAsync(secrets: """{"own": "given-by-jane"}"""));

        Assert.Equal(TaskPhases.Completed, state.Phase);
        Assert.Equal(TaskPhases.Skipped, state.Steps[1].Phase);
        Assert.Null(state.Output!["leak"]);
        Assert.DoesNotContain("from-the-operator", host.Everything(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_sees_no_secret_of_the_environment()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"action": "debug:log", "input": {"message": "it is ${{ environment.secrets.registry }}."}}]""");

        var ran = await host.Service<Axle.Platform.Templates.ITasks>().DryRunAsync(EntityRef.Of("template", "sample"), [], [], host.Jane, TestContext.Current.CancellationToken);

        Assert.Contains(ran.Value.Log, line => line.Message.Contains("it is .", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_administrators_own_git_host_is_known_to_expressions()
    {
        await using var host = await TasksHost.StartAsync();

        var state = await host.RunAsync("""[{"action": "test:echo", "input": {"known": "${{ 'git.shop.test?owner=a&repo=b' | parseRepoUrl }}", "unknown": "${{ 'git.other.test?owner=a&repo=b' | parseRepoUrl }}"}}]""");

        Assert.Equal("""{"known":{"host":"git.shop.test","owner":"a","repo":"b"},"unknown":"${{ 'git.other.test?owner=a&repo=b' | parseRepoUrl }}"}""", state.Steps[0].Output!.ToJsonString(s_plain));
    }

    [Theory]
    [InlineData("""{"repoUrl": "github.com?owner=a&repo=b"}""", "null", true)]
    [InlineData("""{"repoUrl": "${{ parameters.url }}"}""", "null", true)]
    [InlineData("""{"repoUrl": "${{ parameters.url }}", "token": "${{ secrets.none }}"}""", "null", true)]
    [InlineData("""{"repoUrl": "${{ parameters.url }}", "token": "${{ secrets.token }}"}""", "null", false)]
    [InlineData("""{"repoUrl": "${{ parameters.url }}", "token": "${{ steps.before.output.token }}"}""", "null", false)]
    [InlineData("""{"repoUrl": "git.unknown.test?owner=a&repo=b", "token": "x"}""", "null", true)]
    [InlineData("""{"repoUrl": "github.com?owner=a&repo=b"}""", "\"${{ parameters.url }}\"", true)]
    [InlineData("""{"repoUrl": "github.com?owner=a&repo=b"}""", "\"${{ parameters.no }}\"", false)]
    [InlineData("""{"repoUrl": "github.com?owner=a&repo=b"}""", "\"${{ steps.before.output.publish }}\"", false)]
    [InlineData("""{"repoUrl": "github.com?owner=a&repo=b"}""", "false", false)]
    public async Task A_step_that_cannot_work_here_is_refused_before_the_first_one_runs(string input, string condition, bool refused)
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync($$$"""[{"id": "before", "action": "test:do", "input": {"name": "before"}}, {"id": "publish", "if": {{{condition}}}, "action": "publish:github", "input": {{{input}}}}]""".Replace("\"if\": null, ", "", StringComparison.Ordinal));

        var begun = await host.Service<CreateTask>().RunAsync(
            EntityRef.Of("template", "sample"), new JsonObject { ["url"] = "github.com?owner=a&repo=b", ["no"] = false }, new JsonObject { ["token"] = "abcdef" }, fill: true, host.Jane, TestContext.Current.CancellationToken);

        Assert.Equal(!refused, begun.Ok);
        if (refused)
        {
            Assert.Equal("templates.action_publish", begun.Error!.Code);
            Assert.StartsWith("The step publish cannot work here: ", begun.Error.Message, StringComparison.Ordinal);
            Assert.Empty(host.World.Done);
        }
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"${{ parameters.yes }}\"", true)]
    [InlineData("\"${{ parameters.no }}\"", false)]
    [InlineData("\"${{ parameters.nothing }}\"", false)]
    [InlineData("\"\"", false)]
    [InlineData("\"${{ 0 }}\"", false)]
    [InlineData("\"${{ parameters.empty }}\"", false)]
    [InlineData("\"${{ parameters.record }}\"", true)]
    [InlineData("\"false\"", true)]
    [InlineData("\"${{ steps.other }}\"", false)]
    [InlineData("\"${{ broken(\"", true)]
    [InlineData("\"${{ secrets.token }}\"", false)]
    public async Task A_condition_is_read_as_Backstage_reads_it(string condition, bool runs)
    {
        await using var host = await TasksHost.StartAsync();

        var state = await host.RunAsync(
            $$$"""[{"id": "one", "if": {{{condition}}}, "action": "test:do", "input": {"name": "one"}}, {"action": "test:echo", "input": {"seen": "${{ steps.one }}"}}]""",
            parameters: """{"yes": true, "no": false, "empty": [], "record": {}}""",
            secrets: """{"token": "abcdef"}""");

        Assert.Equal(TaskPhases.Completed, state.Phase);
        Assert.Equal(runs ? TaskPhases.Completed : TaskPhases.Skipped, state.Steps[0].Phase);
        Assert.Equal(runs ? 1 : 0, host.World.Done.GetValueOrDefault("one"));
        Assert.Equal(runs, state.Steps[1].Output!.ContainsKey("seen"));
    }

    [Fact]
    public async Task A_step_runs_for_each_and_its_outputs_are_gathered()
    {
        await using var host = await TasksHost.StartAsync();

        var state = await host.RunAsync("""
            [{"id": "list", "each": "${{ parameters.names }}", "if": "${{ each.value != 'b' }}", "action": "test:echo", "input": {"name": "${{ each.value }}", "key": "${{ each.key }}"}},
             {"id": "record", "each": {"x": 1, "y": {"z": 2}}, "action": "test:echo", "input": {"at": "${{ each.key }}", "is": "${{ each.value }}"}},
             {"id": "none", "each": [], "action": "test:do", "input": {"name": "none"}},
             {"id": "after", "action": "test:echo", "input": {"last": "${{ steps.list.output.name[1] }}", "each": "${{ each }}"}}]
            """, parameters: """{"names": ["a", "b", "c"]}""");

        Assert.Equal(TaskPhases.Completed, state.Phase);
        Assert.Equal("""{"name":["a","c"],"key":["0","2"]}""", state.Steps[0].Output!.ToJsonString());
        Assert.Equal("""{"at":["x","y"],"is":[1,{"z":2}]}""", state.Steps[1].Output!.ToJsonString());
        Assert.Equal("{}", state.Steps[2].Output!.ToJsonString());
        Assert.Equal("""{"last":"c"}""", state.Steps[3].Output!.ToJsonString());
    }

    [Theory]
    [InlineData("\"${{ parameters.nothing }}\"", "cannot be resolved to a value")]
    [InlineData("\"${{ parameters.name }}\"", "must be a list or an object")]
    public async Task What_is_nothing_to_run_for_fails_the_step(string each, string words)
    {
        await using var host = await TasksHost.StartAsync();

        var state = await host.RunAsync($$"""[{"each": {{each}}, "action": "test:echo"}]""", parameters: """{"name": "x"}""");

        Assert.Equal(TaskPhases.Failed, state.Phase);
        Assert.Contains(words, state.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_failure_only_those_run_that_ask_how_it_went()
    {
        await using var host = await TasksHost.StartAsync();
        host.World.Broken["two"] = true;

        var state = await host.RunAsync("""
            [{"id": "one", "action": "test:do", "input": {"name": "one"}},
             {"id": "not-yet", "if": "${{ failure() }}", "action": "test:do", "input": {"name": "not-yet"}},
             {"id": "two", "action": "test:do", "input": {"name": "two"}},
             {"id": "plain", "action": "test:do", "input": {"name": "plain"}},
             {"id": "true", "if": true, "action": "test:do", "input": {"name": "true"}},
             {"id": "clean", "if": "${{ always() }}", "action": "test:do", "input": {"name": "clean"}},
             {"id": "tell", "if": "${{ failure() and parameters.tell }}", "action": "test:do", "input": {"name": "tell"}},
             {"id": "asks", "if": "${{ always() and false }}", "action": "test:do", "input": {"name": "asks"}}]
            """, parameters: """{"tell": true}""");

        Assert.Equal(TaskPhases.Failed, state.Phase);
        Assert.Equal("two is broken.", state.Failure!.Message);
        Assert.Equal(["clean", "one", "tell"], host.World.Done.Keys.Order());
        Assert.Equal(["completed", "skipped", "failed", "skipped", "skipped", "completed", "completed", "skipped"], state.Steps.Select(step => step.Phase));
    }

    [Fact]
    public async Task Inputs_are_held_against_the_actions_schema_before_it_runs()
    {
        await using var host = await TasksHost.StartAsync();

        var state = await host.RunAsync("""[{"each": [80, "eighty"], "action": "test:port", "input": {"port": "${{ each.value }}"}}]""");

        Assert.Equal("templates.input", state.Failure!.Code);
        Assert.Contains("test:port[1]: port: Port must be a whole number, and is a text", state.Failure.Message, StringComparison.Ordinal);
        Assert.All(state.Steps[0].Iterations, one => Assert.False(one.Done));
    }

    [Theory]
    [InlineData("""[{"id": "one", "action": "test:echo", "input": {"much": "${{ range(0, 60000) | join('-----------------') }}"}}]""", "templates.too_much")]
    [InlineData("""[{"id": "one", "each": "${{ range(0, 1001) }}", "action": "test:echo"}]""", "templates.each_too_many")]
    public async Task What_is_too_much_fails_the_step_and_is_not_tried_for_ever(string steps, string code)
    {
        await using var host = await TasksHost.StartAsync();

        var state = await host.RunAsync(steps.Replace("}]", """}, {"if": "${{ always() }}", "action": "test:do", "input": {"name": "after"}}]""", StringComparison.Ordinal));

        Assert.Equal((TaskPhases.Failed, code), (state.Phase, state.Failure?.Code));
        Assert.Equal(1, host.World.Done["after"]);
    }

    [Fact]
    public async Task An_action_that_throws_fails_its_step_and_nothing_else()
    {
        await using var host = await TasksHost.StartAsync();

        var state = await host.RunAsync("""[{"action": "test:throw"}, {"if": "${{ always() }}", "action": "test:do", "input": {"name": "after"}}]""");

        Assert.Equal("templates.action_failed", state.Failure!.Code);
        Assert.Equal(1, host.World.Done["after"]);
    }

    [Fact]
    public async Task A_later_version_of_the_template_changes_no_task()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"action": "test:do", "input": {"name": "old"}}]""");
        var id = await host.BeginAsync();
        await host.TemplateAsync("""[{"action": "test:do", "input": {"name": "new"}}]""");

        Assert.Equal(TaskPhases.Completed, (await host.LookAsync(id)).Phase);
        Assert.Equal(["old"], host.World.Done.Keys);
    }

    [Theory]
    [InlineData("""[{"action": "test:nothing"}]""", "spec.steps[0].action: there is no action 'test:nothing'; there are test:do")]
    [InlineData("""[{"action": "test:port", "input": {"prot": 1}}]""", "needs the input 'port'")]
    [InlineData("""[{"action": "test:port", "input": {"port": 1, "prot": 1}}]""", "has no input 'prot'; it has port")]
    [InlineData("""[{"input": {}}]""", "spec.steps[0].action: is needed")]
    [InlineData("""[{"action": "test:echo", "if": 1}]""", "spec.steps[0].if: must be a text or true or false")]
    [InlineData("""[{"action": "test:echo", "each": 3}]""", "spec.steps[0].each: must be a list")]
    public async Task Mistakes_are_found_before_anything_runs(string steps, string words)
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync(steps);

        var error = (await host.Service<CreateTask>().RunAsync(Contracts.EntityRef.Of("template", "sample"), [], [], true, host.Jane, TestContext.Current.CancellationToken)).Error!;

        Assert.Equal("templates.invalid", error.Code);
        Assert.Contains(words, string.Join('\n', error.Problems), StringComparison.Ordinal);
        Assert.Empty(host.Entities.All(TaskKinds.Task));
    }

    [Theory]
    [InlineData("""{"name": 1}""", "templates.answers", "must be a text")]
    [InlineData("""{}""", "templates.answers", "is needed")]
    [InlineData("""{"name": "x", "more": {"__proto__": 1}}""", "templates.values", "reserved name")]
    public async Task Answers_that_do_not_fit_begin_nothing(string answers, string code, string words)
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"action": "test:echo"}]""", """{"parameters": [{"required": ["name"], "properties": {"name": {"type": "string"}}}]}""");

        var error = (await host.Service<CreateTask>().RunAsync(Contracts.EntityRef.Of("template", "sample"), (JsonObject)JsonNode.Parse(answers)!, [], true, host.Jane, TestContext.Current.CancellationToken)).Error!;

        Assert.Equal(code, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Empty(host.Entities.All(TaskKinds.Task));
    }

    [Fact]
    public async Task A_dry_run_leaves_out_what_would_change_something_and_keeps_nothing()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""
            [{"id": "write", "action": "test:write", "input": {"path": "a.txt", "content": "Hello ${{ parameters.name }}"}},
             {"id": "do", "action": "test:do", "input": {"name": "never", "token": "${{ secrets.token }}"}},
             {"id": "see", "action": "test:echo", "input": {"times": "${{ steps.do.output.times }}"}}]
            """, """{"output": {"result": "${{ steps.see.output.times }}"}}""");
        var found = host.Service<Axle.Platform.Templates.TemplateShelf>().Find("sample").Value;

        var answer = (await host.Service<DryRun>().RunAsync(found.Definition, found.Origin, new JsonObject { ["name"] = "x" }, new JsonObject { ["token"] = "geheim-123" }, null, host.Jane, TestContext.Current.CancellationToken)).Value;

        Assert.Empty(host.World.Done);
        Assert.Equal("""{"result":0}""", answer.Status.Output!.ToJsonString());
        Assert.Equal("Hello x", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(Assert.Single(answer.Files).Base64Content)));
        var log = string.Join('\n', answer.Log.Select(one => one.Message));
        Assert.Contains("Skipping because test:do does not support dry-run", log, StringComparison.Ordinal);
        Assert.Contains("\"token\": \"***\"", log, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", log, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(host.Data, "tasks")));
        Assert.Empty(host.Entities.All(TaskKinds.Task));
    }

    private static readonly System.Text.Json.JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
