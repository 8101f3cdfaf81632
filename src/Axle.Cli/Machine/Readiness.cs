using System.Net;
using System.Net.Sockets;
using Axle.Cli.Api;
using Axle.Cli.Output;

namespace Axle.Cli.Machine;

/// <summary>Waits until both processes of a data folder say that they are ready, and shows how long each took.</summary>
internal sealed class Readiness(DataFolder data, CliHost host)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <param name="failed">Ends when going on makes no sense.</param>
    public async Task WaitAsync(ApiClient client, Progress progress, Task failed, CancellationToken stop)
    {
        var began = host.Clock.GetTimestamp();
        await ForAsync("agent", "the agent (processes, ingress, logs)", () => Task.FromResult(RunState.Alive(data, "agent") is not null), began, progress, failed, stop);
        await ForAsync(
            "server",
            "the control plane (API, portal, git)",
            async () => RunState.Alive(data, "server") is not null && await client.ProbeAsync("readyz", stop) == HttpStatusCode.OK,
            began,
            progress,
            failed,
            stop);
    }

    /// <summary>Refuses when a port is taken by somebody else.</summary>
    public static void CheckPorts(DataFolder data, Ports ports)
    {
        if (ports.Port == ports.IngressPort)
        {
            throw RefusedException.Usage($"portal and ingress cannot share port {ports.Port}", "axle up --port N --ingress-port M");
        }

        Check("server", ports.Port, "--port", "portal and API");
        Check("agent", ports.IngressPort, "--ingress-port", "the ingress");

        void Check(string process, int port, string option, string what)
        {
            if (RunState.Alive(data, process) is null && !IsFree(port))
            {
                var holder = PortHolder.Of(port);
                throw RefusedException.Because("port_taken", $"port {port} ({what}) is taken{(holder is null ? "" : $" by {holder}")}", $"axle up {option} {port + 1}, or stop the other program");
            }
        }
    }

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Connections of a program that just ended do not count: servers reuse the address, too.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task ForAsync(string process, string what, Func<Task<bool>> ready, long began, Progress progress, Task failed, CancellationToken stop)
    {
        progress.Begin(what);
        while (!await ready())
        {
            if (failed.IsFaulted)
            {
                progress.Failed();
                await failed;
            }

            if (host.Clock.GetElapsedTime(began) > s_patience)
            {
                progress.Failed();
                throw new RefusedException(new Contracts.Error("cli.not_ready", $"{what} was not ready within {s_patience.TotalSeconds:0} s; the last lines of {data.Log(process)}:", $"axle logs, or less {data.Log(process)}", 0))
                {
                    Details = RotatedLog.Tail(data.Log(process), 15),
                };
            }

            await Task.Delay(s_look, host.Clock, stop);
        }

        progress.Done($"{what} is ready", host.Clock.GetElapsedTime(began).TotalSeconds);
    }
}
