using System.Net.Sockets;
using Axle.Cli.Output;

namespace Axle.Cli.Machine;

/// <summary>Stops a platform of this machine: control plane first, so that nothing is started again, then the apps, then the agent.</summary>
internal sealed class Shutdown(DataFolder data, CliHost host)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_serverPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_agentPatience = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan s_killPatience = TimeSpan.FromSeconds(5);

    public bool AnythingRuns => RunState.Alive(data, "server") is not null || RunState.Alive(data, "agent") is not null;

    /// <param name="keepApps">Agent and apps stay; only the control plane ends.</param>
    public async Task RunAsync(bool keepApps, Progress progress, CancellationToken stop)
    {
        if (RunState.Alive(data, "server") is { } server)
        {
            progress.Begin("stopping the control plane");
            await EndAsync(server, s_serverPatience, stop);
            progress.Done("the control plane has stopped");
        }

        if (!keepApps && RunState.Alive(data, "agent") is { } agent)
        {
            progress.Begin("stopping the apps and the agent");
            if (!await AskAgentAsync(stop) || !await GoneAsync(agent, s_agentPatience, stop))
            {
                await EndAsync(agent, s_serverPatience, stop);
            }

            progress.Done("all apps and the agent have stopped");
        }
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
