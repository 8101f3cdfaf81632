using System.Diagnostics;
using System.Globalization;
using Axle.Contracts;
using Axle.Engines;

namespace Axle.Tests.Agent;

/// <summary>What the agent's successor makes of what was going on, and of a disk that tells it nonsense.</summary>
[Trait("Speed", "Slow")]
public sealed class AgentInterruptionTests(RealAgent agent) : IClassFixture<RealAgent>
{
    private static readonly HttpClient s_http = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rollout_goes_on_where_the_agent_was_killed_and_its_release_command_runs_once()
    {
        var folder = agent.Artifact(
            ("app.py", Apps.Web),
            ("release.sh", "echo migrating; while [ ! -e migrate ]; do sleep 0.05; done; echo migrated"),
            ("slow.sh", "while [ ! -e listen ]; do sleep 0.05; done; exec python3 app.py"));
        await agent.Engine.ApplyAsync(Apps.Workload("roll.staging", "r1", folder, Apps.Group("web", GroupKind.Web, "python3", "app.py")), Stop);
        var old = Assert.Single((await agent.UntilPhaseAsync("roll.staging", "r1", "Healthy")).Instances);

        // 1. Killed while the release command runs.
        await agent.Engine.ApplyAsync(
            Apps.Workload("roll.staging", "r2", folder, Apps.Group("web", GroupKind.Web, "/bin/sh", "slow.sh"), Apps.Group("release", GroupKind.Release, "/bin/sh", "release.sh")), Stop);
        await RealAgent.UntilAsync(async () => (await agent.LogAsync("roll.staging")).Exists(line => line.Text == "migrating"), "the release command");
        await agent.RestartAsync(() => File.WriteAllText(Path.Combine(folder, "migrate"), ""));

        // 2. Killed while the new instance starts.
        InstanceStatus? begun = null;
        await RealAgent.UntilAsync(
            async () => (begun = (await agent.Engine.ObserveAsync("roll.staging", Stop))!.Instances.FirstOrDefault(instance => instance.Revision == "r2")) is not null, "the new instance");
        await agent.RestartAsync();
        Assert.StartsWith("hello", await s_http.GetStringAsync($"http://127.0.0.1:{old.Port}/", Stop), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "listen"), "", Stop);
        var done = await agent.UntilPhaseAsync("roll.staging", "r2", "Healthy", "Failed");
        Assert.Equal(("Healthy", "r2"), (done.Phase, done.ServingRevision));
        Assert.Equal((begun!.Id, 0), (done.Instances.Single(instance => instance.Revision == "r2").Id, begun.Restarts));
        Assert.Equal(0, Assert.Single(done.Runs).ExitCode);
        Assert.Equal(["migrating", "migrated"], (await agent.LogAsync("roll.staging")).Where(line => line.Source.StartsWith("release-", StringComparison.Ordinal)).Select(line => line.Text));

