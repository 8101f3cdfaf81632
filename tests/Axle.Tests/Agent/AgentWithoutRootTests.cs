using System.Diagnostics;
using System.Text;
using Axle.Engines;

namespace Axle.Tests.Agent;

/// <summary>The agent of somebody who is not root, as on a developer's own machine.</summary>
[Trait("Speed", "Slow")]
public sealed class AgentWithoutRootTests : IAsyncLifetime
{
    private const string Somebody = "65534";

    private readonly RealAgent _agent = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Environment.IsPrivilegedProcess)
        {
            _agent.Through = ["setpriv", $"--reuid={Somebody}", $"--regid={Somebody}", "--clear-groups"];
            Assert.SkipUnless(await RunsAsync([.. _agent.Through, "test", "-r", Path.Combine(AppContext.BaseDirectory, "axle-agent.dll")]), "Only root can read the folder of these tests.");
            Assert.True(await RunsAsync(["chown", $"{Somebody}:{Somebody}", _agent.Data]));
        }

        await _agent.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task A_command_and_a_check_run_inside_an_instance()
    {
        var folder = _agent.Artifact(("app.py", Apps.Web));
        var web = Apps.Group("web", GroupKind.Web, "/bin/sh", "-c", "touch /tmp/ready; exec python3 app.py")
            .Change(container => container with { Readiness = new ProbeSpec(Exec: ["test", "-e", "/tmp/ready"]) });
        await _agent.Engine.ApplyAsync(Apps.Workload("mine.staging", "r1", folder, web), Stop);
        var instance = Assert.Single((await _agent.UntilPhaseAsync("mine.staging", "r1", "Healthy", "Failed")).Instances);
        Assert.Equal("Ready", instance.State);

        // As the application, in its sandbox: the same user, its files, no more rights; and again after the agent was replaced.
        var expected = await ExecAsync("$(grep -l python3 /proc/[0-9]*/comm | head -n 1 | xargs dirname)/status");
        Assert.Equal(expected, await ExecAsync("/proc/self/status"));
        await _agent.RestartAsync();
        await RealAgent.UntilAsync(async () => (await _agent.Engine.ObserveAsync("mine.staging", Stop))?.Instances is [{ State: "Ready", Restarts: 0 }], "the instance to be adopted");
        Assert.Equal(expected, await ExecAsync("/proc/self/status"));
    }

    /// <summary>User, capabilities and whether the application's folder is there, as seen from inside.</summary>
    private async Task<string> ExecAsync(string status)
    {
        var text = new StringBuilder();
        await foreach (var item in _agent.Engine.ExecAsync(new ExecSpec("mine.staging", null, null, ["/bin/sh", "-c", $"ls app.py /tmp/ready; grep -E '^(Uid|CapEff|CapPrm|NoNewPrivs)' {status}"]), null, Stop))
        {
            text.Append(item.Data is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : $"exit code {item.ExitCode}");
        }

        Assert.Contains("app.py\n", text.ToString(), StringComparison.Ordinal);
        return text.ToString();
    }

    private static async Task<bool> RunsAsync(string[] command)
    {
        using var process = Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync(Stop);
        return process.ExitCode == 0;
    }
}
