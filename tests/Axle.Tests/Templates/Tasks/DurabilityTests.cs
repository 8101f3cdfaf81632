using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Secrets;
using Axle.Platform.Templates;
using Axle.Platform.Templates.Tasks;
using Microsoft.Extensions.Options;

namespace Axle.Tests.Templates.Tasks;

/// <summary>Tasks over kills, waits, cancels, retries and approvals; and what they keep to themselves.</summary>
public sealed class DurabilityTests
{
    private const string Three = """
        [{"id": "one", "action": "test:do", "input": {"name": "one"}},
         {"id": "two", "action": "test:once", "input": {"name": "two"}},
         {"id": "three", "action": "test:do", "input": {"name": "three", "seen": "${{ steps.one.output.times }}"}}]
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_task_goes_on_with_its_step_and_repeats_none()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync(Three);
        var id = await host.BeginAsync();
        File.WriteAllText(Path.Combine(host.Service<TaskFolders>().Workspace(id), "kept"), "x");
        host.World.Hanging["two"] = true;
        using (var kill = new CancellationTokenSource())
        {
            var run = host.Reconciler.ReconcileAsync(TaskKinds.Ref(id), kill.Token);
            await host.World.HangsAsync("two");
            await kill.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        }

        await host.KillAsync();
        Assert.Equal(TaskPhases.Processing, host.State(id).Phase);
        host.World.Hanging.Clear();

        Assert.Equal(TaskPhases.Completed, (await host.LookAsync(id)).Phase);

        // The first was done before, the second remembered its effect and did what came after it, the third is new.
        Assert.Equal((1, 2, 1), (host.World.Done["one"], host.World.Done["two"], host.World.Done["three"]));
        Assert.Contains(host.Events(id), one => one.Type == TaskEventTypes.Recovered);
        Assert.Equal(1, host.Events(id).Count(one => one.Message == "Beginning step test:once"));
        Assert.Equal(host.Events(id).Select(one => one.Id).Order().Distinct(), host.Events(id).Select(one => one.Id));
        Assert.False(host.Service<TaskFolders>().HasWorkspace(id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_kill_before_or_after_any_write_leads_to_the_same_end(bool before)
    {
        // Each round is killed one written state later, until one is not killed at all.
        for (var writes = 1; ; writes++)
        {
            await using var host = await TasksHost.StartAsync();
            await host.TemplateAsync("""
                [{"id": "one", "action": "test:once", "input": {"name": "one"}},
                 {"id": "two", "each": [1, 2], "action": "test:echo", "input": {"value": "${{ each.value }}"}},
                 {"id": "three", "if": false, "action": "test:do", "input": {"name": "three"}}]
                """, """{"output": {"result": "${{ steps.two.output.value | dump }}"}}""");
            var id = await host.BeginAsync();
            var dying = new TaskReconciler(new DyingStore(host.Entities, writes, before), host.Service<TaskEngine>(), host.Service<TaskParts>(), host.Service<ISecrets>(), host.Service<IOptions<TemplatesOptions>>(), TimeProvider.System);
            var killed = await Record.ExceptionAsync(() => dying.ReconcileAsync(TaskKinds.Ref(id), Stop));

            await host.KillAsync();
            var state = await host.LookAsync(id);

            Assert.Equal(TaskPhases.Completed, state.Phase);
            Assert.Equal("""{"result":"[1,2]"}""", state.Output!.ToJsonString());
            Assert.InRange(host.World.Done["one"], 1, before ? 3 : 2);
            Assert.Equal(host.Events(id)[^1].Id, Assert.Single(host.Events(id), one => one.Type == TaskEventTypes.Completion).Id);
            if (killed is null)
            {
                Assert.InRange(writes, 8, 30);
                return;
            }

            Assert.IsType<DiedException>(killed);
        }
    }

    [Fact]
    public async Task A_line_that_a_kill_cut_short_is_taken_out()
    {
        await using var host = await TasksHost.StartAsync();
        var file = Path.Combine(host.Data, "events");
        Directory.CreateDirectory(host.Data);
        var log = new TaskLog(file, TimeProvider.System);
        log.Append("log", new JsonObject { ["message"] = "one" });
        await File.AppendAllTextAsync(file, """{"id":2,"type":"lo""", Stop);

        var next = new TaskLog(file, TimeProvider.System);
        Assert.Equal([1L], next.Read(-1).Select(one => one.Id));
        next.Append("log", new JsonObject { ["message"] = "two" });

