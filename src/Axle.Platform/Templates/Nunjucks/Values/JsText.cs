using System.Globalization;
using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>JavaScript's operations on texts, where they differ from .NET's.</summary>
internal static class JsText
{
    /// <summary>JavaScript's white space and line ends; .NET's set has one more character and lacks another.</summary>
    public static bool IsSpace(char character) => character switch
    {
        >= '\t' and <= '\r' or ' ' or '\u00a0' or '\u1680' or '\u2028' or '\u2029' or '\u202f' or '\u205f' or '\u3000' or '\ufeff' => true,
        >= '\u2000' and <= '\u200a' => true,
        _ => false,
    };

    public static string Trim(string text) => TrimStart(TrimEnd(text));

    public static string TrimStart(string text)
    {
        var start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }

    /// <summary>As <c>toUpperCase</c>: some letters become several.</summary>
    public static string ToUpper(string text)
    {
        var upper = text.ToUpperInvariant();
        if (!upper.AsSpan().ContainsAny(SpecialCasing.Letters))
        {
            return upper;
        }

        var spelled = new StringBuilder(upper.Length + 8);
        foreach (var letter in upper)
        {
            spelled.Append(SpecialCasing.Upper.TryGetValue(letter, out var several) ? several : letter.ToString());
        }

        return spelled.ToString();
    }

    /// <summary>As <c>toLowerCase</c>: a dotted I keeps its dot, and a sigma at the end of a word has its own form.</summary>
    public static string ToLower(string text)
    {
        var lower = text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();
        if (!lower.Contains('\u03c3', StringComparison.Ordinal))
        {
            return lower;
        }

        var spelled = new StringBuilder(lower);
        for (var i = 0; i < lower.Length; i++)
        {
            // A small sigma that was typed as such stays.
            if (lower[i] == '\u03c3' && text.Length == lower.Length && text[i] == '\u03a3' && EndsWord(lower, i))
            {
                spelled[i] = '\u03c2';
            }
        }

        return spelled.ToString();
    }

    /// <summary>As <c>encodeURIComponent</c>.</summary>
    /// <exception cref="TemplateFault">There is half a surrogate pair in it.</exception>
    public static void EncodeUri(TextBuilder output, string text)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(text[i]) || "-_.!~*'()".Contains(text[i], StringComparison.Ordinal))
            {
                output.Append(text[i]);
                continue;
            }

            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                throw TemplateFault.Evaluation("the text has half a character, which no URL can hold");
            }

            i += rune.Utf16SequenceLength - 1;
            foreach (var part in bytes[..rune.EncodeToUtf8(bytes)])
            {
                output.Append('%').Append(part.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>As the standard's GetSubstitution: what <c>$1</c>, <c>$&amp;</c> and their like stand for.</summary>
    /// <param name="groups">The captured groups; null for one that took no part.</param>
    /// <param name="named">The value of a named group; null where the expression names none.</param>
    public static void Substitute(TextBuilder output, string template, string text, int start, int end, IReadOnlyList<string?> groups, Func<string, string?>? named)
    {
        for (var i = 0; i < template.Length; i++)
        {
            var next = template[i] == '$' && i + 1 < template.Length ? template[i + 1] : '\0';
            switch (next)
            {
                case '$':
                    output.Append('$');
                    i++;
                    break;
                case '&':
                    output.Append(text.AsSpan(start, end - start));
                    i++;
                    break;
                case '`':
                    output.Append(text.AsSpan(0, start));
                    i++;
                    break;
                case '\'':
                    output.Append(text.AsSpan(end));
                    i++;
                    break;
                case >= '0' and <= '9' when GroupAt(template, i + 1, groups.Count, out var length) is > 0 and var group:
                    output.Append(groups[group - 1] ?? "");
                    i += length;
                    break;
                case '<' when named is not null && template.IndexOf('>', i) is > 0 and var close:
                    output.Append(named(template[(i + 2)..close]) ?? "");
                    i = close;
                    break;
                default:
                    output.Append(template[i]);
                    break;
            }
        }
    }

    /// <summary>Two digits where there are that many groups, else one; 0 where it names no group.</summary>
    private static int GroupAt(string template, int at, int groups, out int length)
    {
        var first = template[at] - '0';
        if (at + 1 < template.Length && char.IsAsciiDigit(template[at + 1]))
        {
            var both = (first * 10) + template[at + 1] - '0';
            if (both >= 1 && both <= groups)
            {
                length = 2;
                return both;
            }
        }

        length = 1;
        return first <= groups ? first : 0;
    }

    private static bool EndsWord(string text, int at)
    {
        var before = at > 0 && char.IsLetter(text[at - 1]);
        var after = at + 1 < text.Length && char.IsLetter(text[at + 1]);
        return before && !after;
    }
}
