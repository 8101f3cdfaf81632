using System.Net.Sockets;
using Axle.Cli.Output;

namespace Axle.Cli.Machine;

/// <summary>Stops a platform of this machine: control plane first, so that nothing is started again, then the apps, then the agent.</summary>
internal sealed class Shutdown(DataFolder data, CliHost host)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_serverPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_agentPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_killPatience = TimeSpan.FromSeconds(5);

    public bool AnythingRuns => RunState.Alive(data, "server") is not null || RunState.Alive(data, "agent") is not null || AppsRun;

    /// <summary>Apps outlive the agent, so they may run without one: each has a shim that names its folder below ours.</summary>
    private bool AppsRun => Directory.EnumerateDirectories("/proc").Any(process =>
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Contains($"\0{data.Path}/agent/runs/", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No process, or gone meanwhile.
            return false;
        }
    });

    /// <param name="keepApps">Agent and apps stay; only the control plane ends.</param>
    public async Task RunAsync(bool keepApps, Progress progress, CancellationToken stop)
    {
        if (RunState.Alive(data, "server") is { } server)
        {
            progress.Begin("stopping the control plane");
            await EndAsync(server, s_serverPatience, stop);
            progress.Done("the control plane has stopped");
        }

        if (!keepApps && (RunState.Alive(data, "agent") ?? await AgentForAppsAsync(stop)) is { } agent)
        {
            progress.Begin("stopping the apps and the agent");
            if (!await AskAgentAsync(stop) || !await GoneAsync(agent, s_agentPatience, stop))
            {
                await EndAsync(agent, s_serverPatience, stop);
            }

            progress.Done("all apps and the agent have stopped");
        }
    }

    /// <summary>Apps without an agent get one more, which knows how they are to be ended.</summary>
    private async Task<RunState?> AgentForAppsAsync(CancellationToken stop)
    {
        if (!AppsRun)
        {
            return null;
        }

        using var process = LaunchedProcess.Start(Path.Combine(host.Home, "agent", "axle-agent"), ["--data", data.Path, "--ingress-port", "0"], data.Log("agent"), new Dictionary<string, string?>());
        while (!process.HasExited)
        {
            if (RunState.Alive(data, "agent") is { } agent)
            {
                return agent;
            }

            await Task.Delay(s_look, host.Clock, stop);
        }

        throw RefusedException.Because("agent_failed", $"apps still run, and the agent that could stop them did not start (exit code {process.ExitCode})", $"read {data.Log("agent")}, then axle down again");
    }

    /// <summary>Asks politely, then makes sure.</summary>
    public async Task EndAsync(RunState process, TimeSpan patience, CancellationToken stop)
    {
        Native.Signal(process.Pid, Native.Terminate);
        if (!await GoneAsync(process, patience, stop))
        {
            Native.Signal(process.Pid, Native.Kill);
            await GoneAsync(process, s_killPatience, stop);
        }
    }

    public async Task<bool> GoneAsync(RunState process, TimeSpan patience, CancellationToken stop)
    {
        var began = host.Clock.GetTimestamp();
        while (process.IsAlive)
        {
            if (host.Clock.GetElapsedTime(began) > patience)
            {
                return false;
            }

            await Task.Delay(s_look, host.Clock, stop);
        }

        return true;
    }

    private async Task<bool> AskAgentAsync(CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancelled) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(data.Run("agent.sock")), cancelled);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        using var http = new HttpClient(handler) { Timeout = s_agentPatience };
        try
        {
            using var response = await http.PostAsync("http://agent/shutdown?stopApps=true", null, stop);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
        {
            // It may have ended before it could answer.
            return RunState.Alive(data, "agent") is null;
        }
    }
}
