using System.ComponentModel;
using System.Diagnostics;

namespace Axle.Cli.Machine;

/// <summary>Starts other programs, by argument lists only.</summary>
internal static class Programs
{
    public sealed record Outcome(int ExitCode, string Output, string Error);

    /// <summary>Runs a program to its end and keeps what it wrote. A program that is not there has exit code 127.</summary>
    public static async Task<Outcome> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop, IReadOnlyDictionary<string, string?>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(stop);
            var error = process.StandardError.ReadToEndAsync(stop);
            await process.WaitForExitAsync(stop);
            return new Outcome(process.ExitCode, (await output).TrimEnd(), (await error).TrimEnd());
        }
        catch (Win32Exception e)
        {
            return new Outcome(127, "", e.Message);
        }
    }

    /// <summary>Runs a program that shares our terminal.</summary>
    /// <param name="variables">Beside our own.</param>
    public static async Task<int> RunHereAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop, IReadOnlyDictionary<string, string?>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments);
        foreach (var (name, value) in variables ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(stop);
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            throw RefusedException.Because("program_missing", $"'{program}' is not installed", "axle doctor");
        }
    }

    /// <summary>The full path of a program on the path, or null.</summary>
    public static string? Find(string program, string? path) => (path ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(file => File.Exists(file) && (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
