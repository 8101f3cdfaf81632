using System.Text;

namespace Axle.Platform.Catalog;

/// <summary>One document of a descriptor file, as it stands there in UTF-8; made into text only when somebody reads it.</summary>
/// <param name="LinesBefore">Lines of the file before it.</param>
internal readonly record struct DocumentText(ReadOnlyMemory<byte> Utf8, int LinesBefore)
{
    /// <summary>With the end of its last line, be there one or not: a block of text that ends there has it too.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span) + (Utf8.Span.EndsWith("\n"u8) ? "" : "\n");

    /// <summary>
    /// The documents that have something in them. A line that begins with three dashes separates documents wherever it stands, also
    /// inside a block of text: that is YAML's rule.
    /// </summary>
    public static IEnumerable<DocumentText> In(ReadOnlyMemory<byte> file)
    {
        var (start, startLine, line, hasContent) = (0, 0, 0, false);
        for (var (at, next) = (0, 0); at <= file.Length; at = next, line++)
        {
            var end = file.Span[at..].IndexOf((byte)'\n') is >= 0 and var found ? at + found : file.Length;
            next = end + 1;
            if (!IsSeparator(file.Span[at..end]))
            {
                hasContent |= IsContent(file.Span[at..end]);
                continue;
            }

            if (hasContent)
            {
                yield return Of(file[start..at], startLine);
            }

            (start, startLine, hasContent) = file.Span[at] == '-' && IsContent(file.Span[(at + 3)..end]) ? (at, line, true) : (next, line + 1, false);
        }

        if (hasContent)
        {
            yield return Of(file[start..], startLine);
        }
    }

    /// <summary>What stands behind three dashes belongs to the document, at the place where it stands.</summary>
    private static DocumentText Of(ReadOnlyMemory<byte> text, int linesBefore)
    {
        if (!IsSeparator(text.Span[..Math.Min(4, text.Length)]))
        {
            return new DocumentText(text, linesBefore);
        }

        var copy = text.ToArray();
        copy.AsSpan(0, 3).Fill((byte)' ');
        return new DocumentText(copy, linesBefore);
    }

    private static bool IsSeparator(ReadOnlySpan<byte> line) =>
        (line.StartsWith("---"u8) || line.StartsWith("..."u8)) && (line.Length == 3 || line[3] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\v' or (byte)'\f');

    private static bool IsContent(ReadOnlySpan<byte> line)
    {
        var rest = line.Trim(" \t\r\v\f"u8);
        return !rest.IsEmpty && rest[0] != '#' && (rest[0] < 0x80 || !string.IsNullOrWhiteSpace(Encoding.UTF8.GetString(rest)));
    }
}
