using Axle.Contracts;

namespace Axle.Platform.Catalog.Search;

/// <summary>Which places of an entity's texts fit what was looked for.</summary>
internal static class Highlights
{
    private const int SnippetMax = 160;
    private const int BeforeMark = 40;
    private const int FieldsMax = 4;

    public static IReadOnlyList<SearchHighlight> Of(Entity entity, string[] words)
    {
        var all = new List<SearchHighlight>();
        foreach (var (field, text) in SearchDocument.Texts(entity))
        {
            if (Marks(text, words) is { Count: > 0 } marks && all.Count < FieldsMax)
            {
                all.Add(Cut(field, text, marks));
            }
        }

        return all;
    }

    private static List<SearchMark> Marks(string text, string[] words)
    {
        var marks = new List<SearchMark>();
        foreach (var (word, start, length) in SearchWords.Of(text))
        {
            // A part of a word that is marked already says nothing new.
            if (marks.Count > 0 && start < marks[^1].Start + marks[^1].Length)
            {
                continue;
            }

            foreach (var wanted in words)
            {
                var place = word.IndexOf(wanted, StringComparison.Ordinal);
                if (place == 0 || (place > 0 && wanted.Length >= Vocabulary.InsideFrom))
                {
                    // Folding may have changed the length; then the whole word is marked.
                    marks.Add(word.Length == length ? new SearchMark(start + place, wanted.Length) : new SearchMark(start, length));
                    break;
                }

                if (Typo.Between(wanted, word) is not null)
                {
                    marks.Add(new SearchMark(start, length));
                    break;
                }
            }
        }

        return marks;
    }

    private static SearchHighlight Cut(SearchFields field, string text, List<SearchMark> marks)
    {
        var from = text.Length <= SnippetMax ? 0 : Math.Min(Math.Max(0, marks[0].Start - BeforeMark), text.Length - SnippetMax);
        var to = Math.Min(text.Length, from + SnippetMax);

        // A pair of halves is one sign.
        from -= from > 0 && char.IsLowSurrogate(text[from]) ? 1 : 0;
        to -= to < text.Length && char.IsLowSurrogate(text[to]) ? 1 : 0;
        return new SearchHighlight(
            field.ToString().ToLowerInvariant(),
            text[from..to],
            [.. marks.Where(mark => mark.Start >= from && mark.Start + mark.Length <= to).Select(mark => mark with { Start = mark.Start - from })]);
    }
}
