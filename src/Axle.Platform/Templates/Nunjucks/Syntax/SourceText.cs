namespace Axle.Platform.Templates.Nunjucks;

/// <summary>What counts as white space and names in templates, and where an offset is for a person.</summary>
internal static class SourceText
{
    /// <summary>Inside tags. Fewer characters than between them.</summary>
    public static bool IsCodeSpace(char character) => character is ' ' or '\t' or '\n' or '\r' or '\u00a0';

    public static bool IsNameStart(char character) => character == '_' || char.IsAsciiLetter(character);

    public static bool IsNamePart(char character) => character == '_' || char.IsAsciiLetterOrDigit(character);

    /// <summary>The end of the name that starts here, or the start where there is none.</summary>
    /// <param name="mayStartWithDigits">As names after a dot may.</param>
    public static int EndOfName(string source, int start, int end, bool mayStartWithDigits)
    {
        var at = start;
        while (mayStartWithDigits && at < end && char.IsAsciiDigit(source[at]))
        {
            at++;
        }

        if (at >= end || !IsNameStart(source[at]))
        {
            return start;
        }

        while (at < end && IsNamePart(source[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>Line and column, both from 1.</summary>
    public static (int Line, int Column) Place(string source, int position)
    {
        var before = source.AsSpan(0, Math.Clamp(position, 0, source.Length));
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}
