using System.Diagnostics;

namespace Axle.Cli.Machine;

/// <summary>Starts one of the platform's programs in a session of its own: neither our terminal's end nor ours is its.</summary>
internal static class LaunchedProcess
{
    // Constant: paths and arguments come as positional parameters, never as part of the script.
    private const string Script = "log=$1; shift; exec setsid \"$@\" </dev/null >>\"$log\" 2>&1";

    /// <param name="program">Absolute path.</param>
    /// <param name="variables">Added to ours; null removes one.</param>
    public static Process Start(string program, IReadOnlyList<string> arguments, string log, IReadOnlyDictionary<string, string?> variables)
    {
        if (!File.Exists(program))
        {
            throw RefusedException.Because("incomplete", $"{program} is missing: this installation is not complete", "build it again with ./axle, or set AXLE_HOME to the folder that has server/ and agent/");
        }

        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "axle", log, program, .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(program)!,
        };

        // Our own credentials, and how we were called, are nothing that these need.
        foreach (var ours in (ReadOnlySpan<string>)["AXLE_TOKEN", "AXLE_COMMAND", "AXLE_PROGRAM"])
        {
            start.Environment.Remove(ours);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
