using System.Text;
using System.Text.RegularExpressions;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Sprig's functions on regular expressions.</summary>
internal static class PatternFunctions
{
    private const int CharactersPerStep = 8;

    public static IEnumerable<Function> All { get; } =
    [
        new("regexMatch", 2, 2, a => Run(a, a.Text(1), (regex, text) => (object)regex.IsMatch(text))),
        new("regexFind", 2, 2, a => Run(a, a.Text(1), (regex, text) => (object)regex.Match(text).Value)),
        new("regexFindAll", 3, 3, a => Run(a, a.Text(1), (regex, text) => new GoList(Matches(a, regex, text, a.Integer(2)).Select(match => (object?)match.Value)))),
        new("regexReplaceAll", 3, 3, a => Run(a, a.Text(1), (regex, text) => Replace(a, regex, text, match => Re2.Expand(a.Text(2), match)))),
        new("regexReplaceAllLiteral", 3, 3, a => Run(a, a.Text(1), (regex, text) => Replace(a, regex, text, _ => a.Text(2)))),
        new("regexSplit", 3, 3, a => Run(a, a.Text(1), (regex, text) => Split(a, regex, text, a.Integer(2)))),
        new("regexQuoteMeta", 1, 1, a => string.Concat(a.Text(0).Select(c => @"\.+*?()|[]{}^$".Contains(c, StringComparison.Ordinal) ? $@"\{c}" : c.ToString()))),
    ];

    private static T Run<T>(Arguments a, string text, Func<Regex, string, T> run)
    {
        a.Work.Spend(1 + (text.Length / CharactersPerStep));
        try
        {
            return run(Re2.Compile(a.Text(0)), text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw a.Wrong("the regular expression takes too long");
        }
    }

    private static IEnumerable<Match> Matches(Arguments a, Regex regex, string text, int most)
    {
        var count = 0;
        for (var match = regex.Match(text); match.Success && (most < 0 || count < most); match = match.NextMatch())
        {
            a.Work.SpendItems(++count);
            yield return match;
        }
    }

    private static string Replace(Arguments a, Regex regex, string text, Func<Match, string> with)
    {
        var output = new StringBuilder();
        var from = 0;
        foreach (var match in Matches(a, regex, text, -1))
        {
            output.Append(text, from, match.Index - from).Append(with(match));
            a.Work.SpendText(output.Length);
            from = match.Index + match.Length;
        }

        return output.Append(text, from, text.Length - from).ToString();
    }

    private static GoList Split(Arguments a, Regex regex, string text, int most)
    {
        var parts = new GoList();
        var from = 0;
        foreach (var match in Matches(a, regex, text, -1))
        {
            if (most == 0 || (most > 0 && parts.Count == most - 1))
            {
                break;
            }

            // Nothing is no part at the very end, nor at the very beginning.
            if (match.Length == 0 && (match.Index == 0 || match.Index == text.Length))
            {
                continue;
            }

            parts.Add(text[from..match.Index]);
            from = match.Index + match.Length;
        }

        if (most != 0)
        {
            parts.Add(text[from..]);
        }

        return parts;
    }
}