        Assert.Equal(["one", "two"], next.Read(-1).Select(one => one.Message));
        Assert.Equal(2, next.Read(-1)[^1].Id);
    }

    [Fact]
    public async Task A_step_waits_for_days_and_over_restarts()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"id": "wait", "action": "test:wait", "input": {"name": "it"}}, {"action": "test:do", "input": {"name": "after"}}]""");
        var id = await host.BeginAsync();

        Assert.Equal(TaskPhases.Waiting, (await host.LookAsync(id)).Phase);
        Assert.Equal("it is not ready.", host.State(id).Steps[0].Message);

        // Looked at for another reason, it is not asked again before its time.
        var again = await host.Reconciler.ReconcileAsync(TaskKinds.Ref(id), Stop);
        Assert.InRange(again.After!.Value, TimeSpan.FromDays(2), TimeSpan.FromDays(3));
        Assert.Equal(1, host.State(id).Steps[0].Iterations[0].State!["looks"]!.GetValue<int>());

        await host.KillAsync();
        host.World.Ready["it"] = true;
        Assert.Equal(TaskPhases.Completed, (await host.LookAsync(id)).Phase);
        Assert.Equal(2, host.State(id).Steps[0].Output!["looks"]!.GetValue<int>());
        Assert.Equal(1, host.Events(id).Count(one => one.Message.StartsWith("it is not ready", StringComparison.Ordinal)));
        Assert.DoesNotContain(host.Events(id), one => one.Type == TaskEventTypes.Recovered);
    }

    [Fact]
    public async Task Cancel_ends_the_running_step_and_nothing_runs_after_it()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"id": "one", "action": "test:do", "input": {"name": "one"}}, {"if": "${{ always() }}", "action": "test:do", "input": {"name": "after"}}]""");
        host.World.Hanging["one"] = true;
        var id = await host.BeginAsync();
        var run = host.Reconciler.ReconcileAsync(TaskKinds.Ref(id), Stop);
        await host.World.HangsAsync("one");

        Assert.Equal("templates.task_not_theirs", (await host.Verbs.CancelAsync(id, host.Bob, Stop)).Error!.Code);
        Assert.Equal("templates.task_runs", (await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Error!.Code);
        Assert.True((await host.Verbs.CancelAsync(id, host.Jane, Stop)).Ok);
        await run;

        Assert.Equal(TaskPhases.Cancelled, host.State(id).Phase);
        Assert.Equal(TaskPhases.Cancelled, host.State(id).Steps[0].Phase);
        Assert.Empty(host.World.Done);
        Assert.Equal(["cancelled", "completion"], host.Events(id).TakeLast(2).Select(one => one.Type));
        Assert.Equal("templates.task_ended", (await host.Verbs.CancelAsync(id, host.Jane, Stop)).Error!.Code);
    }

    [Fact]
    public async Task A_task_that_is_cancelled_while_it_waits_keeps_what_is_done()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""
            [{"id": "made", "action": "test:do", "input": {"name": "made"}},
             {"id": "ask", "action": "axle:approve", "input": {"approvers": ["platform"]}},
             {"id": "after", "action": "test:do", "input": {"name": "after"}}]
            """);
        var id = await host.BeginAsync("{}");
        Assert.Equal(TaskPhases.Waiting, (await host.LookAsync(id)).Phase);

        Assert.True((await host.Verbs.CancelAsync(id, host.Jane, Stop)).Ok);
        var cancelled = await host.LookAsync(id);
        Assert.Equal([TaskPhases.Completed, TaskPhases.Cancelled, TaskPhases.Open], cancelled.Steps.Select(step => step.Phase));

        Assert.True((await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Ok);
        await host.LookAsync(id);
        Assert.True((await host.Verbs.DecideAsync(id, true, null, host.Bob, Stop)).Ok);
        Assert.Equal(TaskPhases.Completed, (await host.LookAsync(id)).Phase);
        Assert.Equal((1, 1), (host.World.Done["made"], host.World.Done["after"]));
    }

    [Fact]
    public async Task A_task_that_waits_can_be_cancelled_by_an_administrator()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"action": "test:wait", "input": {"name": "it"}}]""");
        var id = await host.BeginAsync();
        await host.LookAsync(id);

        Assert.True((await host.Verbs.CancelAsync(id, host.Root, Stop)).Ok);

        Assert.Equal(TaskPhases.Cancelled, (await host.LookAsync(id)).Phase);
    }

    [Fact]
    public async Task A_retry_goes_on_from_the_step_that_failed()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync(Three.Replace("""{"id": "three",""", """{"id": "tell", "if": "${{ failure() }}", "action": "test:do", "input": {"name": "tell"}}, {"id": "three",""", StringComparison.Ordinal));
        host.World.Broken["two"] = true;
        var id = await host.BeginAsync();
        Assert.Equal(TaskPhases.Failed, (await host.LookAsync(id)).Phase);
        Assert.Equal(1, host.World.Done["tell"]);
        host.World.Broken.Clear();

        Assert.Equal("templates.task_not_theirs", (await host.Verbs.RetryAsync(id, [], host.Bob, Stop)).Error!.Code);
        Assert.True((await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Ok);
        Assert.Equal("templates.task_runs", (await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Error!.Code);
        var state = await host.LookAsync(id);

        Assert.Equal((TaskPhases.Completed, (TaskFailure?)null), (state.Phase, state.Failure));
        Assert.Equal((1, 2, 1, 1), (host.World.Done["one"], host.World.Done["two"], host.World.Done["three"], host.World.Done["tell"]));
        Assert.Equal(["completed", "completed", "skipped", "completed"], state.Steps.Select(step => step.Phase));
        Assert.Equal("templates.task_ended", (await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Error!.Code);
    }

    [Fact]
    public async Task An_approval_waits_for_somebody_else_who_may()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""
            [{"id": "ask", "action": "axle:approve", "input": {"approvers": ["platform"], "message": "A database for ${{ parameters.name }}"}},
             {"action": "test:echo", "input": {"by": "${{ steps.ask.output.approvedBy }}"}}]
            """);
        var id = await host.BeginAsync("""{"name": "orders"}""");
        Assert.Equal(TaskPhases.Waiting, (await host.LookAsync(id)).Phase);
        var view = host.Service<TaskViews>().Of(host.Verbs.Find(id).Value);
        Assert.Equal(("ask", "A database for orders", EntityRef.Of("group", "platform")), (view.Approval!.Step, view.Approval.Message, Assert.Single(view.Approval.Approvers)));

        Assert.Equal("templates.own_task", (await host.Verbs.DecideAsync(id, true, null, host.Jane, Stop)).Error!.Code);
        Assert.Equal("templates.no_approver", (await host.Verbs.DecideAsync(id, true, null, host.Jane with { User = EntityRef.Of("user", "eve") }, Stop)).Error!.Code);
        await host.KillAsync();
        Assert.True((await host.Verbs.DecideAsync(id, true, "Fine.", host.Bob, Stop)).Ok);
        Assert.Equal("templates.nothing_to_approve", (await host.Verbs.DecideAsync(id, false, null, host.Bob, Stop)).Error!.Code);

        Assert.Equal(TaskPhases.Completed, (await host.LookAsync(id)).Phase);
        Assert.Equal("user:default/bob", host.State(id).Steps[1].Output!["by"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_rejection_fails_the_task_and_a_retry_asks_again()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"id": "ask", "action": "axle:approve", "input": {"approvers": ["user:bob", "group:default/shop"], "selfApproval": true}}]""");
        var id = await host.BeginAsync();
        await host.LookAsync(id);
        Assert.True((await host.Verbs.DecideAsync(id, false, "Too large.", host.Bob, Stop)).Ok);

        Assert.Equal("user:bob rejected it: Too large.", (await host.LookAsync(id)).Failure!.Message);

        Assert.True((await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Ok);
        Assert.Equal(TaskPhases.Waiting, (await host.LookAsync(id)).Phase);
        Assert.True((await host.Verbs.DecideAsync(id, true, null, host.Jane, Stop)).Ok);
        Assert.Equal(TaskPhases.Completed, (await host.LookAsync(id)).Phase);
    }

    [Fact]
    public async Task Secrets_are_given_to_inputs_and_written_down_nowhere()
    {
        const string Token = "s3cr3t/\"quoted\"\\pass";
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""
            [{"id": "say", "action": "test:echo", "input": {"say": "Token ${{ secrets.token }} and ${{ secrets.token | reverse }}"}},
             {"id": "json", "action": "test:echo", "input": {"say": {"inner": "${{ secrets.token }}"}}},
             {"id": "upper", "each": ["${{ secrets.token | upper }}"], "action": "test:echo", "input": {"say": "${{ each.value }}"}},
             {"id": "wait", "action": "test:wait", "input": {"name": "it"}},
             {"id": "use", "action": "test:echo", "input": {"length": "${{ steps.say.output.say | length }}", "same": "${{ steps.json.output.say.inner == secrets.token }}", "say": "${{ steps.say.output.say }}"}},
             {"id": "fail", "action": "test:do", "input": {"name": "${{ secrets.token }}"}}]
            """, """{"output": {"result": "${{ steps.say.output.say }}"}}""");
        host.World.Broken[Token] = true;
        var id = await host.BeginAsync(secrets: new JsonObject { ["token"] = Token }.ToJsonString());
        Assert.Equal(TaskPhases.Waiting, (await host.LookAsync(id)).Phase);
        await host.KillAsync();
        host.World.Ready["it"] = true;

        var state = await host.LookAsync(id);

        // The steps saw it, also after the kill.
        Assert.Equal($"{TaskRedaction.Mark} is broken.", state.Failure!.Message);
        Assert.Equal(TaskPhases.Completed, state.Steps[4].Phase);
        Assert.Equal("true", state.Steps[4].Output!["same"]!.ToString());
        Assert.Equal($"Token {Token} and {new string([.. Token.Reverse()])}".Length, state.Steps[4].Output!["length"]!.GetValue<int>());

        // It is nowhere: not as it is, not coded, not turned round.
        await host.KillAsync();
        var written = host.Everything();
        string[] forms = [Token, new string([.. Token.Reverse()]), Token.ToUpperInvariant(), Convert.ToBase64String(Encoding.UTF8.GetBytes(Token)).TrimEnd('='), "s3cr3t/\\u0022quoted", "s3cr3t/\\\"quoted", Uri.EscapeDataString(Token)];
        Assert.All(forms, form => Assert.DoesNotContain(form, written, StringComparison.Ordinal));
        Assert.Contains(TaskRedaction.Mark, host.Log(id), StringComparison.Ordinal);

        // And forgotten: who retries has to give it again, and what held it is gone.
        Assert.DoesNotContain(host.Entities.Query(new EntityQuery { Kinds = [Kinds.Secret], All = true }).Items, secret => secret.Spec.GetRawText().Contains(id, StringComparison.Ordinal));
        Assert.Equal("templates.secrets_gone", (await host.Verbs.RetryAsync(id, new JsonObject { ["token"] = Token }, host.Jane, Stop)).Error!.Code);
    }

    [Fact]
    public async Task Who_retries_gives_the_secrets_again()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"action": "test:do", "input": {"name": "one", "token": "${{ secrets.token }}"}}]""", """{"secrets": {"schema": {"type": "object", "required": ["token"], "properties": {"token": {"type": "string", "minLength": 4}}}}}""");
        host.World.Broken["one"] = true;
        Assert.Equal("templates.answers", (await host.Service<CreateTask>().RunAsync(EntityRef.Of("template", "sample"), [], [], true, host.Jane, Stop)).Error!.Code);
        var id = await host.BeginAsync(secrets: """{"token": "abcdef"}""");
        await host.LookAsync(id);
        host.World.Broken.Clear();

        Assert.Equal("templates.secrets", (await host.Verbs.RetryAsync(id, [], host.Jane, Stop)).Error!.Code);
        Assert.True((await host.Verbs.RetryAsync(id, new JsonObject { ["token"] = "ghijkl" }, host.Jane, Stop)).Ok);
        Assert.Equal(TaskPhases.Completed, (await host.LookAsync(id)).Phase);
    }

    [Theory]
    [InlineData("abcdefg", "user:abcdefg")]
    [InlineData("abcdefg", "x:abcdefg:y")]
    [InlineData("abcdefg", "xy:abcdefg")]
    public void A_secret_inside_of_something_coded_is_found(string secret, string plain)
    {
        var redaction = new TaskRedaction(null);
        redaction.Add([secret]);
        var coded = Convert.ToBase64String(Encoding.UTF8.GetBytes(plain));

        var shown = redaction.Redact($"Authorization: Basic {coded}");

        Assert.Contains(TaskRedaction.Mark, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(coded, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_of_somebody_who_is_gone_does_not_run()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"action": "test:do", "input": {"name": "one"}}]""");
        var id = await host.BeginAsync();
        await host.Entities.DeleteAsync(EntityRef.Of("user", "jane"), "test", force: true, stop: Stop);

        Assert.Equal("templates.creator_gone", (await host.LookAsync(id)).Failure!.Code);
        Assert.Empty(host.World.Done);
    }

    [Fact]
    public async Task A_removed_task_leaves_no_file_and_no_secret()
    {
        await using var host = await TasksHost.StartAsync();
        await host.TemplateAsync("""[{"action": "test:wait", "input": {"name": "it"}}]""");
        var id = await host.BeginAsync(secrets: """{"token": "abcdef"}""");
        await host.LookAsync(id);
        await host.Entities.DeleteAsync(TaskKinds.Ref(id), "test", force: true, stop: Stop);

        await host.Reconciler.ReconcileAsync(TaskKinds.Ref(id), Stop);

        Assert.Null(host.Entities.Find(TaskKinds.Ref(id)));
        Assert.False(Directory.Exists(Path.Combine(host.Data, "tasks", id)));
        Assert.Empty(host.Entities.Query(new EntityQuery { Kinds = [Kinds.Secret], All = true }).Items);
    }
}
