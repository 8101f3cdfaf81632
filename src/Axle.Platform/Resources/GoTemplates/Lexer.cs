using System.Globalization;
using System.Text;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Cuts a template into tokens: text, and what stands between <c>{{</c> and <c>}}</c>. Trim markers and comments end here.</summary>
internal sealed class Lexer(string source)
{
    private const string LeftComment = "/*";
    private const string RightComment = "*/";

    private readonly List<Token> _tokens = [];
    private int _at;

    public static IReadOnlyList<Token> Read(string source)
    {
        var lexer = new Lexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        var trimNext = false;
        while (_at < source.Length)
        {
            var open = source.IndexOf("{{", _at, StringComparison.Ordinal);
            var end = open < 0 ? source.Length : open;
            var trimBefore = open >= 0 && open + 3 < source.Length && source[open + 2] == '-' && IsSpace(source[open + 3]);
            AddText(_at, end, trimNext, trimBefore);
            if (open < 0)
            {
                break;
            }

            _at = open + (trimBefore ? 3 : 2);
            trimNext = StartsComment(trimBefore) ? Comment(open) : Action(open);
        }

        _tokens.Add(new Token(TokenKind.End, source.Length, ""));
    }

    private void AddText(int from, int to, bool trimStart, bool trimEnd)
    {
        while (trimStart && from < to && IsSpace(source[from]))
        {
            from++;
        }

        while (trimEnd && to > from && IsSpace(source[to - 1]))
        {
            to--;
        }

        if (to > from)
        {
            _tokens.Add(new Token(TokenKind.Text, from, source[from..to]));
        }
    }

    private bool StartsComment(bool trimmed)
    {
        var at = _at;
        while (trimmed && at < source.Length && IsSpace(source[at]))
        {
            at++;
        }

        if (!Follows(at, LeftComment))
        {
            return false;
        }

        _at = at;
        return true;
    }

    // Gives whether the text after it is trimmed.
    private bool Comment(int open)
    {
        var end = source.IndexOf(RightComment, _at + LeftComment.Length, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new TemplateException("the comment that begins here does not end", open);
        }

        _at = end + RightComment.Length;
        if (AtClose(out var trims))
        {
            return trims;
        }

        throw new TemplateException("a comment ends with */}} and stands alone in its braces", open);
    }

    private bool Action(int open)
    {
        _tokens.Add(new Token(TokenKind.Open, open, "{{"));
        while (_at < source.Length)
        {
            var start = _at;
            if (AtClose(out var trims))
            {
                _tokens.Add(new Token(TokenKind.Close, start, "}}"));
                return trims;
            }

            Next(start);
        }

        throw new TemplateException("the action that begins here is not closed by }}", open);
    }

    // "}}", or " -}}"; consumed when it is there.
    private bool AtClose(out bool trims)
    {
        var at = _at;
        while (at < source.Length && IsSpace(source[at]))
        {
            at++;
        }

        trims = at > _at && Follows(at, "-}}");
        if (trims || Follows(_at, "}}"))
        {
            _at = trims ? at + 3 : _at + 2;
            return true;
        }

        return false;
    }

    private void Next(int start)
    {
        var c = source[start];
        switch (c)
        {
            case ' ' or '\t' or '\r' or '\n':
                while (_at < source.Length && IsSpace(source[_at]))
                {
                    _at++;
                }

                _tokens.Add(new Token(TokenKind.Space, start, " "));
                break;
            case '"':
                Quoted(start);
                break;
            case '`':
                Raw(start);
                break;
            case '\'':
                Character(start);
                break;
            case '.' when start + 1 >= source.Length || !char.IsAsciiDigit(source[start + 1]):
                Dotted(start);
                break;
            case '$':
                _at = WordEnd(start + 1);
                _tokens.Add(new Token(TokenKind.Variable, start, source[start.._at]));
                break;
            case '.' or '+' or '-' or (>= '0' and <= '9'):
                Number(start);
                break;
            case ':' when Follows(start, ":="):
                Sign(TokenKind.Declare, 2);
                break;
            case '=':
                Sign(TokenKind.Assign, 1);
                break;
            case '|':
                Sign(TokenKind.Pipe, 1);
                break;
            case '(':
                Sign(TokenKind.LeftParenthesis, 1);
                break;
            case ')':
                Sign(TokenKind.RightParenthesis, 1);
                break;
            case ',':
                Sign(TokenKind.Comma, 1);
                break;
            case '_' or _ when IsWord(c):
                Word(start);
                break;
            default:
                throw new TemplateException($"the character '{c}' has no meaning here", start);
        }
    }

    private void Sign(TokenKind kind, int length)
    {
        _tokens.Add(new Token(kind, _at, source.Substring(_at, length)));
        _at += length;
    }

    private void Dotted(int start)
    {
        _at = WordEnd(start + 1);
        _tokens.Add(_at == start + 1 ? new Token(TokenKind.Dot, start, ".") : new Token(TokenKind.Field, start, source[(start + 1).._at]));
        if (_at > start + 1)
        {
            NothingGlued(start);
        }
    }

