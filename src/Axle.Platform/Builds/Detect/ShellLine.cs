using System.Buffers;

namespace Axle.Platform.Builds;

/// <summary>Turns a line written for a shell (Procfile, package.json script) into a command. The line is the application's own and runs in its sandbox; the platform adds only constants to it.</summary>
internal static class ShellLine
{
    private const string Shell = "/bin/sh";

    // Whatever makes a line more than one simple command: with any of these an exec in front would change its meaning.
    private static readonly SearchValues<char> s_compound = SearchValues.Create(";&|<>()`{}\n");

    private static readonly HashSet<string> s_builtins = new(StringComparer.Ordinal)
    {
        ".", ":", "alias", "bg", "break", "cd", "case", "command", "continue", "eval", "exec", "exit", "export", "fg", "for", "if",
        "jobs", "local", "read", "readonly", "return", "set", "shift", "source", "times", "trap", "type", "ulimit", "umask",
        "unalias", "unset", "until", "wait", "while", "!",
    };

    /// <summary>
    /// <c>/bin/sh -c line</c>. A simple command is put behind <c>exec</c>, so that SIGTERM reaches the program itself and
    /// no shell stays in memory (dash does not do that by itself behind an export).
    /// </summary>
    /// <param name="programFolders">Inside the current folder; searched for programs first. Constants of ours, never from a repository.</param>
    public static IReadOnlyList<string> Command(string line, IReadOnlyList<string>? programFolders = null, string? before = null)
    {
        var script = Simple(line) ? $"exec {line}" : line;
        var path = string.Concat((programFolders ?? []).Select(f => $"$PWD/{f}:"));
        var prefix = (path.Length > 0 ? $"export PATH=\"{path}$PATH\"; " : "") + before;
        return [Shell, "-c", prefix + script];
    }

    /// <summary>The same command, but so that arguments written behind it reach the program.</summary>
    public static IReadOnlyList<string> TakingArguments(IReadOnlyList<string> command) =>
        command is [Shell, "-c", var script] ? [Shell, "-c", script + " \"$@\"", "sh"] : command;

    private static bool Simple(string line)
    {
        // Quoted operators are no operators, but telling them apart is the shell's business: then it simply stays.
        if (line.AsSpan().ContainsAny(s_compound))
        {
            return false;
        }

        var word = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
        return word.Length > 0 && !s_builtins.Contains(word) && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '/' or '-' or '+');
    }
}
