namespace Axle.Cli;

/// <summary>What the CLI knows of the process it runs in: streams, variables, clock. Tests give their own.</summary>
internal sealed record CliHost
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    /// <summary>The bytes of standard input, for what is passed on as it is.</summary>
    public required Func<Stream> InBytes { get; init; }

    /// <summary>The bytes of standard output, for what a program in the platform wrote.</summary>
    public required Func<Stream> OutBytes { get; init; }

    public required Func<string, string?> Variable { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public bool InIsTerminal { get; init; }

    public int Width { get; init; } = 120;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// The absolute path of this program, for git's credential helper and for starting itself in the background. A launcher
    /// that replaces it from time to time says by <c>AXLE_PROGRAM</c> where it will always be found.
    /// </summary>
    public required string Program { get; init; }

    /// <summary>The folder that has <c>server/</c>, <c>agent/</c> and <c>templates/</c>.</summary>
    public string Home => Variable("AXLE_HOME") is { Length: > 0 } home ? Path.GetFullPath(home) : AppContext.BaseDirectory;

    /// <summary>How the user called us, for hints that can be copied.</summary>
    public string CommandName => Variable("AXLE_COMMAND") is { Length: > 0 } name ? name : "axle";

    public static CliHost OfThisProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        InBytes = Console.OpenStandardInput,
        OutBytes = Console.OpenStandardOutput,
        Variable = Environment.GetEnvironmentVariable,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        InIsTerminal = !Console.IsInputRedirected,
        Width = Console.IsOutputRedirected ? 120 : Math.Max(40, Console.WindowWidth),
        Program = Environment.GetEnvironmentVariable("AXLE_PROGRAM") is { Length: > 0 } program ? program : Environment.ProcessPath ?? "axle",
    };
}
