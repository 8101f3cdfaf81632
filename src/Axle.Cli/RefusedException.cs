using Axle.Contracts;

namespace Axle.Cli;

/// <summary>
/// Ends a verb with a refusal. The one place where a refusal travels as an exception: a verb stops at its first one,
/// and <see cref="AxleCli"/> alone words it and picks the exit code.
/// </summary>
internal sealed class RefusedException(Error error, int exitCode = ExitCodes.Failed) : Exception(error.Message)
{
    public Error Error { get; } = error;

    public int ExitCode { get; } = exitCode;

    /// <summary>Further lines, printed below the message (the tail of a log).</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>A refusal of the CLI itself.</summary>
    public static RefusedException Because(string code, string message, string? next = null, int exitCode = ExitCodes.Failed) =>
        new(new Error($"cli.{code}", message, next, 0), exitCode);

    public static RefusedException Usage(string message, string? next = null) => Because("usage", message, next, ExitCodes.Usage);
}
