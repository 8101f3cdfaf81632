using System.Diagnostics;
using Axle.Agent.Logs;

namespace Axle.Agent.Machine;

/// <summary>The only place that starts programs; arguments are lists, never a shell's text, and variables of the agent are not passed on.</summary>
internal static class Commands
{
    private const int TextMax = 4096;

    /// <summary>Starts a program whose standard streams the caller uses, or which redirects them itself.</summary>
    public static Process Start(IReadOnlyList<string> arguments, bool redirect)
    {
        var start = new ProcessStartInfo(arguments[0])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = redirect,
            RedirectStandardOutput = redirect,
            RedirectStandardError = redirect,
        };
        foreach (var argument in arguments.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        return Process.Start(start) ?? throw new InvalidOperationException($"{arguments[0]} did not start.");
    }

    /// <summary>Runs a short program to its end and returns its exit code with what it said.</summary>
    /// <param name="hidden">What its words must not show.</param>
    /// <exception cref="TimeoutException">It was killed at the timeout.</exception>
    public static async Task<(int Code, string Text)> RunAsync(IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken stop, Redaction? hidden = null)
    {
        using var process = Start(arguments, redirect: true);
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(timeout);
        try
        {
            var output = ReadAsync(process.StandardOutput, hidden ?? Redaction.None, limit.Token);
            var error = ReadAsync(process.StandardError, hidden ?? Redaction.None, limit.Token);
            var text = await output + await error;
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, text);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"no answer within {timeout.TotalSeconds:0.#} s");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, Redaction hidden, CancellationToken stop)
    {
        // What is beyond the bound is read too, so that the program does not block, but not kept.
        var buffer = new char[TextMax];
        var kept = 0;
        var rest = new char[1024];
        while (true)
        {
            var read = kept < TextMax ? await reader.ReadAsync(buffer.AsMemory(kept), stop) : await reader.ReadAsync(rest, stop);
            if (read == 0)
            {
                var text = new string(buffer, 0, kept);
                return kept < TextMax ? hidden.Hide(text) : hidden.HideCut(text);
            }

            kept = Math.Min(TextMax, kept + (kept < TextMax ? read : 0));
        }
    }
}
