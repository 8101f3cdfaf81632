using System.Globalization;

namespace Axle.Platform.Templates.Actions;

/// <summary>Writes out the braces of a pattern: <c>{a,b}</c> and <c>{1..3}</c>, as shells and npm's globs do.</summary>
internal static class GlobBraces
{
    private const int PatternsMax = 1000;

    public static IReadOnlyList<string> Expand(string pattern)
    {
        var expanded = new List<string>();
        Expand(pattern, expanded);
        return [.. expanded.Distinct(StringComparer.Ordinal)];
    }

    private static void Expand(string pattern, List<string> expanded)
    {
        for (var open = 0; open < pattern.Length; open++)
        {
            if (pattern[open] == '\\')
            {
                open++;
            }
            else if (pattern[open] == '{' && Group(pattern, open) is { } group)
            {
                foreach (var choice in group.Choices)
                {
                    if (expanded.Count >= PatternsMax)
                    {
                        return;
                    }

                    Expand(string.Concat(pattern.AsSpan(0, open), choice, pattern.AsSpan(group.End + 1)), expanded);
                }

                return;
            }
        }

        expanded.Add(pattern);
    }

    /// <summary>What a brace chooses from and where it ends; null for braces that are only characters.</summary>
    private static (IReadOnlyList<string> Choices, int End)? Group(string pattern, int open)
    {
        var (depth, from, choices) = (0, open + 1, new List<string>());
        for (var i = open; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '{':
                    depth++;
                    break;
                case ',' when depth == 1:
                    choices.Add(pattern[from..i]);
                    from = i + 1;
                    break;
                case '}' when --depth == 0:
                    choices.Add(pattern[from..i]);
                    return choices.Count > 1 ? (choices, i) : Range(choices[0]) is { } range ? (range, i) : null;
                default:
                    break;
            }
        }

        return null;
    }

    private static List<string>? Range(string text)
    {
        if (text.Split("..") is not [var first, var last])
        {
            return null;
        }

        if (first.Length == 1 && last.Length == 1 && char.IsAsciiLetter(first[0]) && char.IsAsciiLetter(last[0]))
        {
            return [.. Between(first[0], last[0]).Select(code => ((char)code).ToString())];
        }

        return int.TryParse(first, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var low)
            && int.TryParse(last, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var high)
            && Math.Abs((long)high - low) < PatternsMax
            ? [.. Between(low, high).Select(number => number.ToString(CultureInfo.InvariantCulture))]
            : null;
    }

    private static IEnumerable<int> Between(int first, int last) =>
        first <= last ? Enumerable.Range(first, last - first + 1) : Enumerable.Range(last, first - last + 1).Reverse();
}
