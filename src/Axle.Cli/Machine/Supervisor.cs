using System.Diagnostics;
using System.Text.Json;
using Axle.Cli.Configuration;

namespace Axle.Cli.Machine;

/// <summary>
/// Keeps server and agent of one data folder running: starts them, or adopts those that run already, and replaces one that
/// dies. It holds nothing that they need in order to go on: if it is killed itself, both live, and the next one adopts them.
/// </summary>
internal sealed class Supervisor : IAsyncDisposable
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_delayMax = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_rotateEvery = TimeSpan.FromSeconds(30);

    private readonly DataFolder _data;
    private readonly Ports _ports;
    private readonly CliHost _host;
    private readonly Action<string> _say;
    private readonly FileStream _lock;
    private readonly SemaphoreSlim _starting = new(1);
    private readonly CancellationTokenSource _ended = new();
    private IngressSocket? _ingress;
    private List<Task> _loops = [];

    private Supervisor(DataFolder data, Ports ports, CliHost host, Action<string> say, FileStream @lock) =>
        (_data, _ports, _host, _say, _lock) = (data, ports, host, say, @lock);

    /// <summary>Null when another supervisor has the data folder.</summary>
    public static Supervisor? TryBegin(DataFolder data, Ports ports, CliHost host, Action<string> say)
    {
        FileStream @lock;
        try
        {
            @lock = new FileStream(data.Run("supervisor.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }

        SafeFile.Write(
            data.Run("supervisor.json"),
            JsonSerializer.SerializeToUtf8Bytes(new RunState(Environment.ProcessId, ports.Port, host.Clock.GetUtcNow(), AxleVersion.Text), CliJson.Default.RunState),
            UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new Supervisor(data, ports, host, say, @lock);
    }

    /// <summary>Starts both; they go on until <see cref="DisposeAsync"/>, which leaves them as they are.</summary>
    public void Start()
    {
        _loops =
        [
            KeepAsync("agent", ["--data", _data.Path, "--ingress-port", Text(_ports.IngressPort)], _ended.Token),
            KeepAsync("server", ["--data", _data.Path, "--port", Text(_ports.Port), "--ingress-port", Text(_ports.IngressPort)], _ended.Token),
            RotateAsync(_ended.Token),
        ];
    }

    /// <summary>Ends as soon as a loop fails for a reason that trying again will not mend.</summary>
    public Task FailedAsync() => Task.WhenAny(_loops).Unwrap();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        try
        {
            await Task.WhenAll(_loops);
        }
        catch (Exception e) when (e is OperationCanceledException or RefusedException)
        {
            // Told already, to whoever waits for FailedAsync.
        }

        File.Delete(_data.Run("supervisor.json"));
        _ingress?.Dispose();
        await _lock.DisposeAsync();
        _ended.Dispose();
        _starting.Dispose();
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task KeepAsync(string name, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var deaths = 0;
        while (true)
        {
            // 1. Adopt, or start.
            string how;
            bool served;
            if (RunState.Alive(_data, name) is { } running)
            {
                _say($"{name} runs already (process {running.Pid}); adopted");
                how = await GoneAsync(running, stop);
                served = true;
            }
            else
            {
                using var process = await LaunchAsync(name, arguments, stop);
                await process.WaitForExitAsync(stop);
                served = process.ExitCode == 0 || RunState.Read(_data, name)?.Pid == process.Id;
                how = process.ExitCode switch
                {
                    137 => "was killed",
                    var code => $"ended with exit code {code}",
                };
            }

            // 2. It died. Again at once if it had served or ended in order; what dies before it is ready is started ever more slowly.
            deaths = served ? 1 : deaths + 1;
            var wait = TimeSpan.FromTicks(Math.Min(s_delayMax.Ticks, s_firstDelay.Ticks << Math.Min(deaths - 1, 10)));
            _say($"{name} {how}; starting it again in {wait.TotalSeconds:0.##} s{(deaths > 2 ? $" (died {deaths} times; see {_data.Log(name)})" : "")}");
            await Task.Delay(wait, _host.Clock, stop);
        }
    }

    private async Task<Process> LaunchAsync(string name, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        // One at a time: while the ingress's socket can be inherited, nothing else may be started.
        await _starting.WaitAsync(stop);
        try
        {
            var log = _data.Log(name);
            RotatedLog.Rotate(log);

            // An agent that was adopted had its own socket; from the next one on it is ours.
            _ingress ??= name == "agent" && _host.Variable("AXLE_INGRESS_HANDOVER") is not "off" ? IngressSocket.Open(_ports.IngressPort) : null;
            var socket = name == "agent" ? _ingress : null;
            var handed = socket?.HandDown(true) ?? false;
            try
            {
                return LaunchedProcess.Start(
                    Path.Combine(_host.Home, name, "axle-" + name),
                    arguments,
                    log,
                    new Dictionary<string, string?> { [IngressSocket.Variable] = handed ? socket!.Descriptor : null });
            }
            finally
            {
                socket?.HandDown(false);
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task<string> GoneAsync(RunState running, CancellationToken stop)
    {
        while (running.IsAlive)
        {
            await Task.Delay(s_look, _host.Clock, stop);
        }

        return "is gone";
    }

    private async Task RotateAsync(CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(s_rotateEvery, _host.Clock, stop);
            foreach (var name in (ReadOnlySpan<string>)["server", "agent", "supervisor"])
            {
                try
                {
                    RotatedLog.Rotate(_data.Log(name));
                }
                catch (IOException e)
                {
                    _say($"cannot rotate {_data.Log(name)}: {e.Message}");
                }
            }
        }
    }
}
