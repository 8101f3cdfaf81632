namespace Axle.Entities.Validation;

/// <summary>
/// The formats of Backstage's catalog model, as loops over characters: exact about the end of the text (a regular
/// expression's <c>$</c> lets a newline through), about what a digit is, and linear for any input.
/// </summary>
internal static class Formats
{
    public const int NameMax = 63;
    public const int DomainMax = 253;

    /// <summary>Letters, digits, <c>- _ .</c>; begins and ends with a letter or digit; 1 to 63 long.</summary>
    public static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > NameMax || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The scheme of an absolute URL, in small letters; null for what browsers take for none.</summary>
    public static string? SchemeOf(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || !char.IsAsciiLetter(text[0]) || !text[..colon].All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.'))
        {
            return null;
        }

        // Those of the web name a host; what stands in others is theirs to say.
        var scheme = text[..colon].ToLowerInvariant();
        return scheme is not ("http" or "https" or "ftp" or "ws" or "wss") || Uri.TryCreate(text, UriKind.Absolute, out _) ? scheme : null;
    }

    /// <summary>Small letters, digits and <c>-</c> inside; 1 to 63 long.</summary>
    public static bool IsNamespace(ReadOnlySpan<char> text) => text.Length <= NameMax && IsDashed(text, "");

    /// <summary>A letter, then letters and digits; 1 to 63 long.</summary>
    public static bool IsKind(ReadOnlySpan<char> text) => text.Length is > 0 and <= NameMax && char.IsAsciiLetter(text[0]) && AllLettersOrDigits(text);

    /// <summary><c>domain/version</c>, or the version alone.</summary>
    public static bool IsApiVersion(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        return slash < 0
            ? text.Length is > 0 and <= NameMax && AllLettersOrDigits(text)
            : IsDomain(text[..slash]) && text.Length - slash - 1 is > 0 and <= NameMax && AllLettersOrDigits(text[(slash + 1)..]);
    }

    /// <summary>The key of a label or annotation: a name, with or without <c>domain/</c> before it.</summary>
    public static bool IsKey(ReadOnlySpan<char> text)
    {
        var slash = text.IndexOf('/');
        return slash < 0 ? IsName(text) : IsDomain(text[..slash]) && IsName(text[(slash + 1)..]);
    }

    public static bool IsLabelValue(ReadOnlySpan<char> text) => text.IsEmpty || IsName(text);

    /// <summary>Small letters, digits, <c>: + #</c>, and <c>-</c> inside but never two in a row; 1 to 63 long.</summary>
    public static bool IsTag(ReadOnlySpan<char> text) => text.Length <= NameMax && IsDashed(text, ":+#") && text.IndexOf("--") < 0;

    /// <summary>A DNS subdomain in small letters, up to 253 long.</summary>
    public static bool IsDomain(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > DomainMax)
        {
            return false;
        }

        foreach (var part in text.Split('.'))
        {
            if (text[part].Length > NameMax || !IsDashed(text[part], ""))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDashed(ReadOnlySpan<char> text, string also)
    {
        if (text.IsEmpty || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-' && !also.Contains(c))
            {
                return false;
            }
        }

        return true;
    }

    private static bool AllLettersOrDigits(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }
        }

        return true;
    }
}
