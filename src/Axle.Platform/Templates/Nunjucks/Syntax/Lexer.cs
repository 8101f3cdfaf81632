using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

internal enum TokenKind
{
    Name,
    Number,
    Text,
    Pattern,
    Operator,
    End,
}

/// <param name="Text">The name or operator; the content of a text; the digits of a number.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Start, int End)
{
    public bool Is(string sign) => Kind == TokenKind.Operator && Text == sign;

    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public string Shown => Kind == TokenKind.End ? "the end" : $"'{(Text.Length > 40 ? Text[..40] + "…" : Text)}'";
}

/// <summary>The code between delimiters as tokens.</summary>
internal static class Lexer
{
    /// <summary>Longest first.</summary>
    private static readonly string[] s_operators =
    [
        "===", "!==", "**", "//", "==", "!=", "<=", ">=",
        "(", ")", "[", "]", "{", "}", ".", ",", ":", "|", "~", "+", "-", "*", "/", "%", "<", ">", "=",
    ];

    public static List<Token> Read(string source, int start, int end)
    {
        var tokens = new List<Token>();
        for (var at = start; at < end;)
        {
            if (SourceText.IsCodeSpace(source[at]))
            {
                at++;
                continue;
            }

            var token = Next(source, at, end, tokens.Count > 0 ? tokens[^1] : default);
            tokens.Add(token);
            at = token.End;
        }

        tokens.Add(new Token(TokenKind.End, "", end, end));
        return tokens;
    }

    private static Token Next(string source, int at, int end, Token previous)
    {
        var nameEnd = SourceText.EndOfName(source, at, end, mayStartWithDigits: previous.Is("."));
        if (nameEnd > at)
        {
            return nameEnd == at + 1 && source[at] == 'r' && nameEnd < end && source[nameEnd] == '/'
                ? new Token(TokenKind.Pattern, "", at, PatternScanner.EndOf(source, at, end))
                : new Token(TokenKind.Name, source[at..nameEnd], at, nameEnd);
        }

        if (char.IsAsciiDigit(source[at]))
        {
            return Number(source, at, end);
        }

        if (source[at] is '"' or '\'')
        {
            return Text(source, at, end);
        }

        foreach (var sign in s_operators)
        {
            if (at + sign.Length <= end && string.CompareOrdinal(source, at, sign, 0, sign.Length) == 0)
            {
                return new Token(TokenKind.Operator, sign, at, at + sign.Length);
            }
        }

        throw TemplateFault.Syntax($"'{source[at]}' means nothing here", at);
    }

    /// <summary>Digits, and at most one point among or after them; no exponent, no sign.</summary>
    private static Token Number(string source, int start, int end)
    {
        var at = AfterDigits(source, start, end);
        if (at < end && source[at] == '.')
        {
            at = AfterDigits(source, at + 1, end);
        }

        if (at < end && SourceText.IsNameStart(source[at]))
        {
            throw TemplateFault.Syntax($"'{source[start..(at + 1)]}' is not a number; numbers are digits with an optional decimal point", start);
        }

        return new Token(TokenKind.Number, source[start..at], start, at);
    }

    private static int AfterDigits(string source, int at, int end)
    {
        while (at < end && char.IsAsciiDigit(source[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>A backslash quotes the next character, and makes a line end, return or tab of n, r and t.</summary>
    private static Token Text(string source, int start, int end)
    {
        var content = new StringBuilder();
        for (var at = start + 1; at < end; at++)
        {
            if (source[at] == source[start])
            {
                return new Token(TokenKind.Text, content.ToString(), start, at + 1);
            }

            if (source[at] != '\\')
            {
                content.Append(source[at]);
            }
            else if (++at < end)
            {
                content.Append(source[at] switch
                {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    var quoted => quoted,
                });
            }
        }

        throw TemplateFault.Syntax("this text has no closing quote", start);
    }
}
