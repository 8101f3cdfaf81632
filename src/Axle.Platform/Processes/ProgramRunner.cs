using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Axle.Platform.Processes;

/// <summary>
/// Starts programs for the control plane; nothing else does. A program gets a list of arguments (never a shell string)
/// and exactly the variables it is given; what it prints is bounded; when time is up, or nobody wants the answer any
/// more, it and all that it started are killed.
/// </summary>
public sealed class ProgramRunner(TimeProvider clock)
{
    /// <summary>How long the pipes of an ended program may stay open: something that it left behind can hold them.</summary>
    private static readonly TimeSpan s_pipesMax = TimeSpan.FromSeconds(5);

    /// <summary>The variables that programs need to be found at all; secrets of this process stay here.</summary>
    public static IReadOnlyDictionary<string, string> BasicVariables { get; } = new Dictionary<string, string>
    {
        ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
        ["LC_ALL"] = "C.UTF-8",
    };

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="ProgramMissingException">There is no such program on this machine.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="ProgramCall.TimeMax"/>, and was killed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled; the program was killed.</exception>
    public async Task<ProgramEnd> RunAsync(ProgramCall call, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(call);
        stop.ThrowIfCancellationRequested();
        using var timeUp = new CancellationTokenSource(call.TimeMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeUp.Token, stop);
        using var process = Start(call);
        using var kill = either.Token.Register(() => Kill(process));

        using var inputStop = CancellationTokenSource.CreateLinkedTokenSource(either.Token);

        var output = new BoundedText(call.OutputMax);
        var errors = new BoundedText(call.OutputMax);
        Task[] pipes =
        [
            GuardAsync(process, FeedAsync(call.Input, process.StandardInput.BaseStream, inputStop.Token)),
            GuardAsync(process, (call.Output ?? output.ReadAllAsync)(process.StandardOutput.BaseStream, either.Token)),
            GuardAsync(process, (call.Errors ?? errors.ReadAllAsync)(process.StandardError.BaseStream, either.Token)),
        ];
        try
        {
            await process.WaitForExitAsync(either.Token);
            await inputStop.CancelAsync();
            var all = Task.WhenAll(pipes);
            if (call.Output is null && call.Errors is null)
            {
                // Something that outlived the program can hold its pipes for ever; what was read until now is enough.
                await Task.WhenAny(all, Task.Delay(s_pipesMax, clock, either.Token));
            }

            if (all.IsCompleted || call.Output is not null || call.Errors is not null)
            {
                await all.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            stop.ThrowIfCancellationRequested();
            throw new TimeoutException($"{call.Program} {string.Join(' ', call.Arguments.Take(1))} took longer than {call.TimeMax.TotalSeconds:0} s and was stopped.");
        }
        finally
        {
            Kill(process);
        }

        return new ProgramEnd(process.ExitCode, output.ToString(), errors.ToString(), output.Truncated || errors.Truncated);
    }

    private static Process Start(ProgramCall call)
    {
        var start = new ProcessStartInfo(call.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = call.Folder ?? "/",
        };
        foreach (var argument in call.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in call.Variables)
        {
            start.Environment[name] = value;
        }

        if (!Directory.Exists(start.WorkingDirectory))
        {
            // The system would say that the program is missing.
            throw new DirectoryNotFoundException($"{call.Program} cannot start in {start.WorkingDirectory}, which does not exist.");
        }

        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException($"{call.Program} did not start.");
        }
        catch (Win32Exception e)
        {
            throw new ProgramMissingException(call.Program, e);
        }
    }

    /// <summary>Whoever reads or feeds has failed: nobody will take what the program still says, so it must not wait for that.</summary>
    private static async Task GuardAsync(Process process, Task pipe)
    {
        try
        {
            await pipe;
        }
        catch
        {
            Kill(process);
            throw;
        }
    }

    private static async Task FeedAsync(Func<Stream, CancellationToken, Task>? input, Stream standardInput, CancellationToken stop)
    {
        try
        {
            await using (standardInput)
            {
                if (input is not null)
                {
                    await input(standardInput, stop);
                }
            }
        }
        catch (IOException e) when (e is not ProgramInputException)
        {
            // The program has ended, or wants no more; its exit code says whether that was right.
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Likewise, or the whole call was stopped; the caller knows which.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended in between.
        }
    }

    /// <summary>Keeps the first bytes of a stream and reads on to its end, so that the writer never blocks.</summary>
    private sealed class BoundedText(int bytesMax)
    {
        private readonly ArrayBufferWriter<byte> _kept = new();

        public bool Truncated { get; private set; }

        public async Task ReadAllAsync(Stream stream, CancellationToken stop)
        {
            var buffer = new byte[16 * 1024];
            int count;
            while ((count = await stream.ReadAsync(buffer, stop)) > 0)
            {
                var room = (int)Math.Min(count, bytesMax - _kept.WrittenCount);
                _kept.Write(buffer.AsSpan(0, room));
                Truncated |= room < count;
            }
        }

        public override string ToString() => Encoding.UTF8.GetString(_kept.WrittenSpan);
    }
}

/// <summary>What to run, and how.</summary>
public sealed record ProgramCall(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>All variables that the program sees.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = ProgramRunner.BasicVariables;

    /// <summary>Where it starts; the root folder when not given.</summary>
    public string? Folder { get; init; }

    /// <summary>Writes the standard input, which is closed afterwards; nothing when not given. An <see cref="IOException"/> of the pipe is no failure (the program ended).</summary>
    public Func<Stream, CancellationToken, Task>? Input { get; init; }

    /// <summary>Reads the standard output; when not given, it is captured.</summary>
    public Func<Stream, CancellationToken, Task>? Output { get; init; }

    /// <summary>Reads the standard error; when not given, it is captured.</summary>
    public Func<Stream, CancellationToken, Task>? Errors { get; init; }

    /// <summary>Bytes kept of each captured stream; what comes after is read and dropped.</summary>
    public int OutputMax { get; init; } = 1024 * 1024;

    /// <summary>After this the program and its children are killed.</summary>
    public TimeSpan TimeMax { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>How a program ended. Texts are empty where a stream was read by the caller.</summary>
/// <param name="Truncated">More was printed than is kept.</param>
public sealed record ProgramEnd(int ExitCode, string Output, string Errors, bool Truncated)
{
    public bool Ok => ExitCode == 0;
}

/// <summary>The program is not installed, or not executable.</summary>
public sealed class ProgramMissingException(string program, Exception inner)
    : Exception($"The program '{program}' cannot be started on this machine: {inner.Message}. Next: axle doctor", inner)
{
    public string Program { get; } = program;
}

/// <summary>The source of a program's input failed: the program is killed, since half an input is none.</summary>
public sealed class ProgramInputException(string message, Exception? inner = null) : IOException(message, inner);
