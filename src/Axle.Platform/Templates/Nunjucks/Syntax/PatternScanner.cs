namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Finds and reads the literals <c>r/source/flags</c>.</summary>
internal static class PatternScanner
{
    private const int SourceMax = 16_384;

    /// <summary>Where the literal that starts here ends.</summary>
    public static int EndOf(string source, int start, int end) => Scan(source, start, end).End;

    public static JsPattern Read(string source, int start, int end)
    {
        var (close, literalEnd) = Scan(source, start, end);
        return JsPattern.Parse(source[(start + 2)..close], source[(close + 1)..literalEnd], start);
    }

    private static (int Close, int End) Scan(string source, int start, int end)
    {
        var backslashes = 0;
        for (var at = start + 2; at < end; at++)
        {
            if (source[at] == '/')
            {
                if (backslashes == 0)
                {
                    return (at, EndOfFlags(source, start, at + 1, end));
                }

                if (backslashes % 2 == 0)
                {
                    throw TemplateFault.Syntax("the slash after an escaped backslash may or may not end the regular expression; write it as a class, [/]", start);
                }
            }

            backslashes = source[at] == '\\' ? backslashes + 1 : 0;
            if (at - start - 1 > SourceMax)
            {
                throw TemplateFault.Syntax($"the regular expression has more than {SourceMax} characters", start);
            }
        }

        throw TemplateFault.Syntax("this regular expression has no closing slash", start);
    }

    private static int EndOfFlags(string source, int start, int at, int end)
    {
        var flags = at;
        while (at < end && source[at] is 'g' or 'i' or 'm' or 'y')
        {
            if (source.AsSpan(flags, at - flags).Contains(source[at]))
            {
                throw TemplateFault.Syntax($"the regular expression has the flag '{source[at]}' twice", start);
            }

            at++;
        }

        return at < end && char.IsAsciiLetter(source[at])
            ? throw TemplateFault.Syntax($"regular expressions have the flags g, i, m and y, not '{source[at]}'", start)
            : at;
    }
}
