using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Platform.Resources.Backups.MariaDb;

/// <summary>
/// The statements of a dump on their way into another database: views, triggers, routines and events become those of the user who brings
/// them in, as nobody else's rights may be lent to what people wrote. Lines of data pass untouched.
/// </summary>
internal static partial class MariaDump
{
    /// <summary>Longer lines are data, whatever they begin with.</summary>
    private const int StatementMax = 1 << 20;

    /// <summary>Copies a dump, one line after the other.</summary>
    /// <param name="dump">As mariadb-dump writes it: line feeds inside of data are escaped.</param>
    /// <param name="output">Takes the statements.</param>
    /// <param name="target">Name of the database that they are for.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task CopyAsync(Stream dump, Stream output, string target, CancellationToken stop)
    {
        var reader = PipeReader.Create(dump, new StreamPipeReaderOptions(bufferSize: 128 * 1024, leaveOpen: true));
        while (true)
        {
            var read = await reader.ReadAsync(stop);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                var next = rest.GetPosition(1, end);
                await WriteAsync(rest.Slice(0, next), output, target, stop);
                rest = rest.Slice(next);
            }

            if (read.IsCompleted)
            {
                await WriteAsync(rest, output, target, stop);
                await reader.CompleteAsync();
                return;
            }

            reader.AdvanceTo(rest.Start, rest.End);
        }
    }

    /// <summary>One line. Pure.</summary>
    internal static string Line(string line, string target) => line switch
    {
        _ when line.StartsWith("ALTER DATABASE `", StringComparison.Ordinal) => OfDatabase().Replace(line, $"ALTER DATABASE `{target}`"),
        _ when line.StartsWith("/*", StringComparison.Ordinal) || line.StartsWith("CREATE ", StringComparison.Ordinal) => Definer().Replace(line, "${before}"),
        _ => line,
    };

    private static async Task WriteAsync(ReadOnlySequence<byte> line, Stream output, string target, CancellationToken stop)
    {
        if (line.Length <= StatementMax && line.FirstSpan is [(byte)'/' or (byte)'C' or (byte)'A', ..])
        {
            // As Latin-1 every byte is one letter, and comes back as it was.
            await output.WriteAsync(Encoding.Latin1.GetBytes(Line(Encoding.Latin1.GetString(line), target)), stop);
            return;
        }

        foreach (var piece in line)
        {
            await output.WriteAsync(piece, stop);
        }
    }

    // /*!50013 DEFINER=`a`@`b` SQL SECURITY …     /*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER …     CREATE DEFINER=`a`@`b` PROCEDURE …
    [GeneratedRegex(@"^(?<before>/\*M?!\d{5,6} (?:CREATE\*/ +/\*M?!\d{5,6} )?|CREATE (?:OR REPLACE )?)DEFINER=`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?", RegexOptions.CultureInvariant)]
    private static partial Regex Definer();

    [GeneratedRegex(@"^ALTER DATABASE `(?:[^`]|``)*`", RegexOptions.CultureInvariant)]
    private static partial Regex OfDatabase();
}
