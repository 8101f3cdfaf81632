using System.IO.Pipes;
using Axle.Agent.Logs;
using Axle.Agent.Machine;
using Axle.Contracts;
using Microsoft.Win32.SafeHandles;

namespace Axle.Agent.Runs;

/// <summary>
/// Takes what a run writes into its log. The pipes belong to the run folder and are held open by the run's own side, so nothing is
/// lost and nobody gets SIGPIPE while no agent is there; when the pipe is full the writer waits.
/// </summary>
internal sealed class LogPump : IDisposable
{
    private static readonly TimeSpan s_floodPause = TimeSpan.FromMilliseconds(20);
    private readonly List<NamedPipeClientStream> _streams = [];
    private readonly List<int> _keepers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _clock;
    private readonly Task _done;
    private volatile bool _ending;

    /// <param name="folder">The run's, with its pipes.</param>
    /// <param name="memory">Where what was taken waits until it is in the log.</param>
    /// <exception cref="IOException">A pipe cannot be opened.</exception>
    public LogPump(string folder, string memory, LogStore log, string source, TimeProvider clock)
    {
        _clock = clock;
        _done = Task.WhenAll(Start("out"), Start("err"));

        Task Start(string name)
        {
            var path = Path.Combine(folder, name);
            var reader = Native.OpenFifo(path, write: false) ?? throw new IOException($"The pipe {path} cannot be opened.");
            Native.RaisePipeSize(reader);

            // A writer of our own: otherwise the pipe would look ended until the run has opened it.
            if (Native.OpenFifo(path, write: true) is { } keeper)
            {
                _keepers.Add(keeper);
            }

            var stream = new NamedPipeClientStream(PipeDirection.In, isAsync: true, isConnected: true, new SafePipeHandle(reader, ownsHandle: true));
            _streams.Add(stream);
            return PumpAsync(stream, log, source, name, Path.Combine(memory, $"{name}.taken"));
        }
    }

    /// <summary>Waits until everything is written, once the other side has let go of the pipes.</summary>
    public async Task FinishAsync(TimeSpan timeout)
    {
        _ending = true;
        ReleaseKeepers();
        try
        {
            await _done.WaitAsync(timeout);
        }
        catch (TimeoutException)
        {
            // Something that detached itself still holds the pipe.
            Dispose();
        }
    }

    public void Dispose()
    {
        ReleaseKeepers();
        _stop.Cancel();
        foreach (var stream in _streams)
        {
            stream.Dispose();
        }
    }

    private void ReleaseKeepers()
    {
        lock (_keepers)
        {
            foreach (var keeper in _keepers)
            {
                Native.CloseHandle(keeper);
            }

            _keepers.Clear();
        }
    }

    private async Task PumpAsync(NamedPipeClientStream from, LogStore log, string source, string stream, string taken)
    {
        var splitter = new LineSplitter(_clock, () => log.Hidden);
        using var intake = new Intake(taken);
        try
        {
            // Lines first, then what is done with: a kill just in between repeats lines, and loses none.
            Write(splitter.Add(intake.Left));
            intake.LeftDone(splitter.Rest);
            while (await from.ReadAsync(intake.Room, _stop.Token) is var read and > 0)
            {
                Write(splitter.Add(intake.Room[..read]));
                intake.Done(read, splitter.Rest);
                if (splitter.Flooded)
                {
                    await Task.Delay(s_floodPause, _clock, _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The agent ends, or gives the run up.
        }

        Write(_ending ? splitter.End() : splitter.Leave());

        void Write(IEnumerable<(string Text, bool Dropped)> lines)
        {
            var now = _clock.GetUtcNow();
            log.Append(lines.Select(line => new LogLine(now, source, line.Dropped ? "axle" : stream, line.Text)));
        }
    }
}
