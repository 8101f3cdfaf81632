namespace Axle.Platform.Catalog.Search;

/// <summary>How far two words are from each other: a letter too much, too little, wrong, or two that changed places, each counts one.</summary>
internal static class Typo
{
    /// <summary>From this length on a word may have one mistake; shorter ones are too close to too many.</summary>
    public const int OneFrom = 4;

    /// <summary>From here on the word may also be only the beginning of what is meant.</summary>
    private const int BeginningFrom = 6;

    private const int TwoFrom = 8;

    /// <summary>How many mistakes a word may have.</summary>
    public static int Allowed(string word) => word.Length >= TwoFrom ? 2 : word.Length >= OneFrom ? 1 : 0;

    /// <summary>The mistakes in <paramref name="word"/> when <paramref name="meant"/> (or, for a long word, its beginning) was meant; null for more than are allowed.</summary>
    public static int? Between(string word, string meant)
    {
        var allowed = Allowed(word);
        if (allowed == 0 || meant.Length < word.Length - allowed || (word.Length < BeginningFrom && meant.Length > word.Length + allowed))
        {
            return null;
        }

        // Beyond this the letters of what is meant cannot matter any more.
        var width = Math.Min(meant.Length, word.Length + allowed);
        Span<int> before = stackalloc int[width + 1];
        Span<int> above = stackalloc int[width + 1];
        Span<int> row = stackalloc int[width + 1];
        for (var j = 0; j <= width; j++)
        {
            above[j] = j;
        }

        for (var i = 1; i <= word.Length; i++)
        {
            row[0] = i;
            var least = i;
            for (var j = 1; j <= width; j++)
            {
                var cost = word[i - 1] == meant[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + cost);
                if (i > 1 && j > 1 && word[i - 1] == meant[j - 2] && word[i - 2] == meant[j - 1])
                {
                    best = Math.Min(best, before[j - 2] + 1);
                }

                row[j] = best;
                least = Math.Min(least, best);
            }

            if (least > allowed)
            {
                return null;
            }

            var spare = before;
            before = above;
            above = row;
            row = spare;
        }

        // The last row is in `above` now.
        var mistakes = width == meant.Length ? above[width] : allowed + 1;
        if (word.Length >= BeginningFrom)
        {
            foreach (var beginning in above)
            {
                mistakes = Math.Min(mistakes, beginning);
            }
        }

        return mistakes <= allowed ? mistakes : null;
    }
}
