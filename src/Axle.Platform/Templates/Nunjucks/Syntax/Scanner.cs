using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

internal enum PieceKind
{
    /// <summary>Text that is written as it is.</summary>
    Text,

    /// <summary>The inside of <c>${{ … }}</c>.</summary>
    Output,

    /// <summary>The inside of <c>{% … %}</c>.</summary>
    Tag,
}

/// <param name="Position">Where the piece begins, delimiters included.</param>
/// <param name="Text">The text, for a piece of text.</param>
/// <param name="Start">The code, for the other kinds: from here …</param>
/// <param name="End">… to here, without white space around it.</param>
internal readonly record struct Piece(PieceKind Kind, int Position, string Text, int Start, int End);

/// <summary>
/// Cuts a template into text, outputs and tags. Everything about white space around tags is decided here: the dashes,
/// <c>trimBlocks</c> and <c>lstripBlocks</c>. Comments end here, and so do raw blocks, which become text.
/// </summary>
internal sealed class Scanner(string source, SyntaxOptions options)
{
    private readonly string _outputOpens = options.Cookiecutter ? "{{" : "${{";
    private readonly List<Piece> _pieces = [];
    private readonly StringBuilder _text = new();
    private int _textPosition;
    private int _at;

    public IReadOnlyList<Piece> Scan()
    {
        var commentEnd = source.IndexOf("#}", StringComparison.Ordinal);
        while (_at < source.Length)
        {
            if (commentEnd >= 0 && commentEnd < _at)
            {
                commentEnd = source.IndexOf("#}", _at, StringComparison.Ordinal);
            }

            var opening = NextOpening();
            if (commentEnd >= 0 && commentEnd < (opening < 0 ? source.Length : opening))
            {
                throw TemplateFault.Syntax("'#}' ends a comment that never began", commentEnd);
            }

            if (opening < 0)
            {
                TakeText(source.Length);
                break;
            }

            TakeText(opening);
            TakeDelimited(opening);
        }

        EndText();
        return _pieces;
    }

    /// <summary>Where the code that starts here ends: at the first terminator outside texts, names and regular expressions.</summary>
    private int EndOfCode(int start, string terminator)
    {
        var at = start;
        while (at <= source.Length - terminator.Length)
        {
            var character = source[at];
            if (character is '"' or '\'')
            {
                at = EndOfQuoted(at);
            }
            else if (SourceText.EndOfName(source, at, source.Length, mayStartWithDigits: true) is var name && name > at)
            {
                at = name == at + 1 && character == 'r' && name < source.Length && source[name] == '/' ? PatternScanner.EndOf(source, at, source.Length) : name;
            }
            else if (string.CompareOrdinal(source, at, terminator, 0, terminator.Length) == 0)
            {
                return at;
            }
            else if (char.IsAsciiDigit(character))
            {
                // All at once: asked at each digit whether a name begins there, a long number would take the square of its length.
                at = EndOfDigits(at);
            }
            else
            {
                at++;
            }
        }

        return -1;
    }

    private int EndOfDigits(int start)
    {
        var rest = source.AsSpan(start).IndexOfAnyExceptInRange('0', '9');
        return rest < 0 ? source.Length : start + rest;
    }

    private void TakeDelimited(int opening)
    {
        var (kind, opens, closes) = source[opening + (source[opening] == '$' ? 2 : 1)] switch
        {
            '%' => ("tag", "{%", "%}"),
            '#' => ("comment", "{#", "#}"),
            _ => ("output", _outputOpens, "}}"),
        };
        var isTag = kind == "tag";
        if (isTag && options.LstripBlocks)
        {
            StripIndent(opening);
        }

        var start = opening + opens.Length;
        if (start < source.Length && source[start] == '-')
        {
            TrimTextEnd();
            start++;
        }

        EndText();
        var end = kind == "comment" ? source.IndexOf(closes, start, StringComparison.Ordinal) : EndOfCode(start, closes);
        if (end < 0)
        {
            throw TemplateFault.Syntax($"this {kind} is never closed with '{closes}'", opening);
        }

        // A single dash may stand for both sides.
        var trimsAfter = source[end - 1] == '-';
        _at = end + closes.Length;
        if (kind != "comment")
        {
            var piece = Code(isTag ? PieceKind.Tag : PieceKind.Output, opening, start, Math.Max(start, trimsAfter ? end - 1 : end));
            if (isTag && TagReader.NameOf(source, piece) is "raw" or "verbatim")
            {
                TakeRaw(piece, trimsAfter);
                return;
            }

            _pieces.Add(piece);
        }

        if (trimsAfter)
        {
            SkipSpace();
        }
        else if (isTag && options.TrimBlocks)
        {
            SkipNewline();
        }
    }

