using System.Text.RegularExpressions;

namespace Axle.Portal.Components;

/// <summary>A piece of a line of Markdown.</summary>
/// <param name="Href">Where it leads, when it is a link that leads to the web.</param>
internal sealed record ProsePiece(string Text, char Kind = ' ', string? Href = null);

/// <summary>A block of Markdown.</summary>
/// <param name="Kind"><c>p</c>, <c>h</c> (heading), <c>-</c> or <c>1</c> (an item of a list), <c>c</c> (code).</param>
internal sealed record ProseBlock(char Kind, string Text);

/// <summary>
/// The little Markdown that templates write into their texts: headings, lists, code, emphasis, links. Whatever else there is stays the text
/// that it is; nothing of it ever becomes markup of the page. Pure, and linear in the length of the text.
/// </summary>
internal static partial class ProseText
{
    /// <summary>More of one text helps nobody.</summary>
    private const int TextMax = 20_000;

    public static IReadOnlyList<ProseBlock> Blocks(string text)
    {
        var blocks = new List<ProseBlock>();
        var paragraph = new List<string>();
        List<string>? code = null;
        foreach (var line in (text.Length > TextMax ? text[..TextMax] + "…" : text).ReplaceLineEndings("\n").Split('\n'))
        {
            var bare = line.Trim();
            if (code is not null)
            {
                if (bare == "```")
                {
                    blocks.Add(new ProseBlock('c', string.Join('\n', code)));
                    code = null;
                }
                else
                {
                    code.Add(line);
                }

                continue;
            }

            var block = bare.StartsWith("```", StringComparison.Ordinal) ? null
                : Heading().Match(bare) is { Success: true } heading ? new ProseBlock('h', heading.Groups[1].Value)
                : Item().Match(bare) is { Success: true } item ? new ProseBlock(char.IsAsciiDigit(bare[0]) ? '1' : '-', item.Groups[1].Value)
                : null;
            var opens = bare.StartsWith("```", StringComparison.Ordinal);
            if ((block is not null || opens || bare.Length == 0) && paragraph.Count > 0)
            {
                blocks.Add(new ProseBlock('p', string.Join('\n', paragraph)));
                paragraph.Clear();
            }

            if (opens)
            {
                code = [];
            }
            else if (block is not null)
            {
                blocks.Add(block);
            }
            else if (bare.Length > 0)
            {
                paragraph.Add(bare);
            }
        }

        if (code is not null)
        {
            blocks.Add(new ProseBlock('c', string.Join('\n', code)));
        }

        if (paragraph.Count > 0)
        {
            blocks.Add(new ProseBlock('p', string.Join('\n', paragraph)));
        }

        return blocks;
    }

    public static IEnumerable<ProsePiece> Pieces(string line)
    {
        var end = 0;
        foreach (Match match in Marks().Matches(line))
        {
            if (match.Index > end)
            {
                yield return new ProsePiece(line[end..match.Index]);
            }

            yield return Piece(match.Value);
            end = match.Index + match.Length;
        }

        if (end < line.Length)
        {
            yield return new ProsePiece(line[end..]);
        }
    }

    private static ProsePiece Piece(string marked)
    {
        if (marked[0] == '`')
        {
            return new ProsePiece(marked[1..^1], '`');
        }

        if (marked[0] == '[')
        {
            var middle = marked.IndexOf("](", StringComparison.Ordinal);
            var address = Spec.LinkAddress(marked[(middle + 2)..^1]);
            return new ProsePiece(marked[1..middle], address is null ? ' ' : 'a', address);
        }

        return marked.StartsWith("**", StringComparison.Ordinal) ? new ProsePiece(marked[2..^2], 'b')
            : marked[0] is '*' or '_' ? new ProsePiece(marked[1..^1], 'i')
            : Spec.WebAddress(marked) is { } web ? new ProsePiece(marked, 'a', web) : new ProsePiece(marked);
    }

    [GeneratedRegex(@"^#{1,6}\s+(.+?)\s*#*$", RegexOptions.NonBacktracking)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?:[-*+]|\d{1,3}[.)])\s+(.+)$", RegexOptions.NonBacktracking)]
    private static partial Regex Item();

    [GeneratedRegex(@"`[^`\n]+`|\*\*[^*\n]+\*\*|\*[^*\s][^*\n]*\*|\b_[^_\n]+_\b|\[[^\[\]\n]+\]\([^()\s]+\)|https?://[^\s<>""')\]]+", RegexOptions.NonBacktracking)]
    private static partial Regex Marks();
}
