using System.Text.Json;
using Axle.Contracts;

namespace Axle.Tests.Cli;

public sealed class RolloutTests
{
    private static readonly EntityRef s_deployment = EntityRef.Of("deployment", "orders.staging");
    private static readonly EntityRef s_release = EntityRef.Of("release", "orders-v8");
    private static readonly DeploymentStatus s_healthy = new()
    {
        Phase = DeploymentPhases.Healthy,
        ObservedGeneration = 3,
        Serving = s_release,
        Target = s_release,
        Url = "http://orders.staging.localhost:7480",
        Steps = [new RolloutStep("start", "Done", "2 instances", DateTimeOffset.UnixEpoch, 0.31), new RolloutStep("health", "Done", "GET /healthz answered 200", DateTimeOffset.UnixEpoch, 0.84)],
    };

    [Fact]
    public async Task Deploy_shows_the_steps_and_ends_when_the_release_serves()
    {
        await using var platform = await AcceptingAsync();
        platform.Put(s_deployment, 2, s_healthy with { ObservedGeneration = 2, Steps = [new RolloutStep("old", "Done", null, DateTimeOffset.UnixEpoch)] }, AxleJson.Default.DeploymentStatus);
        using var run = CliRun.Against(platform);

        var deploy = run.RunAsync("deploy", "orders", "--release", "v8");
        await platform.WatchedAsync();
        platform.Put(s_deployment, 3, s_healthy with { Phase = DeploymentPhases.RollingOut, Steps = [s_healthy.Steps[0]] }, AxleJson.Default.DeploymentStatus);
        platform.Put(s_deployment, 3, s_healthy, AxleJson.Default.DeploymentStatus);

        Assert.Equal(0, await deploy);
        Assert.Equal("Healthy  orders v8 in staging  http://orders.staging.localhost:7480\n", run.Out);
        Assert.Contains("✓ start: 2 instances  0.31 s\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("✓ health: GET /healthz answered 200  0.84 s\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Split("start: 2 instances").Length - 1);
        Assert.DoesNotContain("old", run.Error, StringComparison.Ordinal);
        var sent = platform.Requests.First(request => request.Request == "POST /api/components/orders/deploy").Body;
        Assert.Equal("v8", JsonSerializer.Deserialize(sent, AxleJson.Default.DeployRequest)!.Release);
    }

