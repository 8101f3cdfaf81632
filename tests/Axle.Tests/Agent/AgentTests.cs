using System.Text;
using Axle.Engines;

namespace Axle.Tests.Agent;

/// <summary>The agent's program, real processes, through the client that the control plane uses.</summary>
[Trait("Speed", "Slow")]
public sealed class AgentTests(RealAgent agent) : IClassFixture<RealAgent>
{
    private static readonly HttpClient s_http = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_web_workload_becomes_healthy_answers_and_is_replaced_by_its_next_revision()
    {
        var folder = agent.Artifact(("app.py", Apps.Web));
        var web = Apps.Group("web", GroupKind.Web, "python3", "app.py").With(("TEXT", "it's $HOME `one` \"1\"\nnext"));
        await agent.Engine.ApplyAsync(Apps.Workload("hello.staging", "r1", folder, web), Stop);
        var first = await agent.UntilPhaseAsync("hello.staging", "r1", "Healthy", "Failed");

        Assert.True(first.Phase == "Healthy", $"{first.Failure}\n{string.Join('\n', first.Failure?.LogTail ?? [])}\n{agent.StandardError}");
        Assert.Equal("r1", first.ServingRevision);
        Assert.Equal(["start", "health", "switch"], first.Steps.Select(step => step.Name));
        var instance = Assert.Single(first.Instances);
        Assert.Equal("Ready", instance.State);
        Assert.StartsWith("it's $HOME `one` \"1\"\nnext ", await s_http.GetStringAsync($"http://127.0.0.1:{instance.Port}/", Stop), StringComparison.Ordinal);
        Assert.Contains(await agent.LogAsync("hello.staging"), line => line is { Stream: "out", Text: "starting" } && line.Source == instance.Id);

        using var request = new HttpRequestMessage(HttpMethod.Get, (await agent.Engine.InfoAsync(Stop)).IngressAddress);
        request.Headers.Host = "hello.staging.localhost";
        using var answer = await s_http.SendAsync(request, Stop);
        Assert.StartsWith("it's $HOME", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

        await agent.Engine.ApplyAsync(Apps.Workload("hello.staging", "r2", folder, web.With(("TEXT", "second"))), Stop);
        await agent.UntilPhaseAsync("hello.staging", "r2", "Healthy", "Failed");
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync("hello.staging", Stop))!.Instances.Count == 1, "the old instance's end");
        var second = Assert.Single((await agent.Engine.ObserveAsync("hello.staging", Stop))!.Instances);
        Assert.NotEqual(instance.Id, second.Id);
        Assert.StartsWith("second", await s_http.GetStringAsync($"http://127.0.0.1:{second.Port}/", Stop), StringComparison.Ordinal);
        Assert.Contains(await agent.LogAsync("hello.staging"), line => line.Text == "ending" && line.Source == instance.Id);
    }

    [Fact]
    public async Task A_job_runs_writes_its_folder_and_log_and_ends()
    {
        var folder = agent.Artifact(("in.txt", "7"));
        var job = new JobSpec { Id = "build-1", Command = ["/bin/sh", "-c", "cat in.txt > out.txt; echo done; echo bad >&2; exit 3"], Folder = folder, WritableFolder = true, Owner = "shop" };
        await agent.Engine.StartJobAsync(job, Stop);
        var lines = new List<string>();
        await foreach (var line in agent.Engine.LogsAsync(new LogQuery("job:build-1", Follow: true), Stop))
        {
            lines.Add($"{line.Stream} {line.Text}");
        }

        var status = await agent.Engine.ObserveJobAsync("build-1", Stop);
        Assert.Equal(("Failed", 3, "exited with code 3"), (status!.Phase, status.ExitCode, status.Message));
        Assert.Contains("out done", lines);
        Assert.Contains("err bad", lines);
        Assert.Equal("7", File.ReadAllText(Path.Combine(folder, "out.txt")));
        await agent.Engine.RemoveJobAsync("build-1", Stop);
        Assert.Null(await agent.Engine.ObserveJobAsync("build-1", Stop));
    }

    [Fact]
    public async Task A_job_can_take_the_place_of_a_container_with_its_files_and_volumes()
    {
        var folder = agent.Artifact(("app.py", Apps.Web));
        var web = Apps.Group("web", GroupKind.Web, "/bin/sh", "-c", "echo kept >/data/kept; exec python3 app.py").With(("NAME", "inside"))
            .Change(container => container with { Files = [new FileSpec("/conf/settings", Convert.ToBase64String("set"u8))], Volumes = [new VolumeSpec("/data", "data")] });
        await agent.Engine.ApplyAsync(Apps.Workload("as.staging", "r1", folder, web), Stop);
        await agent.UntilPhaseAsync("as.staging", "r1", "Healthy");

        var job = new JobSpec { Id = "run-1", Command = ["/bin/sh", "-c", "cat /data/kept /conf/settings; echo $NAME; echo more >>/data/kept"], Folder = folder, Owner = "as", As = new("as.staging", web.Containers[0]) };
        await agent.Engine.StartJobAsync(job, Stop);
        var lines = new List<string>();
        await foreach (var line in agent.Engine.LogsAsync(new LogQuery("job:run-1", Follow: true), Stop))
        {
            lines.Add(line.Text);
        }

        Assert.Equal(["kept", "setinside"], lines);
        Assert.Equal("Succeeded", (await agent.Engine.ObserveJobAsync("run-1", Stop))!.Phase);
        Assert.Equal("kept\nmore\n", await File.ReadAllTextAsync(Path.Combine(agent.Data, "agent", "volumes", "as.staging", "data", "kept"), Stop));
    }

    [Fact]
    public async Task A_command_runs_inside_an_instance_and_reads_its_input()
    {
        var folder = agent.Artifact(("app.py", Apps.Web));
        await agent.Engine.ApplyAsync(Apps.Workload("exec.staging", "r1", folder, Apps.Group("web", GroupKind.Web, "python3", "app.py").With(("NAME", "inside"))), Stop);
        await agent.UntilPhaseAsync("exec.staging", "r1", "Healthy");

        // More than the buffers between hold, so that both directions must flow at once.
        var input = new byte[3_000_000];
        Array.Fill(input, (byte)'x');
        var output = new MemoryStream();
        int? code = null;
        await foreach (var item in agent.Engine.ExecAsync(new ExecSpec("exec.staging", null, null, ["/bin/sh", "-c", "cat; echo $NAME; pwd; exit 5"]), new MemoryStream(input), Stop))
        {
            code = item.ExitCode ?? code;
            if (item is { Stream: "out", Data: { } data })
            {
                output.Write(Convert.FromBase64String(data));
            }
        }

        Assert.Equal(5, code);
        var text = Encoding.UTF8.GetString(output.ToArray());
        Assert.Equal(input.Length, text.IndexOf("inside", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_rollout_says_why_and_what_served_before_goes_on()
    {
        var folder = agent.Artifact(("app.py", Apps.Web));
        var web = Apps.Group("web", GroupKind.Web, "python3", "app.py");
        var checkedWeb = web.Change(container => container with { Readiness = new ProbeSpec(new HttpProbe(8080, "/healthz")) });
        await agent.Engine.ApplyAsync(Apps.Workload("fail.staging", "r1", folder, checkedWeb), Stop);
        var port = (await agent.UntilPhaseAsync("fail.staging", "r1", "Healthy")).Instances[0].Port;

        async Task<WorkloadStatus> FailAsync(string revision, GroupSpec group, double seconds = 1.5)
        {
            await agent.Engine.ApplyAsync(Apps.Workload("fail.staging", revision, folder, group) with { StartTimeoutSeconds = seconds }, Stop);
            var failed = await agent.UntilPhaseAsync("fail.staging", revision, "Failed", "Healthy");
            Assert.Equal(("Failed", "r1"), (failed.Phase, failed.ServingRevision));
            Assert.StartsWith("hello", await s_http.GetStringAsync($"http://127.0.0.1:{port}/", Stop), StringComparison.Ordinal);
            return failed;
        }

        var unhealthy = await FailAsync("r2", checkedWeb.With(("STATUS", "500"), ("TEXT", "no database")), 6);
        Assert.Equal("Unhealthy", unhealthy.Failure!.Reason);
        Assert.Equal("GET /healthz", unhealthy.Failure.Check);
        Assert.StartsWith("GET /healthz answered 500: no database", unhealthy.Failure.LastAnswer, StringComparison.Ordinal);
        Assert.Contains("starting", unhealthy.Failure.LogTail);

        // Said long before the minute is over: it listens, so it will not listen on PORT any more.
        var elsewhere = await FailAsync("r3", web.With(("OTHER_PORT", "0")), 60);
        Assert.InRange((elsewhere.FinishedAt - elsewhere.StartedAt)!.Value, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(30));
        Assert.Equal("NotListening", elsewhere.Failure!.Reason);
        Assert.Matches(@"listens on \d+, but not on PORT \(", elsewhere.Failure.Message);
        Assert.Contains("read the port from the environment variable PORT", elsewhere.Failure.Message, StringComparison.Ordinal);

        var exited = await FailAsync("r4", Apps.Group("web", GroupKind.Web, "/bin/sh", "-c", "echo no config >&2; exit 3"), 30);
        Assert.Equal(("Exited", 3), (exited.Failure!.Reason, exited.Failure.ExitCode));
        Assert.EndsWith("exited with code 3", exited.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("no config", exited.Failure.LogTail);

        var absent = await FailAsync("r5", Apps.Group("web", GroupKind.Web, "no-such-program"), 30);
        Assert.Equal(("CannotStart", 127), (absent.Failure!.Reason, absent.Failure.ExitCode));

        await agent.Engine.ApplyAsync(Apps.Workload("fail.staging", "r6", folder, Apps.Group("web", GroupKind.Web, "sleep", "1000")) with { StartTimeoutSeconds = 600 }, Stop);
        await agent.UntilPhaseAsync("fail.staging", "r6", "RollingOut");
        await agent.Engine.CancelRolloutAsync("fail.staging", Stop);
        Assert.Equal("Cancelled", (await agent.UntilPhaseAsync("fail.staging", "r6", "Failed")).Failure!.Reason);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveAsync("fail.staging", Stop))!.Instances.Count == 1, "the cancelled instances' end");
    }

    [Fact]
    public async Task An_application_that_needs_too_much_memory_is_told_so()
    {
        Assert.SkipWhen((await agent.Engine.InfoAsync(Stop)).Isolation == "none", "This machine offers no limits.");
        var folder = agent.Artifact(("eat.py", "x = bytearray(600_000_000)\nfor i in range(0, len(x), 4096): x[i] = 1\n"));
        await agent.Engine.ApplyAsync(Apps.Workload("eat.staging", "r1", folder, Apps.Group("worker", GroupKind.Worker, "python3", "eat.py")), Stop);
        var failed = await agent.UntilPhaseAsync("eat.staging", "r1", "Failed", "Healthy");
        Assert.Equal("OutOfMemory", failed.Failure!.Reason);
        Assert.EndsWith("killed: out of memory (limit 128 MiB)", failed.Failure.Message, StringComparison.Ordinal);

        await agent.Engine.StartJobAsync(new JobSpec { Id = "eat", Command = ["python3", "eat.py"], Folder = folder, Owner = "eat", Limits = new LimitSpec(MemoryBytes: 64 << 20) }, Stop);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveJobAsync("eat", Stop))!.Phase != "Running", "the job's end");
        Assert.Equal("killed: out of memory (limit 64 MiB)", (await agent.Engine.ObserveJobAsync("eat", Stop))!.Message);
    }

    [Fact]
    public async Task The_release_command_runs_once_before_anything_starts_and_stops_the_rollout_when_it_fails()
    {
        var folder = agent.Artifact(("app.py", Apps.Web));
        var web = Apps.Group("web", GroupKind.Web, "python3", "app.py");
        await agent.Engine.ApplyAsync(Apps.Workload("release.staging", "r1", folder, web, Apps.Group("release", GroupKind.Release, "echo", "migrating")), Stop);
        var first = await agent.UntilPhaseAsync("release.staging", "r1", "Healthy", "Failed");
        Assert.Equal(["release", "start", "health", "switch"], first.Steps.Select(step => step.Name));
        Assert.Equal(0, Assert.Single(first.Runs).ExitCode);
        Assert.Single(await agent.LogAsync("release.staging"), line => line.Text == "migrating");

        await agent.Engine.ApplyAsync(Apps.Workload("release.staging", "r2", folder, web, Apps.Group("release", GroupKind.Release, "/bin/sh", "-c", "echo no table; exit 9")), Stop);
        var second = await agent.UntilPhaseAsync("release.staging", "r2", "Healthy", "Failed");
        Assert.Equal(("Failed", "r1", "ReleaseCommandFailed", 9), (second.Phase, second.ServingRevision, second.Failure!.Reason, second.Failure.ExitCode));
        Assert.Equal(["no table"], second.Failure.LogTail);
        Assert.Single(second.Instances);
    }

    [Fact]
    public async Task Instances_are_scaled_stopped_started_and_restarted_after_a_crash()
    {
        var folder = agent.Artifact(("app.py", Apps.Web));
        var web = Apps.Group("web", GroupKind.Web, "python3", "app.py");
        var spec = Apps.Workload("scale.staging", "r1", folder, web);
        await agent.Engine.ApplyAsync(spec, Stop);
        var one = Assert.Single((await agent.UntilPhaseAsync("scale.staging", "r1", "Healthy")).Instances);

        async Task<WorkloadStatus> UntilAsync(Func<WorkloadStatus, bool> condition, string what)
        {
            WorkloadStatus? seen = null;
            await RealAgent.UntilAsync(async () => condition(seen = (await agent.Engine.ObserveAsync("scale.staging", Stop))!), what);
            return seen!;
        }

        await agent.Engine.ApplyAsync(spec with { Groups = [web with { Instances = 2 }] }, Stop);
        var two = await UntilAsync(status => status.Instances.Count(instance => instance.State == "Ready") == 2, "two instances");
        Assert.Contains(two.Instances, instance => instance.Id == one.Id);
        Assert.Equal(2, two.Instances.Select(instance => instance.Port).Distinct().Count());

        await agent.Engine.ApplyAsync(spec, Stop);
        Assert.Equal(one.Id, Assert.Single((await UntilAsync(status => status.Instances.Count == 1, "one instance")).Instances).Id);

        // The first process of a command line is all that is left of an application that kills itself.
        await foreach (var _ in agent.Engine.ExecAsync(new ExecSpec("scale.staging", one.Id, null, ["/bin/sh", "-c", "pkill -9 python3 || kill -9 2"]), null, Stop))
        {
        }

        var again = await UntilAsync(status => status.Instances is [{ Restarts: 1, State: "Ready" }], "the restart");
        Assert.Equal(("Healthy", one.Port), (again.Phase, again.Instances[0].Port));
        Assert.Contains(await agent.LogAsync("scale.staging"), line => line.Stream == "axle" && line.Text.StartsWith("killed (SIGKILL); starting again", StringComparison.Ordinal));

        await agent.Engine.ApplyAsync(spec with { Stopped = true }, Stop);
        await UntilAsync(status => status is { Phase: "Stopped", Instances.Count: 0 }, "the stop");
        await agent.Engine.ApplyAsync(spec, Stop);
        await UntilAsync(status => status is { Phase: "Healthy", Instances: [{ State: "Ready" }] }, "the start");
        await agent.Engine.RemoveAsync("scale.staging", Stop);
        Assert.Null(await agent.Engine.ObserveAsync("scale.staging", Stop));
    }

    [Fact]
    public async Task An_agent_that_is_killed_leaves_everything_running_and_its_successor_takes_over_without_losing_a_line()
    {
        var folder = agent.Artifact(("app.py", Apps.Web), ("count.sh", "i=0\nwhile [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); sleep 0.002; done\necho end\nsleep 1000"));
        await agent.Engine.ApplyAsync(
            Apps.Workload("keep.staging", "r1", folder, Apps.Group("web", GroupKind.Web, "python3", "app.py"), Apps.Group("worker", GroupKind.Worker, "/bin/sh", "count.sh")), Stop);
        var before = await agent.UntilPhaseAsync("keep.staging", "r1", "Healthy");
        await agent.Engine.StartJobAsync(new JobSpec { Id = "long", Command = ["/bin/sh", "-c", "while [ ! -e go ]; do sleep 0.1; done; echo went"], Folder = folder, WritableFolder = true, Owner = "keep" }, Stop);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveJobAsync("long", Stop))!.Phase == "Running", "the job");
        var address = $"http://127.0.0.1:{before.Instances.First(instance => instance.Process == "web").Port}/";
        var answer = await s_http.GetStringAsync(address, Stop);

        await agent.KillAsync();
        Assert.Equal(answer, await s_http.GetStringAsync(address, Stop));
        await Assert.ThrowsAsync<EngineUnavailableException>(() => agent.Engine.InfoAsync(Stop));
        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "", Stop);
        await agent.StartAsync();

        Assert.Equal(answer, await s_http.GetStringAsync(address, Stop));
        var after = await agent.UntilPhaseAsync("keep.staging", "r1", "Healthy");
        Assert.Equal(before.Instances.Select(instance => (instance.Id, instance.StartedAt, 0)), after.Instances.Select(instance => (instance.Id, instance.StartedAt, instance.Restarts)));
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveJobAsync("long", Stop))!.Phase != "Running", "the job's end");
        Assert.Equal("Succeeded", (await agent.Engine.ObserveJobAsync("long", Stop))!.Phase);
        Assert.Contains(await agent.LogAsync("job:long"), line => line.Text == "went");
        await RealAgent.UntilAsync(async () => (await agent.LogAsync("keep.staging")).Exists(line => line.Text == "end"), "the last line");
        var lines = (await agent.LogAsync("keep.staging")).Where(line => line.Text.StartsWith("line ", StringComparison.Ordinal)).Select(line => line.Text).ToList();
        Assert.Equal(Enumerable.Range(0, 2000).Select(number => $"line {number}"), lines);
    }

    [Fact]
    public async Task However_often_an_agent_is_killed_no_line_is_lost_and_none_is_cut()
    {
        // Every line is written in two halves, so that many a kill finds one half taken.
        var folder = agent.Artifact(("count.sh", "i=0\nwhile [ $i -lt 40000 ]; do printf 'li'; printf 'ne %s\\n' $i; i=$((i+1)); [ $((i%20)) -gt 0 ] || sleep 0.001; done\necho end\nsleep 1000"));
        await agent.Engine.ApplyAsync(Apps.Workload("counts.staging", "r1", folder, Apps.Group("worker", GroupKind.Worker, "/bin/sh", "count.sh")), Stop);
        for (var kills = 0; kills < 6; kills++)
        {
            await Task.Delay(Random.Shared.Next(300), Stop);
            await agent.KillAsync();
            await agent.StartAsync();
        }

        await RealAgent.UntilAsync(async () => (await agent.LogAsync("counts.staging")).Exists(line => line.Text == "end"), "the last line");
        var lines = (await agent.LogAsync("counts.staging")).Select(line => line.Text).TakeWhile(line => line != "end").ToList();
        Assert.Equal(Enumerable.Range(0, 40_000).Select(number => $"line {number}"), lines.Distinct());
        await agent.Engine.RemoveAsync("counts.staging", Stop);
    }

    [Fact]
    public async Task A_process_sees_only_its_own_world()
    {
        Assert.SkipUnless((await agent.Engine.InfoAsync(Stop)).Isolation == "full", "This machine does not offer full isolation.");
        var folder = agent.Artifact(("data", ""));
        var script = "id -u; ls /root /home /work 2>&1 | head -1; touch /app/x 2>&1; ls -d /proc/[0-9]* | wc -l; grep CapEff /proc/self/status; cat /run/axle/passwd | wc -l; touch /tmp/x && echo tmp";
        await agent.Engine.StartJobAsync(new JobSpec { Id = "look", Command = ["/bin/sh", "-c", script], Folder = folder, Owner = "look" }, Stop);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveJobAsync("look", Stop))!.Phase != "Running", "the job's end");
        var lines = (await agent.LogAsync("job:look")).Where(line => line.Stream == "out").Select(line => line.Text).ToList();
        Assert.True(int.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture) > 200_000, lines[0]);
        Assert.Contains("No such file", lines[1], StringComparison.Ordinal);
        Assert.Contains("Read-only file system", lines[2], StringComparison.Ordinal);
        Assert.InRange(int.Parse(lines[3], System.Globalization.CultureInfo.InvariantCulture), 1, 6);
        Assert.EndsWith("0000000000000000", lines[4], StringComparison.Ordinal);
        Assert.Equal("tmp", lines[^1]);
    }

    [Fact]
    public async Task A_job_is_ended_at_its_time_limit_or_when_cancelled_with_all_that_it_started()
    {
        var folder = agent.Artifact(("x", ""));
        var forever = new JobSpec { Id = "late", Command = ["/bin/sh", "-c", "setsid sleep 4321 & sleep 4321"], Folder = folder, Owner = "late", TimeoutSeconds = 1 };
        await agent.Engine.StartJobAsync(forever, Stop);
        await agent.Engine.StartJobAsync(forever with { Id = "cancelled", TimeoutSeconds = 900 }, Stop);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveJobAsync("late", Stop))!.Phase == "TimedOut", "the time limit");
        Assert.Equal("killed: not done within 1 s", (await agent.Engine.ObserveJobAsync("late", Stop))!.Message);
        await agent.Engine.CancelJobAsync("cancelled", Stop);
        await RealAgent.UntilAsync(async () => (await agent.Engine.ObserveJobAsync("cancelled", Stop))!.Phase == "Cancelled", "the cancel");
        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc"), process => File.Exists($"{process}/cmdline") && Read($"{process}/cmdline").StartsWith("sleep\04321", StringComparison.Ordinal));

        static string Read(string path)
        {
            try
            {
                return File.ReadAllText(path);
            }
            catch (IOException)
            {
                return "";
            }
        }
    }

    [Fact]
    public async Task Files_and_volumes_appear_where_they_are_asked_for()
    {
        Assert.SkipUnless((await agent.Engine.InfoAsync(Stop)).Isolation == "full", "This machine does not offer full isolation.");
        var folder = agent.Artifact(("src/app.sh", "cat conf/app.ini /etc/app.conf; cat $0 | wc -l; echo $(( $(cat /data/n 2>/dev/null || echo 0) + 1 )) > /data/n; cat /data/n; touch new 2>&1; sleep 1000"), ("readme", "x"));
        var worker = Apps.Group("worker", GroupKind.Worker, "/bin/sh", "app.sh").Change(container => container with
        {
            WorkingFolder = "src",
            Files = [new FileSpec("conf/app.ini", Convert.ToBase64String("one\n"u8)), new FileSpec("/etc/app.conf", Convert.ToBase64String("two\n"u8))],
            Volumes = [new VolumeSpec("/data", "data")],
        });
        await agent.Engine.ApplyAsync(Apps.Workload("files.staging", "r1", folder, worker), Stop);
        var status = await agent.UntilPhaseAsync("files.staging", "r1", "Healthy", "Failed");
        Assert.True(status.Phase == "Healthy", $"{status.Failure?.Message} {string.Join('\n', status.Failure?.LogTail ?? [])}");
        var lines = (await agent.LogAsync("files.staging")).Select(line => line.Text).ToList();
        Assert.Equal(["one", "two", "0", "1"], lines.Take(4));
        Assert.Contains("Read-only file system", lines[4], StringComparison.Ordinal);

        await agent.Engine.ApplyAsync(Apps.Workload("files.staging", "r2", folder, worker), Stop);
        await agent.UntilPhaseAsync("files.staging", "r2", "Healthy", "Failed");
        Assert.Contains("2", (await agent.LogAsync("files.staging")).Select(line => line.Text));
    }
}
