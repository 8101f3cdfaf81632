using System.Text;
using Axle.Engines;

namespace Axle.Tests.Agent;

/// <summary>The agent's program, real processes, through the client that the control plane uses.</summary>
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
}
