using System.Text;

namespace Axle.Platform.Templates.Actions;

/// <summary>What a text stands in, which decides where it may be broken.</summary>
internal enum YamlFold
{
    /// <summary>Plain or in single quotes: at single spaces.</summary>
    Flow,

    /// <summary>A block that is folded: at single spaces, and not in lines that are indented further.</summary>
    Block,

    /// <summary>In double quotes: at single spaces, and anywhere with a backslash.</summary>
    Quoted,
}

/// <summary>Breaks long texts into lines where the npm package yaml breaks them.</summary>
/// <param name="indent">White space in front of each further line.</param>
/// <param name="column">Where the text begins; null for the column of the indent.</param>
internal sealed class YamlFolding(string text, string indent, YamlFold mode, int? column, YamlStyle style)
{
    private readonly List<int> _breaks = [];
    private readonly HashSet<int> _withBackslash = [];

    /// <summary>A line is longer than it should be, and can be broken nowhere.</summary>
    public bool Overflows { get; private set; }

    public string Folded()
    {
        if (style.LineWidth <= 0)
        {
            return text;
        }

        var least = style.LineWidth < style.ContentMin ? 0 : style.ContentMin;
        var step = Math.Max(1 + least, 1 + style.LineWidth - indent.Length);
        if (text.Length <= step || !Find(step, least) || _breaks.Count == 0)
        {
            return text;
        }

        var folded = new StringBuilder();
        if (_breaks[0] != 0)
        {
            folded.Append(text, 0, _breaks[0]);
        }

        for (var i = 0; i < _breaks.Count; i++)
        {
            var (at, end) = (_breaks[i], i + 1 < _breaks.Count ? _breaks[i + 1] : text.Length);
            if (_withBackslash.Contains(at))
            {
                folded.Append(text[at]).Append('\\');
            }

            // The space at the place is the break; at the very beginning there is none.
            var from = at == 0 ? 0 : at + 1;
            folded.Append('\n').Append(indent).Append(text, from, end - from);
        }

        return folded.ToString();
    }

    /// <returns>False when the text cannot be broken at all and stays as it is.</returns>
    private bool Find(int step, int least)
    {
        var end = style.LineWidth - indent.Length;
        if (column is { } begin)
        {
            if (begin > style.LineWidth - Math.Max(2, least))
            {
                _breaks.Add(0);
            }
            else
            {
                end = style.LineWidth - begin;
            }
        }

        var (i, space, before, escapeAt, escapeEnd) = (-1, 0, '\0', -1, -1);
        if (mode == YamlFold.Block && (i = PastIndented(-1)) != -1)
        {
            end = i + step;
        }

        while (++i < text.Length)
        {
            var c = text[i];
            if (mode == YamlFold.Quoted && c == '\\')
            {
                escapeAt = i;
                i += (i + 1 < text.Length ? text[i + 1] : ' ') switch { 'x' => 3, 'u' => 5, 'U' => 9, _ => 1 };
                escapeEnd = i;
            }

            if (c == '\n')
            {
                i = mode == YamlFold.Block ? PastIndented(i) : i;
                (end, space) = (i + indent.Length + step, 0);
            }
            else
            {
                if (c == ' ' && before is not ('\0' or ' ' or '\n' or '\t') && i + 1 < text.Length && text[i + 1] is not (' ' or '\n' or '\t'))
                {
                    space = i;
                }

                if (i >= end && space > 0)
                {
                    _breaks.Add(space);
                    (end, space) = (space + step, 0);
                }
                else if (i >= end && mode == YamlFold.Quoted)
                {
                    while (before is ' ' or '\t')
                    {
                        before = c;
                        c = ++i < text.Length ? text[i] : '\0';
                        Overflows = true;
                    }

                    // Not within an escape, and with room for the backslash.
                    var at = i > escapeEnd + 1 ? i - 2 : escapeAt - 1;
                    if (!_withBackslash.Add(at))
                    {
                        return false;
                    }

                    _breaks.Add(at);
                    (end, space) = (at + step, 0);
                }
                else if (i >= end)
                {
                    Overflows = true;
                }
            }

            before = c;
        }

        return true;
    }

    /// <summary>The end of the lines after a place that are indented further than the block, and so are never broken.</summary>
    private int PastIndented(int i)
    {
        var (end, start) = (i, i + 1);
        while (start < text.Length && At(start) is ' ' or '\t')
        {
            if (i < start + indent.Length)
            {
                // Within the indent; what follows it decides.
                if (At(++i) is not (' ' or '\t'))
                {
                    break;
                }
            }
            else
            {
                do
                {
                    i++;
                }
                while (i < text.Length && text[i] != '\n');

                (end, start) = (i, i + 1);
            }
        }

        return end;
    }

    private char At(int i) => i < text.Length ? text[i] : '\0';
}
