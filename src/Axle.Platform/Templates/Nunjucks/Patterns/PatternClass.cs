using System.Globalization;
using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Translates one <c>[…]</c> of a regular expression; also knows what the escapes stand for.</summary>
internal sealed class PatternClass(string source, int start, bool hasNames, Func<string, TemplateFault> fault)
{
    private const string Spaces = @"\t-\r\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
    private const string NoSpaces = @"\0-\u0008\u000e-\u001f\u0021-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\uffff";

    private int _at = start;

    /// <summary>The ranges that <c>\d</c> and its like stand for; null for any other letter.</summary>
    public static string? Set(char letter) => letter switch
    {
        'd' => "0-9",
        'D' => @"\0-\u002f\u003a-\uffff",
        'w' => "A-Za-z0-9_",
        'W' => @"\0-\u002f\u003a-\u0040\u005b-\u005e\u0060\u007b-\uffff",
        's' => Spaces,
        'S' => NoSpaces,
        _ => null,
    };

    /// <summary>The place of the bracket that closes the class opened here, or the end.</summary>
    public static int SkipFrom(string source, int at)
    {
        for (at++; at < source.Length && source[at] != ']'; at++)
        {
            if (source[at] == '\\')
            {
                at++;
            }
        }

        return at;
    }

    /// <summary>The one character that the escape after a backslash stands for.</summary>
    public static char EscapedCharacter(string source, ref int at, bool inClass)
    {
        var letter = source[at++];
        switch (letter)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'v':
                return '\v';
            case 'f':
                return '\f';
            case 'r':
                return '\r';
            case 'b' when inClass:
                return '\b';
            case 'x' when Hex(source, at, 2) is { } two:
                at += 2;
                return two;
            case 'u' when Hex(source, at, 4) is { } four:
                at += 4;
                return four;
            case 'c' when at < source.Length && (char.IsAsciiLetter(source[at]) || (inClass && (char.IsAsciiDigit(source[at]) || source[at] == '_'))):
                return (char)(source[at++] % 32);

            // The backslash itself, and the letter stays to be read.
            case 'c':
                at--;
                return '\\';
            case >= '0' and <= '7':
                at--;
                return Octal(source, ref at);
            default:
                return letter;
        }
    }

    /// <param name="end">Behind the closing bracket.</param>
    public string Translate(out int end)
    {
        var negated = _at < source.Length && source[_at] == '^';
        _at += negated ? 1 : 0;
        var ranges = new StringBuilder();
        while (_at < source.Length && source[_at] != ']')
        {
            var (first, firstSet) = Item();
            if (_at + 1 >= source.Length || source[_at] != '-' || source[_at + 1] == ']')
            {
                ranges.Append(firstSet ?? Quoted(first));
                continue;
            }

            _at++;
            var (last, lastSet) = Item();
            if (firstSet is not null || lastSet is not null)
            {
                ranges.Append(firstSet ?? Quoted(first)).Append(Quoted('-')).Append(lastSet ?? Quoted(last));
            }
            else if (last < first)
            {
                throw fault("the ends of a range are the wrong way round");
            }
            else
            {
                ranges.Append(Quoted(first)).Append('-').Append(Quoted(last));
            }
        }

        if (_at >= source.Length)
        {
            throw fault("a class has no ']'");
        }

        end = _at + 1;
        return (ranges.Length, negated) switch
        {
            (0, true) => @"[\0-\uffff]",
            (0, false) => "(?!)",
            _ => $"[{(negated ? "^" : "")}{ranges}]",
        };
    }

    private (char Character, string? Set) Item()
    {
        var character = source[_at++];
        if (character != '\\')
        {
            return (character, null);
        }

        if (_at >= source.Length)
        {
            throw fault("it ends in a backslash");
        }

        if (Set(source[_at]) is { } set)
        {
            _at++;
            return ('\0', set);
        }

        if (hasNames && source[_at] == 'k')
        {
            throw fault(@"'\k' means nothing in a class");
        }

        return (EscapedCharacter(source, ref _at, inClass: true), null);
    }

    /// <summary>Up to three digits, at most 377.</summary>
    private static char Octal(string source, ref int at)
    {
        var value = 0;
        for (var digits = 0; digits < 3 && at < source.Length && source[at] is >= '0' and <= '7' && (value * 8) + source[at] - '0' <= 255; digits++)
        {
            value = (value * 8) + source[at++] - '0';
        }

        return (char)value;
    }

    private static char? Hex(string source, int at, int length) =>
        at + length <= source.Length && ushort.TryParse(source.AsSpan(at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? (char)code : null;

    private static string Quoted(char character) => string.Create(CultureInfo.InvariantCulture, $@"\u{(int)character:x4}");
}
