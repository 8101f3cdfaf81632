using Axle.Engines;

namespace Axle.Tests.Agent;

/// <summary>Containers beside each other, checks by command, static files: through the agent's program.</summary>
[Trait("Speed", "Slow")]
public sealed class AgentGroupTests(RealAgent agent) : IClassFixture<RealAgent>
{
    private static readonly HttpClient s_http = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Containers_start_after_those_that_come_before_them_and_say_whom_they_wait_for()
    {
        var folder = agent.Artifact(("app.py", Apps.Web));
        var ready = new ProbeSpec(Exec: ["test", "-e", "/tmp/ok"]);
        GroupSpec Group(string init, string proxy) => Apps.Group("web", GroupKind.Web) with
        {
            Containers =
            [
                Container("init", ["/bin/sh", "-c", init], ("main", "complete")),
                Container("proxy", ["/bin/sh", "-c", proxy], ("main", "healthy")) with { Readiness = ready },
                Container("main", ["python3", "app.py"]),
            ],
        };

        async Task<WorkloadStatus> DeployAsync(string revision, GroupSpec group, double seconds)
        {
            await agent.Engine.ApplyAsync(Apps.Workload("before.staging", revision, folder, group) with { StartTimeoutSeconds = seconds }, Stop);
            return await agent.UntilPhaseAsync("before.staging", revision, "Healthy", "Failed");
        }

        var healthy = await DeployAsync("r1", Group("sleep 0.3; echo initialised", "sleep 0.5; echo proxied; touch /tmp/ok; sleep 1000"), 30);
        Assert.True(healthy.Phase == "Healthy", healthy.Failure?.Message);
        Assert.Equal(["initialised", "proxied", "starting"], (await agent.LogAsync("before.staging")).Select(line => line.Text));

        var waiting = (await DeployAsync("r2", Group("true", "sleep 1000"), 1)).Failure!;
        Assert.EndsWith("was not ready within 1 s, for main waits for proxy to be healthy: test -e /tmp/ok ended with 1", waiting.Message, StringComparison.Ordinal);
        Assert.Equal(("Unhealthy", "test -e /tmp/ok"), (waiting.Reason, waiting.Check));

        var broken = (await DeployAsync("r3", Group("exit 3", "sleep 1000"), 30)).Failure!;
        Assert.Equal(("Exited", 3), (broken.Reason, broken.ExitCode));
        Assert.EndsWith("init: exited with code 3", broken.Message, StringComparison.Ordinal);
        Assert.Equal("r1", (await agent.Engine.ObserveAsync("before.staging", Stop))!.ServingRevision);
    }