        // 3. Killed while the old one leaves.
        await agent.RestartAsync();
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync("roll.staging", Stop))!.Instances is [{ Revision: "r2", State: "Ready" }], "the old instance's end");
    }

    [Fact]
    public async Task A_tick_that_came_while_no_agent_was_there_is_run_once_however_often_the_agent_is_killed()
    {
        var folder = agent.Artifact(("tick.sh", "echo tick; while [ ! -e go ]; do sleep 0.05; done; echo tock"));
        var now = TimeProvider.System.GetUtcNow();
        var cron = Apps.Group("tick", GroupKind.Cron, "/bin/sh", "tick.sh") with { Schedule = $"{now.Minute} {now.Hour} * * *" };
        await agent.Engine.ApplyAsync(Apps.Workload("cron.staging", "r1", folder, cron), Stop);
        Assert.Empty((await agent.UntilPhaseAsync("cron.staging", "r1", "Healthy")).Runs);

        // As if the agent had been away since yesterday.
        await agent.RestartAsync(() =>
        {
            var record = agent.OpenRecord("cron.staging");
            record["crons"]!["tick"]!["lastTick"] = now.AddDays(-1).ToString("O", CultureInfo.InvariantCulture);
            agent.PlaceRecord("cron.staging", record);
        });
        await RealAgent.UntilAsync(async () => (await agent.LogAsync("cron.staging")).Exists(line => line.Text == "tick"), "the tick");
        await agent.RestartAsync();
        Assert.Null(Assert.Single((await agent.Engine.ObserveAsync("cron.staging", Stop))!.Runs).FinishedAt);

        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "", Stop);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync("cron.staging", Stop))!.Runs is [{ ExitCode: 0 }], "the run's end");
        Assert.Equal(["tick", "tock"], (await agent.LogAsync("cron.staging")).Select(line => line.Text));
    }

    [Fact]
    public async Task A_line_that_was_begun_under_one_agent_is_ended_under_the_next()
    {
        var folder = agent.Artifact(("line.sh", "printf 'first\\none '; while [ ! -e 2 ]; do sleep 0.02; done; printf 'two '; while [ ! -e 3 ]; do sleep 0.02; done; echo three; sleep 1000"));
        await agent.Engine.ApplyAsync(Apps.Workload("line.staging", "r1", folder, Apps.Group("worker", GroupKind.Worker, "/bin/sh", "line.sh")), Stop);
        await RealAgent.UntilAsync(async () => (await agent.LogAsync("line.staging")).Exists(line => line.Text == "first"), "the first line");
        await agent.EndAsync();
        await agent.StartAsync();
        await agent.RestartAsync(() => File.WriteAllText(Path.Combine(folder, "2"), ""));
        await File.WriteAllTextAsync(Path.Combine(folder, "3"), "", Stop);
        await RealAgent.UntilAsync(async () => (await agent.LogAsync("line.staging")).Count > 1, "the second line");
        Assert.Equal(["first", "one two three"], (await agent.LogAsync("line.staging")).Select(line => line.Text));
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_costs_its_own_process_and_nothing_else()
    {
        var folder = agent.Artifact(("x", ""));
        string[] runs = ["empty-run", "half-run", "garbage-run"];
        string[] workloads = ["empty-workload", "half-workload", "garbage-workload"];
        string[] all = [.. runs, .. workloads, "other"];
        var before = new Dictionary<string, InstanceStatus>();
        foreach (var id in all)
        {
            await agent.Engine.ApplyAsync(Apps.Workload(id, "r1", folder, Sleeper(id)), Stop);
        }

        foreach (var id in all)
        {
            before[id] = Assert.Single((await agent.UntilPhaseAsync(id, "r1", "Healthy")).Instances);
        }

        await agent.RestartAsync(() =>
        {
            foreach (var id in runs)
            {
                Break(id, Path.Combine(Directory.GetDirectories(Path.Combine(agent.Data, "agent", "runs"), $"{id}.*").Single(), "run.json"));
            }

            foreach (var id in workloads)
            {
                Break(id, Path.Combine(agent.Data, "agent", "workloads", $"{id}.sealed"));
            }
        });

        // 1. A run is replaced; its old process does not go on beside the new one.
        foreach (var id in runs)
        {
            await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync(id, Stop))!.Instances is [{ State: "Ready", Restarts: 1 }], $"another process of {id}");
            Assert.Single(Sleeping(id));
        }

        // 2. A workload is not known any more; nothing of it runs, its file is kept, and it can be deployed again.
        foreach (var id in workloads)
        {
            Assert.Null(await agent.Engine.ObserveAsync(id, Stop));
            Assert.Empty(Sleeping(id));
            Assert.True(File.Exists(Path.Combine(agent.Data, "agent", "workloads", $"{id}.sealed.broken")));
            await agent.Engine.ApplyAsync(Apps.Workload(id, "r1", folder, Sleeper(id)), Stop);
            await agent.UntilPhaseAsync(id, "r1", "Healthy");
        }

        // 3. Nobody else has noticed.
        var other = Assert.Single((await agent.Engine.ObserveAsync("other", Stop))!.Instances);
        Assert.Equal((before["other"].Id, before["other"].StartedAt, 0), (other.Id, other.StartedAt, other.Restarts));

        static void Break(string id, string path)
        {
            var content = File.ReadAllBytes(path);
            File.WriteAllBytes(path, id.Split('-')[0] switch
            {
                "empty" => [],
                "half" => content[..(content.Length / 2)],
                _ => [0x7F, 0x45, 0x4C, 0x46, 0xFF, 0x00, 0xFE, 0x01],
            });
        }
    }

    [Fact]
    public async Task Control_groups_go_with_their_runs()
    {
        Assert.SkipWhen((await agent.Engine.InfoAsync(Stop)).Isolation == "none", "This machine offers no control groups.");
        var folder = agent.Artifact(("real/x", ""));
        Directory.CreateSymbolicLink(Path.Combine(folder, "link"), "real");

        // Refused while it is being started: the machine can be left without a process ever having been there.
        var refused = Sleeper("refused").Change(container => container with { Files = [new FileSpec("link/file", "")] });
        await agent.Engine.ApplyAsync(Apps.Workload("refused.staging", "r1", folder, refused), Stop);
        var failed = await agent.UntilPhaseAsync("refused.staging", "r1", "Failed", "Healthy");
        Assert.Equal("CannotStart", failed.Failure?.Reason);
        await RealAgent.UntilAsync(() => Task.FromResult(!Groups().Exists(group => group.StartsWith("refused.", StringComparison.Ordinal))), "the refused run's control groups' end");
        await agent.Engine.ApplyAsync(Apps.Workload("groups.staging", "r1", folder, Sleeper("groups.staging")), Stop);
        await agent.UntilPhaseAsync("groups.staging", "r1", "Healthy");
        Assert.Contains(Groups(), group => group.StartsWith("groups.staging.", StringComparison.Ordinal));

        // One ends while nobody watches, one is taken over and removed.
        await agent.RestartAsync(() => Process.GetProcessById(Sleeping("groups.staging").Single()).Kill());
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync("groups.staging", Stop))!.Instances is [{ State: "Ready", Restarts: 1 }], "the restart");
        await agent.Engine.RemoveAsync("groups.staging", Stop);
        await RealAgent.UntilAsync(() => Task.FromResult(!Groups().Exists(group => group.StartsWith("groups.", StringComparison.Ordinal))), "the control groups' end");

        List<string> Groups() => [.. agent.CgroupFolders.SelectMany(Directory.GetDirectories).Select(path => Path.GetFileName(path)!)];
    }

    [Fact]
    public async Task An_agent_that_is_started_from_another_control_group_tidies_up_those_before()
    {
        var own = File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.Contains(":memory:", StringComparison.Ordinal))?.Split(':', 3)[2];
        Assert.SkipUnless(own is not null && Environment.IsPrivilegedProcess, "Here all agents make their control groups at the same place.");
        var elsewhere = $"/sys/fs/cgroup/memory{own.TrimEnd('/')}/test-{Guid.NewGuid():N}";
        await using var moving = new RealAgent();
        await moving.InitializeAsync();
        await moving.Engine.ApplyAsync(Apps.Workload("moved.staging", "r1", moving.Artifact(("x", "")), Sleeper("moved")), Stop);
        var before = Assert.Single((await moving.UntilPhaseAsync("moved.staging", "r1", "Healthy")).Instances);

        moving.Through = ["/bin/sh", "-c", "mkdir $0 && echo 0 >$0/cgroup.procs && exec \"$@\"", elsewhere];
        await moving.RestartAsync();
        Assert.Equal(before.Id, Assert.Single((await moving.UntilPhaseAsync("moved.staging", "r1", "Healthy")).Instances).Id);
        Assert.Contains(moving.CgroupFolders, folder => folder.StartsWith(elsewhere, StringComparison.Ordinal));
        await moving.DisposeAsync();
        Assert.Empty(moving.CgroupFolders);
        Directory.Delete(elsewhere);
    }

    [Fact]
    public async Task Who_listens_elsewhere_is_told_its_own_port_and_nobody_elses()
    {
        // The agent's parent has left a listening socket open, which the agent must keep from its applications.
        const string Listen = "import os, socket, sys, time\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); ";
        await using var inheriting = new RealAgent { Through = ["python3", "-c", Listen + "s.set_inheritable(True); os.execvp(sys.argv[1], sys.argv[1:])"] };
        await inheriting.InitializeAsync();
        var folder = inheriting.Artifact(("app.py", Listen + "print(s.getsockname()[1], flush=True); time.sleep(1000)"));
        await inheriting.Engine.ApplyAsync(Apps.Workload("elsewhere.staging", "r1", folder, Apps.Group("web", GroupKind.Web, "python3", "app.py")), Stop);
        await RealAgent.UntilAsync(async () => await inheriting.LogAsync("elsewhere.staging") is [_, ..], "the application's port");
        var port = (await inheriting.LogAsync("elsewhere.staging"))[0].Text;

        // Another agent of this machine gives out the same users.
        using var neighbour = Environment.IsPrivilegedProcess
            ? Process.Start("setpriv", ["--reuid", "200001", "--regid", "200001", "--clear-groups", "/usr/bin/python3", "-c", Listen + "time.sleep(1000)"])
            : Process.Start("python3", ["-c", Listen + "time.sleep(1000)"]);
        string? hint = null;
        await RealAgent.UntilAsync(
            async () => (hint = (await inheriting.Engine.ObserveAsync("elsewhere.staging", Stop))!.Steps.FirstOrDefault(step => step.Name == "health")?.Message) is not null, "the hint");
        Assert.False(neighbour.HasExited);
        neighbour.Kill();
        Assert.Contains($" listens on {port}, but not on PORT (", hint, StringComparison.Ordinal);
    }

    private static GroupSpec Sleeper(string id) =>
        Apps.Group("worker", GroupKind.Worker, "python3", "-c", "import time; time.sleep(7777)", id).Change(container => container with { Readiness = new ProbeSpec(Exec: ["true"]) });

    private static List<int> Sleeping(string id)
    {
        var found = new List<int>();
        foreach (var process in Process.GetProcessesByName("python3"))
        {
            using (process)
            {
                try
                {
                    if (File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0') is ["python3", _, _, var last, ""] && last == id)
                    {
                        found.Add(process.Id);
                    }
                }
                catch (IOException)
                {
                    // Ended meanwhile.
                }
            }
        }

        return found;
    }
}