    [Fact]
    public async Task A_rollout_that_failed_has_its_own_exit_code_and_says_why()
    {
        await using var platform = await AcceptingAsync();
        platform.Put(
            s_deployment,
            3,
            s_healthy with
            {
                Phase = DeploymentPhases.Failed,
                Serving = EntityRef.Of("release", "orders-v7"),
                Failure = new RolloutFailure("Unhealthy", "The health check never passed.", "GET /healthz", "503 no database", null, ["listening", "cannot connect"]),
            },
            AxleJson.Default.DeploymentStatus);
        using var run = CliRun.Against(platform);

        Assert.Equal(4, await run.RunAsync("deploy", "orders"));
        Assert.Contains("axle: the rollout of orders v8 in staging failed: The health check never passed; v7 still serves", run.Error, StringComparison.Ordinal);
        Assert.Contains("check: GET /healthz → 503 no database", run.Error, StringComparison.Ordinal);
        Assert.Contains("    cannot connect", run.Error, StringComparison.Ordinal);
        Assert.Contains("Next: axle logs orders -e staging", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_rollout_names_the_step_that_the_platform_advises()
    {
        await using var platform = await AcceptingAsync();
        var failed = new Condition("RolledOut", "False", "NotListening", "It failed.", DateTimeOffset.UnixEpoch, "let it listen on the port in $PORT");
        platform.Put(s_deployment, 3, s_healthy with { Phase = DeploymentPhases.Failed, Failure = new RolloutFailure("NotListening", "It does not listen.", null, null, null, []), Conditions = [failed] }, AxleJson.Default.DeploymentStatus);
        using var run = CliRun.Against(platform);

        Assert.Equal(4, await run.RunAsync("deploy", "orders"));
        Assert.Contains("Next: let it listen on the port in $PORT\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processes_that_nobody_scaled_are_named_wherever_people_look_for_them()
    {
        await using var platform = await AcceptingAsync(new ProcessView("web", 1), new ProcessView("worker", 0), new ProcessView("clock", 0));
        platform.Put(s_deployment, 3, s_healthy, AxleJson.Default.DeploymentStatus);
        var component = EntityRef.Of("component", "orders");
        var spec = new DeploymentSpec { Component = component, Environment = EntityRef.Of("environment", "staging"), Release = s_release };
        var entity = new Entity { ApiVersion = Kinds.BackstageApi, Kind = Kinds.Component, Metadata = new Metadata { Name = "orders" } };
        var view = new DeploymentView("staging", false, s_deployment, 3, spec, s_healthy, "v8", "v8") { Processes = [new("web", 1), new("worker", 0), new("clock", 0)] };
        platform.On("GET /api/components/orders", new ComponentView(entity, "team-shop", null, [view], [], []), AxleJson.Default.ComponentView);

        foreach (var verb in (string[])["deploy", "status", "ps"])
        {
            using var run = CliRun.Against(platform);
            Assert.Equal(0, await run.RunAsync(verb, "orders"));
            Assert.Contains("staging: worker, clock: 0 instances  axle scale orders worker=1 clock=1 -e staging\n", run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Ctrl_C_while_waiting_says_that_the_rollout_goes_on()
    {
        await using var platform = await AcceptingAsync();
        using var run = CliRun.Against(platform);
        using var interrupt = new CancellationTokenSource();

        var deploy = run.RunAsync(interrupt.Token, "deploy", "orders");
        await platform.WatchedAsync();
        await interrupt.CancelAsync();

        Assert.Equal(130, await deploy);
        Assert.Contains("The rollout goes on without us.", run.Error, StringComparison.Ordinal);
        Assert.Contains("axle cancel orders -e staging", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_waiting_prints_what_was_accepted()
    {
        await using var platform = await AcceptingAsync();
        using var run = CliRun.Against(platform);

        Assert.Equal(0, await run.RunAsync("deploy", "orders", "--no-wait", "--output", "json"));
        Assert.Equal(3, JsonDocument.Parse(run.Out).RootElement.GetProperty("generation").GetInt32());
    }

    [Fact]
    public async Task The_exit_code_of_a_command_is_ours_and_its_bytes_are_not_touched()
    {
        await using var platform = await FakePlatform.StartAsync();
        byte[] bytes = [0, 1, 255, 10, 27, 128];
        platform.Events(
            "POST /api/components/orders/exec",
            ("out", $$"""{"stream":"out","data":"{{Convert.ToBase64String(bytes)}}"}"""),
            ("out", """{"exitCode":7}"""));
        platform.Events("POST /api/components/orders/run", ("log", """{"at":"2026-01-01T00:00:00Z","source":"job","stream":"out","text":"migrated"}"""), ("exit", """{"exitCode":3}"""));
        using var run = CliRun.Against(platform);
        run.Input = "select 1";

        Assert.Equal(7, await run.RunAsync("exec", "orders", "-e", "staging", "-i", "--", "cat", "-A", "@file"));
        Assert.Equal(bytes, run.Bytes);
        var (request, body) = platform.Requests.First();
        Assert.Equal("POST /api/components/orders/exec?environment=staging", request);
        Assert.Equal("""["cat","-A","@file"]""", JsonDocument.Parse(body).RootElement.GetProperty("command").GetRawText().Replace(" ", "").Replace("\n", ""));
        Assert.Equal("select 1"u8.ToArray(), JsonDocument.Parse(body).RootElement.GetProperty("input").GetBytesFromBase64());

        Assert.Equal(3, await run.RunAsync("run", "orders", "--", "node", "migrate.js", "--dry-run"));
        Assert.Equal("migrated\n", run.Out);
    }

    [Fact]
    public async Task Logs_keep_an_applications_colours_and_drop_what_else_it_sends()
    {
        await using var platform = await FakePlatform.StartAsync();
        platform.Events(
            "GET /api/components/orders/logs",
            ("log", """{"at":"2026-01-01T00:00:00Z","source":"web-1","stream":"out","text":"\u001b[32mok\u001b[0m \u001b[2Jgone"}"""),
            ("end", "{}"));
        using var run = CliRun.Against(platform);
        run.Terminal = true;

        Assert.Equal(0, await run.RunAsync("logs", "orders", "--tail", "5"));
        Assert.Contains("\e[32mok\e[0m", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[2J", run.Out, StringComparison.Ordinal);
        Assert.Contains("tail=5", platform.Requests.Single().Request, StringComparison.Ordinal);
    }

    private static async Task<FakePlatform> AcceptingAsync(params ProcessView[] processes)
    {
        var platform = await FakePlatform.StartAsync();
        return platform.On("POST /api/components/orders/deploy", new DeploymentAccepted(s_deployment, 3, s_release, 8, "staging", "Deploying orders v8 to staging.") { Processes = processes }, AxleJson.Default.DeploymentAccepted, 202);
    }
}