    [Fact]
    public async Task A_worker_that_is_late_is_not_told_to_listen()
    {
        var folder = agent.Artifact(("x", ""));
        async Task<string> MessageAsync(string revision, ProbeSpec? readiness)
        {
            var worker = Apps.Group("worker", GroupKind.Worker, "sleep", "1000").Change(container => container with { Readiness = readiness });
            await agent.Engine.ApplyAsync(Apps.Workload("late.staging", revision, folder, worker) with { StartTimeoutSeconds = 0.7 }, Stop);
            return (await agent.UntilPhaseAsync("late.staging", revision, "Failed", "Healthy")).Failure!.Message;
        }

        Assert.EndsWith(
            "was not ready within 0.7 s: GET /: nothing listens on port 1; no port is assigned to worker, so check it by a command, or declare the port in the service's ports",
            await MessageAsync("r1", new ProbeSpec(new HttpProbe(1, "/"))),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "was not ready within 0.7 s: cat /tmp/none ended with 1: cat: /tmp/none: No such file or directory",
            await MessageAsync("r2", new ProbeSpec(Exec: ["cat", "/tmp/none"])),
            StringComparison.Ordinal);
        Assert.EndsWith("was not ready within 0.7 s: it counts as ready once it has stayed up for 1.5 s", await MessageAsync("r3", null), StringComparison.Ordinal);

        // Its own words are not taken for ours.
        Assert.EndsWith("nothing listens; exit 1 ended with 1: nothing listens", await MessageAsync("r4", new ProbeSpec(Exec: ["/bin/sh", "-c", "echo nothing listens; exit 1"])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_that_a_command_finds_dead_is_started_again()
    {
        Assert.SkipUnless((await agent.Engine.InfoAsync(Stop)).Isolation == "full", "Without a sandbox /tmp is not its own.");
        var folder = agent.Artifact(("app.py", Apps.Web));
        var web = Apps.Group("web", GroupKind.Web, "/bin/sh", "-c", "touch /tmp/ready; exec python3 app.py").Change(container => container with
        {
            Readiness = new ProbeSpec(Exec: ["test", "-e", "/tmp/ready"]),
            Liveness = new ProbeSpec(Exec: ["test", "!", "-e", "/tmp/dead"]) { PeriodSeconds = 0.1, Failures = 2 },
        });
        await agent.Engine.ApplyAsync(Apps.Workload("live.staging", "r1", folder, web), Stop);
        var well = Assert.Single((await agent.UntilPhaseAsync("live.staging", "r1", "Healthy")).Instances);
        await foreach (var _ in agent.Engine.ExecAsync(new ExecSpec("live.staging", null, "main", ["touch", "/tmp/dead"]), null, Stop))
        {
        }

        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync("live.staging", Stop))!.Instances is [{ State: "Ready", Restarts: 1 }], "the restart");
        Assert.Equal(well.Id, (await agent.Engine.ObserveAsync("live.staging", Stop))!.Instances[0].Id);
        Assert.Contains(
            await agent.LogAsync("live.staging"),
            line => line.Stream == "axle" && line.Text.StartsWith("liveness check failed 2 times in a row: test ! -e /tmp/dead ended with 1; starting again", StringComparison.Ordinal));

        await AssertRefusedAsync(new ExecSpec("live.staging", "web-nobody", null, ["true"]), $"live.staging has no instance web-nobody; it has {well.Id}.");
        await AssertRefusedAsync(new ExecSpec("live.staging", null, "proxy", ["true"]), "live.staging has no container proxy; it has main.");
    }

    [Fact]
    public async Task A_static_site_is_served_without_a_process_and_cannot_be_entered()
    {
        var folder = agent.Artifact(("dist/index.html", "<h1>one</h1>"));
        GroupSpec Site(string root) => new() { Name = "site", Kind = GroupKind.Static, StaticRoot = root };
        await agent.Engine.ApplyAsync(Apps.Workload("site.staging", "r1", folder, Site("dist")), Stop);
        var status = await agent.UntilPhaseAsync("site.staging", "r1", "Healthy", "Failed");
        Assert.Equal(("Healthy", "r1", 0), (status.Phase, status.ServingRevision, status.Instances.Count));
        await AssertRefusedAsync(new ExecSpec("site.staging", null, null, ["true"]), "site.staging is a static site: its files are served without a process, so there is nothing to run a command in.");

        var refusal = await Assert.ThrowsAsync<EngineRefusedException>(() => agent.Engine.ApplyAsync(Apps.Workload("site.staging", "r2", folder, Site("build")), Stop));
        Assert.Equal("Group site: the folder build, which the site is served from, is not in the artifact.", refusal.Message);
        await agent.RestartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, (await agent.Engine.InfoAsync(Stop)).IngressAddress);
        request.Headers.Host = "site.staging.localhost";
        using var answer = await s_http.SendAsync(request, Stop);
        Assert.Equal("<h1>one</h1>", await answer.Content.ReadAsStringAsync(Stop));
    }

    private async Task AssertRefusedAsync(ExecSpec spec, string why)
    {
        var refusal = await Assert.ThrowsAsync<EngineRefusedException>(async () =>
        {
            await foreach (var _ in agent.Engine.ExecAsync(spec, null, Stop))
            {
            }
        });
        Assert.Equal(why, refusal.Message);
    }

    private static ContainerSpec Container(string name, IReadOnlyList<string> command, params (string Name, string Until)[] before) => new()
    {
        Name = name,
        Command = command,
        Limits = new LimitSpec(MemoryBytes: 128 << 20),
        Before = before.ToDictionary(pair => pair.Name, pair => pair.Until),
    };
}
