using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Delivery;

namespace Axle.Tests.Delivery;

public sealed class DeliveryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_successful_build_becomes_one_release_and_goes_to_staging_by_itself()
    {
        await using var host = await DeliveryHost.StartAsync();

        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);

        var view = host.Delivery.View(DeliveryHost.Orders).Value;
        Assert.Equal(["v1"], view.Releases.Select(r => r.Release));
        Assert.Equal(["staging"], view.Deployments.Select(d => d.Environment));
        Assert.Equal("http://orders.staging.localhost:7480", view.Deployments[0].Status.Url);
        Assert.Equal(["node", "server.js"], host.Engine.Applied["orders.staging"].Groups[0].Containers[0].Command);
    }

    [Fact]
    public async Task Builds_that_end_together_get_a_number_each_and_a_restart_gives_no_second_release()
    {
        var host = await DeliveryHost.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => host.BuildAsync($"{i:x12}")));
        await DeliveryHost.UntilAsync(() => host.Delivery.View(DeliveryHost.Orders).Value.Releases.Count == 8);

        var (folder, engine) = await host.StopAsync();
        await using var successor = await DeliveryHost.StartAsync(folder, engine);
        await successor.BuildAsync("999999999999");
        await DeliveryHost.UntilAsync(() => successor.Delivery.View(DeliveryHost.Orders).Value.Releases.Count >= 9);

        var releases = successor.Entities.All(DeliveryKinds.Release).ToList();
        Assert.Equal(Enumerable.Range(1, 9), releases.Select(r => r.Spec.Number).Order());
        Assert.Equal(9, releases.Select(r => r.Spec.Build).Distinct().Count());
    }

    [Fact]
    public async Task Nothing_skips_a_step_of_the_promotion_order()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.BuildAsync("aaaaaaaaaaaa");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.staging"));

        var tooEarly = await host.Delivery.DeployAsync(DeliveryHost.Orders, new DeployRequest("production"), DeliveryHost.Jane, Stop);
        Assert.Equal("delivery.not_promoted", tooEarly.Error?.Code);

        host.Engine.Succeed("orders.staging");
        await DeliveryHost.UntilAsync(() => host.Entities.Find(DeliveryKinds.Release, DeliveryKinds.ReleaseRef(DeliveryHost.Orders, 1))!.Status.ServedIn.ContainsKey("staging"));
        var promoted = await host.Delivery.PromoteAsync(DeliveryHost.Orders, new PromoteRequest("production"), DeliveryHost.Jane, Stop);
        Assert.Equal(1, promoted.Value.Number);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.production"));
        Assert.Equal(host.Engine.Applied["orders.staging"].ArtifactFolder, host.Engine.Applied["orders.production"].ArtifactFolder);
    }

    [Fact]
    public async Task A_failed_rollout_says_why_and_what_serves_on()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);
        await host.BuildAsync("bbbbbbbbbbbb");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Release == "v2");

        host.Engine.Fail("orders.staging", "web exited with 1");

        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Phase == DeploymentPhases.Failed);
        var status = host.Deployment("staging")!.Status;
        Assert.Equal(DeliveryKinds.ReleaseRef(DeliveryHost.Orders, 1), status.Serving);
        Assert.Contains("web exited with 1; v1 goes on serving", Assert.Single(status.Conditions, c => c is { Type: "RolledOut", Status: "False" }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollback_goes_to_what_served_before_and_holds_until_something_newer_is_built()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);
        await host.ServeInStagingAsync("bbbbbbbbbbbb", 2);
        var second = host.Engine.Applied["orders.staging"].Revision;

        var back = await host.Delivery.RollbackAsync(DeliveryHost.Orders, new RollbackRequest("staging"), DeliveryHost.Jane, Stop);
        Assert.Equal(1, back.Value.Number);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Release == "v1");
        Assert.NotEqual(second, host.Engine.Applied["orders.staging"].Revision);
        host.Engine.Succeed("orders.staging");

        // v2 stays away although it is the newest; v3 comes.
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Serving == DeliveryKinds.ReleaseRef(DeliveryHost.Orders, 1));
        Assert.Equal(2, host.Deployment("staging")!.Spec.HeldUpToNumber);
        await host.ServeInStagingAsync("cccccccccccc", 3);

        var first = await host.Delivery.RollbackAsync(DeliveryHost.Orders, new RollbackRequest("staging", "v1"), DeliveryHost.Jane, Stop);
        Assert.True(first.Ok);
        host.Engine.Succeed("orders.staging");
    }

    [Fact]
    public async Task A_rollback_after_a_failed_rollout_returns_to_what_serves()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);
        await host.BuildAsync("bbbbbbbbbbbb");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Release == "v2");
        host.Engine.Fail("orders.staging", "web exited with 1");
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Phase == DeploymentPhases.Failed);

        var back = await host.Delivery.RollbackAsync(DeliveryHost.Orders, new RollbackRequest("staging"), DeliveryHost.Jane, Stop);

        Assert.Equal(1, back.Value.Number);
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Phase == DeploymentPhases.Healthy);
    }

    [Fact]
    public async Task Scaling_stopping_and_starting_replace_no_instance_but_a_restart_does()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);
        var revision = host.Engine.Applied["orders.staging"].Revision;

        await host.Delivery.ScaleAsync(DeliveryHost.Orders, new ScaleRequest("staging", new Dictionary<string, int> { ["web"] = 3 }), DeliveryHost.Jane, Stop);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Groups[0].Instances == 3);
        await host.Delivery.StopAsync(DeliveryHost.Orders, new EnvironmentRequest("staging"), DeliveryHost.Jane, Stop);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Stopped);
        await host.Delivery.StartAsync(DeliveryHost.Orders, new EnvironmentRequest("staging"), DeliveryHost.Jane, Stop);
        await DeliveryHost.UntilAsync(() => !host.Engine.Applied["orders.staging"].Stopped);
        Assert.Equal(revision, host.Engine.Applied["orders.staging"].Revision);

        await host.Delivery.RestartAsync(DeliveryHost.Orders, new EnvironmentRequest("staging"), DeliveryHost.Jane, Stop);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Revision != revision);
        Assert.Equal(3, host.Engine.Applied["orders.staging"].Groups[0].Instances);
    }

    [Fact]
    public async Task A_process_that_waits_runs_when_it_is_scaled_and_goes_on_after_the_next_push()
    {
        PlannedProcess[] further = [new("worker", "worker", ["node", "worker.js"]) { Waits = true }, new("clock", "worker", ["node", "clock.js"])];
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1, further);
        Assert.Equal([new("web", 1), new("worker", 0), new("clock", 1)], host.Delivery.View(DeliveryHost.Orders).Value.Deployments[0].Processes);
        Assert.Equal([("web", 1), ("worker", 0), ("clock", 1)], host.Engine.Applied["orders.staging"].Groups.Select(g => (g.Name, g.Instances)));

        var scaled = await host.Delivery.ScaleAsync(DeliveryHost.Orders, new ScaleRequest("staging", new Dictionary<string, int> { ["worker"] = 2 }), DeliveryHost.Jane, Stop);

        Assert.Equal(new ProcessView("worker", 2), scaled.Value.Processes[1]);
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Groups[1].Instances == 2);
        await host.ServeInStagingAsync("bbbbbbbbbbbb", 2, further);
        Assert.Equal(2, host.Engine.Applied["orders.staging"].Groups[1].Instances);
    }

    [Fact]
    public async Task A_push_names_what_does_not_run_until_somebody_has_said_how_many()
    {
        PlannedProcess[] further = [new("worker", "worker", ["node", "worker.js"]) { Waits = true }, new("clock", "worker", ["node", "clock.js"]) { Waits = true }];
        await using var host = await DeliveryHost.StartAsync();

        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1, further);
        Assert.Equal("worker, clock do not run. To start them: axle scale orders worker=1 clock=1 -e staging", (await host.PushAsync("aaaaaaaaaaaa"))[^1]);

        await host.Delivery.ScaleAsync(DeliveryHost.Orders, new ScaleRequest("staging", new Dictionary<string, int> { ["worker"] = 0 }), DeliveryHost.Jane, Stop);
        await host.ServeInStagingAsync("bbbbbbbbbbbb", 2, further);
        Assert.Equal("clock does not run. To start it: axle scale orders clock=1 -e staging", (await host.PushAsync("bbbbbbbbbbbb"))[^1]);
    }

    [Fact]
    public async Task A_push_tells_a_failure_once_and_says_what_serves_only_when_something_does()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.FailBuildAsync("aaaaaaaaaaaa");
        Assert.Equal(
            ["Building orders at aaaaaaaaaaaa", "  a.ts(1,2): error", "Build failed: The step 'tsc' failed.", "Next: axle logs --build x"],
            await host.PushAsync("aaaaaaaaaaaa"));

        await host.ServeInStagingAsync("bbbbbbbbbbbb", 1);
        await host.FailBuildAsync("cccccccccccc");
        Assert.Equal("What served before goes on serving. Next: axle logs --build x", (await host.PushAsync("cccccccccccc"))[^1]);

        await host.BuildAsync("dddddddddddd");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied["orders.staging"].Release == "v2");
        host.Engine.Fail("orders.staging", "web exited with 1");
        Assert.Equal("v1 goes on serving in staging. Next: axle logs orders -e staging", (await host.PushAsync("dddddddddddd"))[^1]);
    }

    public static TheoryData<RolloutFailure, string> Advice => new()
    {
        // failure                                                                                                    next
        { Failure("NotListening", "web-a did not listen on PORT within 60 s: listen on the port in the environment"), "let it listen on the port in $PORT; if it is to serve nothing, take 'service' and its probes out of score.yaml" },
        { Failure("NotListening", "web-a listens on 8080, but not on PORT (31000): read the port"),                   "let it listen on the port in $PORT, at 0.0.0.0, instead of a fixed one" },
        { Failure("ReleaseCommandFailed", "It failed.", "touch: cannot touch '/app/x': Read-only file system"),       "the application's folder is read-only while it runs" },
        { Failure("Exited", "web-a exited with code 1", "Error: EROFS: read-only file system, open '/app/x'"),        "the application's folder is read-only while it runs" },
        { Failure("Exited", "web-a exited with code 1", "no such table"),                                             "axle logs orders -e staging" },
    };

    [Theory]
    [MemberData(nameof(Advice), DisableDiscoveryEnumeration = true)]
    public void A_failed_rollout_has_a_next_step_of_its_own(RolloutFailure failure, string next)
    {
        var advice = RolloutAdvice.Next(failure, DeliveryHost.Orders, "staging");

        Assert.StartsWith(next, advice, StringComparison.Ordinal);
        Assert.EndsWith("axle logs orders -e staging", advice, StringComparison.Ordinal);
    }

    public static TheoryData<string, int, string, string> Causes => new()
    {
        // reason               exit  last lines                                                                               told
        { "Exited",               1, "/app/a.js:1|^|Error: no DATABASE_URL|    at x|Node.js v20",                               "It ended: Error: no DATABASE_URL" },
        { "Exited",               1, "Traceback|KeyError: 'A'|During handling|shop.errors.NotSet: A is not set|RuntimeError: A is not set", "It ended: RuntimeError: A is not set" },
        { "Exited",             134, "Unhandled exception. System.InvalidOperationException: No port|   at Program",            "It ended: Unhandled exception. System.InvalidOperationException: No port" },
        { "Exited",               1, "listening|0 errors: fine",                                                               "It ended." },
        { "Exited",               0, "Error: of no account",                                                                   "It ended." },
        { "ReleaseCommandFailed", 4, "migrating|column exists|",                                                               "It ended: column exists" },
        { "Unhealthy",            0, "Error: database is away",                                                                "It ended." },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public void A_failure_is_told_with_the_line_that_says_why(string reason, int exit, string tail, string told) =>
        Assert.Equal(told, RolloutAdvice.WithCause(new RolloutFailure(reason, "It ended.", null, null, exit, tail.Split('|')))!.Message);

    [Fact]
    public async Task A_first_rollout_that_failed_says_why_nothing_serves()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.BuildAsync("aaaaaaaaaaaa");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.staging"));

        host.Engine.Fail("orders.staging", "web exited with 1");

        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Phase == DeploymentPhases.Failed);
        var ready = Assert.Single(host.Deployment("staging")!.Status.Conditions, c => c is { Type: "Ready", Status: "False" });
        Assert.Equal("Nothing of orders serves in staging: web exited with 1.", ready.Message);
    }

    private static RolloutFailure Failure(string reason, string message, params string[] tail) => new(reason, message, null, null, null, tail);

    [Fact]
    public async Task Instances_that_are_only_coming_are_a_rollout_and_those_that_crashed_are_not()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);

        host.Engine.Lack("orders.staging", "Starting", restarts: 0);
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Phase == DeploymentPhases.RollingOut);
        host.Engine.Lack("orders.staging", "Crashed", restarts: 2);
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")!.Status.Phase == DeploymentPhases.Degraded);
    }

    [Fact]
    public async Task An_engine_that_is_away_is_told_when_it_is_back()
    {
        await using var host = await DeliveryHost.StartAsync();
        host.Engine.Away = true;
        await host.BuildAsync("aaaaaaaaaaaa");
        await DeliveryHost.UntilAsync(() => host.Deployment("staging")?.Status.Conditions.Any(c => c is { Type: "Engine", Status: "False" }) ?? false);

        host.Engine.Away = false;

        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.staging"));
    }

    [Fact]
    public async Task Deleting_a_deployment_takes_the_workload_away_first()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);

        Assert.True((await host.Entities.DeleteAsync(DeliveryKinds.Deployment.Ref("orders.staging"), "user:default/jane", stop: Stop)).Ok);

        await DeliveryHost.UntilAsync(() => host.Deployment("staging") is null);
        Assert.Empty(host.Engine.Applied);
    }

    [Fact]
    public async Task A_component_that_is_deployed_is_not_deleted_unless_forced_and_then_takes_its_workloads_along()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);

        var refused = await host.Entities.DeleteAsync(DeliveryHost.Orders, "user:default/jane", stop: Stop);
        Assert.Equal("entities.depended_on", refused.Error?.Code);
        Assert.True((await host.Entities.DeleteAsync(DeliveryHost.Orders, "user:default/jane", force: true, stop: Stop)).Ok);

        await DeliveryHost.UntilAsync(() => host.Deployment("staging") is null && host.Engine.Applied.Count == 0);
    }

    [Fact]
    public async Task A_component_that_comes_back_is_deployed_from_the_releases_that_it_has_still()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);
        var component = host.Entities.Find(DeliveryHost.Orders)!;
        Assert.True((await host.Entities.DeleteAsync(DeliveryHost.Orders, "user:default/jane", force: true, stop: Stop)).Ok);
        await DeliveryHost.UntilAsync(() => host.Deployment("staging") is null && host.Engine.Applied.Count == 0);

        // The same commit is imported again: its build is there, so nothing new is built.
        Assert.True((await host.Entities.PutAsync(component, "user:default/jane", stop: Stop)).Ok);
        var push = host.PushAsync("aaaaaaaaaaaa");
        await DeliveryHost.UntilAsync(() => host.Engine.Applied.ContainsKey("orders.staging"));
        host.Engine.Succeed("orders.staging");

        Assert.Contains(await push, line => line.StartsWith("v1 serves in staging", StringComparison.Ordinal));
        Assert.Equal(1, host.Deployment("staging")!.Status.Serving is { } serving ? host.Entities.Find(DeliveryKinds.Release, serving)!.Spec.Number : 0);
    }

    [Fact]
    public async Task A_component_that_comes_back_before_its_workload_is_gone_is_deployed_after_it()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);
        var component = host.Entities.Find(DeliveryHost.Orders)!;
        host.Engine.Away = true;
        Assert.True((await host.Entities.DeleteAsync(DeliveryHost.Orders, "user:default/jane", force: true, stop: Stop)).Ok);
        await DeliveryHost.UntilAsync(() => host.Deployment("staging") is { Metadata.DeletedAt: not null });
        var gone = host.Deployment("staging")!.Metadata.Uid;

        Assert.True((await host.Entities.PutAsync(component, "user:default/jane", stop: Stop)).Ok);
        host.Engine.Away = false;

        await DeliveryHost.UntilAsync(() => host.Deployment("staging") is { Metadata: { DeletedAt: null, Uid: var uid } } && uid != gone && host.Engine.Applied.ContainsKey("orders.staging"));
    }

    [Fact]
    public async Task A_workload_that_cannot_be_resolved_fails_with_the_place_and_touches_nothing()
    {
        const string Score = """{"apiVersion":"score.dev/v1b1","metadata":{"name":"orders"},"containers":{"main":{"image":".","variables":{"A":"${resources.env.NO_SUCH}"}}},"resources":{"env":{"type":"environment"}}}""";
        await using var host = await DeliveryHost.StartAsync();

        await host.BuildAsync("aaaaaaaaaaaa", Score);

        await DeliveryHost.UntilAsync(() => host.Deployment("staging")?.Status.Phase == DeploymentPhases.Failed);
        Assert.Equal(2, host.Deployment("staging")!.Status.Failure!.Message.Split("containers.main.variables.A").Length);
        Assert.Empty(host.Engine.Applied);
    }

    [Fact]
    public async Task Who_owns_nothing_of_it_changes_nothing_of_it()
    {
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);

        Assert.Equal("ownership.not_owner", (await host.Delivery.DeployAsync(DeliveryHost.Orders, new DeployRequest(), DeliveryHost.Joe, Stop)).Error?.Code);
        Assert.Equal("ownership.not_owner", (await host.Delivery.CancelAsync(DeliveryHost.Orders, new EnvironmentRequest(), DeliveryHost.Joe, Stop)).Error?.Code);
        Assert.True((await host.Delivery.DeployAsync(DeliveryHost.Orders, new DeployRequest(), DeliveryHost.Admin, Stop)).Ok);
    }

    public static TheoryData<string, Func<IDelivery, Task<Error?>>, string> Wrong => new()
    {
        { "a component that does not exist", async d => (await d.DeployAsync(EntityRef.Of("Component", "ordrs"), new DeployRequest(), DeliveryHost.Jane, Stop)).Error, "did you mean orders" },
        { "an environment that does not exist", async d => (await d.DeployAsync(DeliveryHost.Orders, new DeployRequest("prod"), DeliveryHost.Jane, Stop)).Error, "staging, production" },
        { "a release that does not exist", async d => (await d.DeployAsync(DeliveryHost.Orders, new DeployRequest(null, "v9"), DeliveryHost.Jane, Stop)).Error, "newest is v1" },
        { "nothing to promote", async d => (await d.PromoteAsync(DeliveryHost.Orders, new PromoteRequest("staging"), DeliveryHost.Jane, Stop)).Error, "first environment" },
        { "no earlier release", async d => (await d.RollbackAsync(DeliveryHost.Orders, new RollbackRequest("staging"), DeliveryHost.Jane, Stop)).Error, "v1 is the first that served" },
        { "a process that does not exist", async d => (await d.ScaleAsync(DeliveryHost.Orders, new ScaleRequest("staging", new Dictionary<string, int> { ["wbe"] = 2 }), DeliveryHost.Jane, Stop)).Error, "it has web" },
        { "too many instances", async d => (await d.ScaleAsync(DeliveryHost.Orders, new ScaleRequest("staging", new Dictionary<string, int> { ["web"] = 101 }), DeliveryHost.Jane, Stop)).Error, "0 to 100" },
        { "nothing to cancel", async d => (await d.CancelAsync(DeliveryHost.Orders, new EnvironmentRequest(), DeliveryHost.Jane, Stop)).Error, "No build and no rollout" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task A_wrong_wish_is_refused_in_words(string what, Func<IDelivery, Task<Error?>> wish, string words)
    {
        Assert.NotEmpty(what);
        await using var host = await DeliveryHost.StartAsync();
        await host.ServeInStagingAsync("aaaaaaaaaaaa", 1);

        var error = await wish(host.Delivery);

        Assert.Contains(words, error?.Message, StringComparison.Ordinal);
        Assert.NotNull(error?.Next);
    }
}
