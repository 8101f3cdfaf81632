using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Axle.Server.Hosting;

/// <summary>
/// One line for each thing that happened: time, level, short category, message. Control characters are shown as dots, so
/// that what a stranger sends can neither begin a line of its own nor steer a terminal.
/// </summary>
internal sealed class ShortFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "short";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var category = logEntry.Category;
        textWriter.Write(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        textWriter.Write(' ');
        textWriter.Write(Level(logEntry.LogLevel));
        textWriter.Write(' ');
        textWriter.Write(category.AsSpan(category.LastIndexOf('.') + 1));
        textWriter.Write(": ");
        WriteClean(textWriter, logEntry.Formatter(logEntry.State, logEntry.Exception));
        textWriter.WriteLine();
        if (logEntry.Exception is { } exception)
        {
            foreach (var line in exception.ToString().Split('\n'))
            {
                textWriter.Write("    ");
                WriteClean(textWriter, line.TrimEnd('\r'));
                textWriter.WriteLine();
            }
        }
    }

    private static void WriteClean(TextWriter writer, string text)
    {
        foreach (var c in text)
        {
            writer.Write(char.IsControl(c) ? '·' : c);
        }
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        _ => "ERROR",
    };
}
