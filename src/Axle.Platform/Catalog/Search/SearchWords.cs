using System.Globalization;
using System.Text;

namespace Axle.Platform.Catalog.Search;

/// <summary>A word of a text, folded, with its place there.</summary>
internal readonly record struct PlacedWord(string Word, int Start, int Length);

/// <summary>Takes texts apart into words: letters and digits, in lower case and without accents.</summary>
internal static class SearchWords
{
    /// <summary>Characters of a word; what follows is cut.</summary>
    public const int LengthMax = 48;

    /// <summary>Characters of a text that are read.</summary>
    private const int TextMax = 4096;

    /// <summary>The words in the order of the text, and the parts of words written in camel case.</summary>
    public static IEnumerable<PlacedWord> Of(string text)
    {
        var end = Math.Min(text.Length, TextMax);
        for (var at = 0; at < end;)
        {
            if (!IsPart(text[at]))
            {
                at++;
                continue;
            }

            var start = at;
            while (at < end && IsPart(text[at]))
            {
                at++;
            }

            if (Place(text, start, at) is { } whole)
            {
                yield return whole;
            }

            foreach (var part in HasHump(text.AsSpan(start..at)) ? Humps(text, start, at) : [])
            {
                yield return part;
            }
        }
    }

    /// <summary>A text as it is compared: lower case, no accents.</summary>
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        var folded = new StringBuilder(text.Length);
        foreach (var one in Decomposed(text))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(one) != UnicodeCategory.NonSpacingMark)
            {
                folded.Append(char.ToLowerInvariant(one));
            }
        }

        return folded.ToString();
    }

    private static string Decomposed(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormD);
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair has no normal form.
            return text;
        }
    }

    private static bool HasHump(ReadOnlySpan<char> word)
    {
        for (var at = 1; at < word.Length; at++)
        {
            if (char.IsUpper(word[at]) && char.IsLower(word[at - 1]))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<PlacedWord> Humps(string text, int start, int end)
    {
        var from = start;
        for (var at = start + 1; at < end; at++)
        {
            if (char.IsUpper(text[at]) && char.IsLower(text[at - 1]))
            {
                if (Place(text, from, at) is { } hump)
                {
                    yield return hump;
                }

                from = at;
            }
        }

        if (from > start && Place(text, from, end) is { } last)
        {
            yield return last;
        }
    }

    private static PlacedWord? Place(string text, int start, int end)
    {
        var folded = Fold(text[start..Math.Min(end, start + LengthMax)]);
        return folded.Length == 0 ? null : new PlacedWord(folded, start, end - start);
    }

    private static bool IsPart(char one) => char.IsLetterOrDigit(one) || CharUnicodeInfo.GetUnicodeCategory(one) is UnicodeCategory.NonSpacingMark || char.IsSurrogate(one);
}
