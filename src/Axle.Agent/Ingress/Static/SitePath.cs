namespace Axle.Agent.Ingress.Static;

/// <summary>What a request's path may mean in a folder. Pure; whether a link leads out of the folder is <see cref="SiteFile"/>'s to find out.</summary>
internal static class SitePath
{
    /// <summary>
    /// The path relative to the site's folder, without slash at the begin or end ("" for the root), or null when no file can be meant:
    /// dot files (save <c>.well-known</c>), dot segments, empty segments (<c>//host</c> would make a redirect leave the site), backslashes
    /// and control characters.
    /// </summary>
    /// <param name="path">Decoded, with the slash at its begin.</param>
    public static string? Relative(string? path)
    {
        if (path is null or "" || path[0] != '/')
        {
            return null;
        }

        var relative = path.EndsWith('/') ? path[1..Math.Max(1, path.Length - 1)] : path[1..];
        if (relative.Length == 0)
        {
            return path.Length == 1 ? "" : null;
        }

        foreach (var segment in relative.Split('/'))
        {
            if (segment.Length == 0 || (segment[0] == '.' && segment != ".well-known") || segment.Any(c => c == '\\' || char.IsControl(c)))
            {
                return null;
            }
        }

        return relative;
    }

    /// <summary>
    /// Whether build tools put a digest of the content into the name (<c>app.3f9c1a2b.js</c>, <c>index-DiwrgTda.css</c>): then what is
    /// behind the name never changes. The last part must have eight characters or more, and look like a digest, not like a word.
    /// </summary>
    public static bool IsFingerprinted(string path)
    {
        var name = Path.GetFileName(path.AsSpan());
        var dot = name.LastIndexOf('.');
        if (dot <= 0 || name.EndsWith(".html", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Source maps and minified files have two endings: app.3f9c1a2b.js.map, app.3f9c1a2b.min.js.
        for (var stem = name[..dot]; ; stem = stem[..stem.LastIndexOf('.')])
        {
            var mark = stem.LastIndexOfAny('.', '-');
            if (mark <= 0)
            {
                return false;
            }

            if (IsDigest(stem[(mark + 1)..]))
            {
                return true;
            }

            if (stem[mark] != '.')
            {
                return false;
            }
        }
    }

    private static bool IsDigest(ReadOnlySpan<char> text)
    {
        if (text.Length < 8)
        {
            return false;
        }

        bool digit = false, upper = false, lower = false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }

            digit |= char.IsAsciiDigit(c);
            upper |= char.IsAsciiLetterUpper(c);
            lower |= char.IsAsciiLetterLower(c);
        }

        // A number alone may be a date or a version.
        return (digit && (upper || lower)) || (upper && lower && !char.IsAsciiLetterUpper(text[0])) || (upper && lower && HasInnerChange(text));
    }

    // "Introduction" begins with a capital and goes on small; a digest changes again and again.
    private static bool HasInnerChange(ReadOnlySpan<char> text)
    {
        var changes = 0;
        for (var i = 2; i < text.Length; i++)
        {
            changes += char.IsAsciiLetterUpper(text[i]) != char.IsAsciiLetterUpper(text[i - 1]) ? 1 : 0;
        }

        return changes >= 2;
    }
}