    private void TakeRaw(Piece opening, bool trimsAfter)
    {
        var name = TagReader.NameOf(source, opening);
        if (opening.End - opening.Start > name.Length)
        {
            throw TemplateFault.Syntax($"'{name}' takes nothing after its name", opening.Position);
        }

        if (options.TrimBlocks)
        {
            SkipNewline();
        }

        var (start, end) = EndOfRaw(name) ?? throw TemplateFault.Syntax($"this '{name}' has no 'end{name}'", opening.Position);
        if (source.AsSpan(start, end - start).Contains('\n'))
        {
            throw TemplateFault.Syntax($"'end{name}' must be in one line", start);
        }

        TakeText(start);
        _at = end;
        if (trimsAfter)
        {
            SkipSpace();
        }
    }

    /// <summary>The marker that closes this raw block, counting those of the same name inside it.</summary>
    private (int Start, int End)? EndOfRaw(string name)
    {
        var depth = 1;
        for (var at = source.IndexOf("{%", _at, StringComparison.Ordinal); at >= 0; at = at < source.Length ? source.IndexOf("{%", at, StringComparison.Ordinal) : -1)
        {
            var end = EndOfRawMarker(at, name, out var closes);
            if (end < 0)
            {
                at += 2;
                continue;
            }

            depth += closes ? -1 : 1;
            if (depth == 0)
            {
                return (at, end);
            }

            at = end;
        }

        return null;
    }

    private int EndOfRawMarker(int start, string name, out bool closes)
    {
        var at = AfterSpace(start + 2);
        closes = string.CompareOrdinal(source, at, "end", 0, 3) == 0 && string.CompareOrdinal(source, at + 3, name, 0, name.Length) == 0;
        if (!closes && string.CompareOrdinal(source, at, name, 0, name.Length) != 0)
        {
            return -1;
        }

        at = AfterSpace(at + name.Length + (closes ? 3 : 0));
        return string.CompareOrdinal(source, at, "%}", 0, 2) == 0 ? at + 2 : -1;
    }

    private int NextOpening()
    {
        for (var at = source.IndexOf('{', _at); at >= 0 && at + 1 < source.Length; at = source.IndexOf('{', at + 1))
        {
            switch (source[at + 1])
            {
                case '%' or '#':
                    return at;
                case '{' when options.Cookiecutter:
                    return at;
                case '{' when at > _at && source[at - 1] == '$':
                    return at - 1;
            }
        }

        return -1;
    }

    private Piece Code(PieceKind kind, int position, int start, int end)
    {
        while (start < end && SourceText.IsCodeSpace(source[start]))
        {
            start++;
        }

        while (end > start && SourceText.IsCodeSpace(source[end - 1]))
        {
            end--;
        }

        return new Piece(kind, position, "", start, end);
    }

    private void TakeText(int end)
    {
        if (_text.Length == 0)
        {
            _textPosition = _at;
        }

        _text.Append(source, _at, end - _at);
        _at = end;
    }

    private void EndText()
    {
        if (_text.Length > 0)
        {
            _pieces.Add(new Piece(PieceKind.Text, _textPosition, _text.ToString(), 0, 0));
            _text.Clear();
        }
    }

    private void TrimTextEnd()
    {
        while (_text.Length > 0 && JsText.IsSpace(_text[^1]))
        {
            _text.Length--;
        }
    }

    /// <summary>Drops the white space before a tag when nothing else stands before it in its line.</summary>
    private void StripIndent(int opening)
    {
        for (var at = opening - 1; at >= 0 && source[at] != '\n'; at--)
        {
            if (!JsText.IsSpace(source[at]))
            {
                return;
            }
        }

        while (_text.Length > 0 && _text[^1] != '\n' && JsText.IsSpace(_text[^1]))
        {
            _text.Length--;
        }
    }

    private int EndOfQuoted(int start)
    {
        for (var at = start + 1; at < source.Length; at++)
        {
            if (source[at] == '\\')
            {
                at++;
            }
            else if (source[at] == source[start])
            {
                return at + 1;
            }
        }

        return source.Length;
    }

    private void SkipSpace() => _at = AfterSpace(_at);

    private int AfterSpace(int at)
    {
        while (at < source.Length && JsText.IsSpace(source[at]))
        {
            at++;
        }

        return at;
    }

    private void SkipNewline()
    {
        if (string.CompareOrdinal(source, _at, "\r\n", 0, 2) == 0)
        {
            _at += 2;
        }
        else if (_at < source.Length && source[_at] == '\n')
        {
            _at++;
        }
    }
}

/// <summary>Reads the name of a tag.</summary>
internal static class TagReader
{
    public static string NameOf(string source, Piece tag) => source[tag.Start..SourceText.EndOfName(source, tag.Start, tag.End, mayStartWithDigits: false)];

    /// <summary>Where the code after the name begins.</summary>
    public static int Rest(string source, Piece tag)
    {
        var at = SourceText.EndOfName(source, tag.Start, tag.End, mayStartWithDigits: false);
        while (at < tag.End && SourceText.IsCodeSpace(source[at]))
        {
            at++;
        }

        return at;
    }
}
