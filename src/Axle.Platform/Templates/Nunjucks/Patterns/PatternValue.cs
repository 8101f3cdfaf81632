using System.Text.RegularExpressions;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>A regular expression as a value. Global and sticky ones remember where their last match ended.</summary>
internal sealed class PatternValue(JsPattern pattern)
{
    private const string FlagsInOrder = "gimy";

    public int LastIndex { get; set; }

    public JsPattern Pattern => pattern;

    /// <summary>As <c>pattern.test(text)</c>.</summary>
    public bool Test(string text, Budget budget) => Next(text, budget) is not null;

    /// <summary>As <c>text.replace(pattern, replacement)</c>.</summary>
    public string Replace(string text, string replacement, Budget budget)
    {
        var output = new TextBuilder(budget);
        var copied = 0;
        if (pattern.Global)
        {
            LastIndex = 0;
        }

        while (Next(text, budget) is { } match)
        {
            budget.Charge();
            output.Append(text.AsSpan(copied, match.Index - copied));
            JsText.Substitute(output, replacement, text, match.Index, match.Index + match.Length, Captured(match), pattern.Named.Count == 0 ? null : name => Named(match, name));
            copied = match.Index + match.Length;
            if (!pattern.Global)
            {
                break;
            }

            if (match.Length == 0)
            {
                LastIndex++;
            }
        }

        return output.Append(text.AsSpan(copied)).ToString();
    }

    /// <summary>As <c>text.split(pattern, limit)</c>.</summary>
    public List<Value> Split(string text, uint limit, Budget budget)
    {
        var parts = new List<Value>();
        var searching = Parse(pattern);
        if (text.Length == 0)
        {
            return limit == 0 || searching.Match(text, 0, budget).Success ? parts : [Value.Of(text)];
        }

        var taken = 0;
        for (var from = 0; from < text.Length && parts.Count < limit;)
        {
            budget.Charge();
            var match = searching.Match(text, from, budget);
            if (!match.Success || match.Index >= text.Length)
            {
                break;
            }

            if (match.Index + match.Length == taken)
            {
                from = match.Index + 1;
                continue;
            }

            Add(Value.Of(text[taken..match.Index]));
            taken = from = match.Index + match.Length;
            foreach (var group in Captured(match))
            {
                Add(group is null ? Value.Undefined : Value.Of(group));
            }
        }

        Add(Value.Of(text[taken..]));
        return parts;

        void Add(Value part)
        {
            if (parts.Count < limit)
            {
                budget.CheckElements(parts.Count + 1);
                parts.Add(part);
            }
        }
    }

    /// <summary>As it is written in JavaScript.</summary>
    public override string ToString()
    {
        var source = pattern.Source.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\u2028", "\\u2028", StringComparison.Ordinal).Replace("\u2029", "\\u2029", StringComparison.Ordinal);
        return $"/{(source.Length == 0 ? "(?:)" : source)}/{string.Concat(FlagsInOrder.Where(flag => pattern.Flags.Contains(flag, StringComparison.Ordinal)))}";
    }

    /// <summary>As <c>exec</c>: moves on for global and sticky patterns, starts over when nothing more matches.</summary>
    private Match? Next(string text, Budget budget)
    {
        var remembers = pattern.Global || pattern.Sticky;
        var from = remembers ? LastIndex : 0;
        var match = from <= text.Length ? pattern.Match(text, from, budget) : System.Text.RegularExpressions.Match.Empty;
        if (remembers)
        {
            LastIndex = match.Success ? match.Index + match.Length : 0;
        }

        return match.Success ? match : null;
    }

    private List<string?> Captured(Match match) =>
        [.. Enumerable.Range(1, pattern.Groups).Select(number => match.Groups[number] is { Success: true } group ? group.Value : null)];

    private string? Named(Match match, string name) =>
        pattern.Named.TryGetValue(name, out var number) && match.Groups[number] is { Success: true } group ? group.Value : null;

    /// <summary>Splitting tries every place in turn, so stickiness means nothing to it.</summary>
    private static JsPattern Parse(JsPattern pattern) =>
        pattern.Sticky ? JsPattern.Parse(pattern.Source, pattern.Flags.Replace("y", "", StringComparison.Ordinal), 0) : pattern;
}