    private void Word(int start)
    {
        _at = WordEnd(start);
        var word = source[start.._at];
        _tokens.Add(word switch
        {
            "true" => new Token(TokenKind.Literal, start, word, true),
            "false" => new Token(TokenKind.Literal, start, word, false),
            "nil" => new Token(TokenKind.Literal, start, word),
            _ => new Token(TokenKind.Word, start, word),
        });
        NothingGlued(start);
    }

    // "foo-bar" would otherwise be read as "foo" and "-bar", which nobody means.
    private void NothingGlued(int start)
    {
        if (_at < source.Length && !IsSpace(source[_at]) && source[_at] is not ('.' or ',' or '|' or ':' or ')' or '(' or '=') && !Follows(_at, "}}"))
        {
            throw new TemplateException($"the character '{source[_at]}' cannot follow '{Workloads.Field.Shorten(source[start.._at])}'; names have letters, digits and '_' only (use index or dig for other keys)", _at);
        }
    }

    private void Raw(int start)
    {
        var end = source.IndexOf('`', start + 1);
        if (end < 0)
        {
            throw new TemplateException("the raw text that begins here does not end", start);
        }

        _at = end + 1;
        _tokens.Add(new Token(TokenKind.Literal, start, source[start.._at], source[(start + 1)..end].Replace("\r", "", StringComparison.Ordinal)));
    }

    private void Quoted(int start)
    {
        var text = new StringBuilder();
        _at = start + 1;
        while (true)
        {
            if (_at >= source.Length || source[_at] == '\n')
            {
                throw new TemplateException("the text that begins here does not end on its line", start);
            }

            if (source[_at] == '"')
            {
                _at++;
                _tokens.Add(new Token(TokenKind.Literal, start, source[start.._at], text.ToString()));
                return;
            }

            Escapable(text, '"');
        }
    }

    private void Character(int start)
    {
        var text = new StringBuilder();
        _at = start + 1;
        if (_at < source.Length && source[_at] is not ('\'' or '\n'))
        {
            Escapable(text, '\'');
        }

        if (_at < source.Length && char.IsHighSurrogate(text.Length == 1 ? text[0] : ' '))
        {
            text.Append(source[_at++]);
        }

        if (_at >= source.Length || source[_at] != '\'' || !Rune.TryGetRuneAt(text.Append(' ').ToString(), 0, out var rune))
        {
            throw new TemplateException("single quotes hold exactly one character; text stands in double quotes", start);
        }

        _at++;
        _tokens.Add(new Token(TokenKind.Literal, start, source[start.._at], (long)rune.Value));
    }

    // One character, plain or escaped as in Go.
    private void Escapable(StringBuilder text, char quote)
    {
        var start = _at;
        var c = source[_at++];
        if (c != '\\')
        {
            text.Append(c);
            return;
        }

        var escape = _at < source.Length ? source[_at++] : '\n';
        switch (escape)
        {
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case '\\': text.Append('\\'); break;
            case 'x': text.Append(Code(start, 2, 16)); break;
            case 'u': text.Append(Code(start, 4, 16)); break;
            case 'U': text.Append(Code(start, 8, 16)); break;
            case >= '0' and <= '7':
                _at--;
                text.Append(Code(start, 3, 8));
                break;
            case var other when other == quote:
                text.Append(quote);
                break;
            default:
                throw new TemplateException($"\\{(escape == '\n' ? "" : escape)} is no escape; in raw text (`…`) nothing is escaped", start);
        }
    }

    private string Code(int start, int digits, int radix)
    {
        var value = 0L;
        for (var i = 0; i < digits; i++)
        {
            var digit = _at < source.Length && char.IsAsciiHexDigit(source[_at]) ? Convert.ToInt32(source[_at].ToString(), 16) : radix;
            if (digit >= radix)
            {
                throw new TemplateException($"{source[start.._at]} needs {digits} digits", start);
            }

            value = (value * radix) + digit;
            _at++;
        }

        return value <= 0x10FFFF && Rune.TryCreate((int)value, out var rune) ? rune.ToString() : throw new TemplateException($"{source[start.._at]} is no character", start);
    }

    private void Number(int start)
    {
        _at = start + (source[start] is '+' or '-' ? 1 : 0);
        while (_at < source.Length && (char.IsAsciiLetterOrDigit(source[_at]) || source[_at] is '.' or '_' || (source[_at] is '+' or '-' && source[_at - 1] is 'e' or 'E' && !Follows(start, "0x"))))
        {
            _at++;
        }

        var text = source[start.._at];
        _tokens.Add(new Token(TokenKind.Literal, start, text, ReadNumber(text) ?? throw new TemplateException($"'{Workloads.Field.Shorten(text)}' is no number", start)));
    }

    private static object? ReadNumber(string text)
    {
        if (Workloads.ScalarTypes.OfPlain(text) == Workloads.ScalarType.Integer && Workloads.ScalarTypes.ReadInteger(text) is { } whole)
        {
            return whole;
        }

        return !text.Contains('_', StringComparison.Ordinal) && text.Any(char.IsAsciiDigit) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }

    private int WordEnd(int at)
    {
        while (at < source.Length && IsWord(source[at]))
        {
            at++;
        }

        return at;
    }

    private bool Follows(int at, string text) => string.CompareOrdinal(source, at, text, 0, text.Length) == 0;

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static bool IsWord(char c) => c == '_' || char.IsLetterOrDigit(c);
}
