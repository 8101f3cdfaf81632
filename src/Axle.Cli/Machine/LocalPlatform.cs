using Axle.Cli.Configuration;
using Axle.Cli.Output;
using Axle.Cli.Verbs;

namespace Axle.Cli.Machine;

/// <summary>A platform on this machine as <c>up</c>, <c>down</c> and <c>demo</c> handle it.</summary>
internal sealed class LocalPlatform(Session session, DataFolder data, Ports ports)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_supervisorPatience = TimeSpan.FromSeconds(90);

    public DataFolder Data { get; } = data;

    public Uri Url { get; } = new($"http://localhost:{ports.Port}/");

    /// <summary>The platform in a data folder, with the ports asked for, else those it had last.</summary>
    public static LocalPlatform Of(Session session, string? folder, int? port, int? ingressPort)
    {
        var data = new DataFolder(folder ?? DataFolder.Default(session.Host));
        var last = data.ReadPorts();
        var ports = new Ports(Valid(port ?? last.Port), Valid(ingressPort ?? last.IngressPort));
        return new LocalPlatform(session, data, ports);

        static int Valid(int port) => port is > 0 and < 65536 ? port : throw RefusedException.Usage($"{port} is not a port (1 to 65535)");
    }

    /// <summary>
    /// Starts the platform, or adopts what runs, and waits until it is ready. The supervisor that is given back keeps it
    /// running; null when another process does.
    /// </summary>
    public async Task<Supervisor?> StartAsync(bool inBackground, Progress progress, CancellationToken stop)
    {
        Data.Prepare();
        var running = RunState.Alive(Data, "supervisor");
        if (running is null)
        {
            Readiness.CheckPorts(Data, ports);
        }
        else if (running.Port is { } port && port != ports.Port)
        {
            throw RefusedException.Because("running_elsewhere", $"the platform in {Data.Path} runs on port {port} already", $"axle down --data {Data.Path}, then axle up --port {ports.Port}");
        }

        Supervisor? supervisor = null;
        var failed = Task.CompletedTask;
        if (running is null && inBackground)
        {
            failed = StartInBackground();
        }
        else if (running is null && (supervisor = Supervisor.TryBegin(Data, ports, session.Host, text => progress.Say($"axle: {text}"))) is not null)
        {
            supervisor.Start();
            failed = supervisor.FailedAsync();
        }

        try
        {
            session.Connect(new Connection(Url, null, Data.Path));
            if (running is null && inBackground)
            {
                await SupervisedAsync(failed, stop);
            }

            await new Readiness(Data, session.Host).WaitAsync(session.Client, progress, failed, stop);
            await SignInAsync(stop);
        }
        catch when (supervisor is not null)
        {
            // Whoever could not be started whole is not left running half.
            await StopOwnAsync(supervisor, progress);
            throw;
        }

        Data.WritePorts(ports);
        return supervisor;
    }

    /// <summary>Waits for Ctrl-C or the like, then stops everything.</summary>
    public async Task KeepAsync(Supervisor supervisor, CancellationToken stop)
    {
        try
        {
            await (await Task.WhenAny(supervisor.FailedAsync(), Task.Delay(Timeout.InfiniteTimeSpan, session.Host.Clock, stop)));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            session.Terminal.Note("");
        }

        await using var progress = new Progress(session.Terminal);
        await StopOwnAsync(supervisor, progress);
    }

    /// <summary>Stops the platform, whoever keeps it.</summary>
    /// <returns>Whether anything ran.</returns>
    public async Task<bool> StopAsync(bool keepApps, Progress progress, CancellationToken stop)
    {
        var shutdown = new Shutdown(Data, session.Host);
        var supervisor = RunState.Alive(Data, "supervisor");
        var anything = supervisor is not null || shutdown.AnythingRuns;

        // The supervisor goes first, otherwise it would start again what we stop. It leaves the processes to us.
        if (supervisor is not null)
        {
            Native.Signal(supervisor.Pid, Native.User1);
            if (!await shutdown.GoneAsync(supervisor, s_supervisorPatience, stop))
            {
                Native.Signal(supervisor.Pid, Native.Kill);
            }
        }

        await shutdown.RunAsync(keepApps, progress, stop);
        return anything;
    }

    /// <summary>Waits until the supervisor has taken over: what it adopts would be ready before anybody keeps it.</summary>
    private async Task SupervisedAsync(Task failed, CancellationToken stop)
    {
        while (RunState.Alive(Data, "supervisor") is null)
        {
            if (failed.IsFaulted)
            {
                await failed;
            }

            await Task.Delay(s_look, session.Host.Clock, stop);
        }
    }

    private async Task StopOwnAsync(Supervisor supervisor, Progress progress)
    {
        await supervisor.DisposeAsync();
        await new Shutdown(Data, session.Host).RunAsync(keepApps: false, progress, CancellationToken.None);
    }

    /// <summary>Starts this program once more, as a supervisor in a session of its own.</summary>
    private Task StartInBackground()
    {
        var log = Data.Log("supervisor");
        RotatedLog.Rotate(log);
        var process = LaunchedProcess.Start(
            session.Host.Program,
            ["supervise", "--data", Data.Path, "--port", $"{ports.Port}", "--ingress-port", $"{ports.IngressPort}"],
            log,
            new Dictionary<string, string?> { ["AXLE_HOME"] = session.Host.Home });
        return WatchAsync(process, log);

        static async Task WatchAsync(System.Diagnostics.Process process, string log)
        {
            await process.WaitForExitAsync();
            throw new RefusedException(new Contracts.Error("cli.supervisor_failed", $"the supervisor ended with exit code {process.ExitCode}; the last lines of {log}:", "axle logs", 0)) { Details = RotatedLog.Tail(log, 10) };
        }
    }

    /// <summary>Takes the admin's token into our own configuration, and tells git about us.</summary>
    private async Task SignInAsync(CancellationToken stop)
    {
        if (ConfigFile.AdminToken(Data.Path) is not { } token)
        {
            throw RefusedException.Because("no_admin_token", $"{Path.Combine(Data.Path, "admin.token")} cannot be read", "axle login --url URL --token-stdin, with a token of your own");
        }

        var url = Url.GetLeftPart(UriPartial.Authority);
        session.Connect(new Connection(Url, token, Data.Path));
        session.Config.Use(ConfigFile.Local, new KnownPlatform(url, token, Data.Path));
        await AccountVerbs.TellGitAsync(session, Url, stop);
    }
}
