using System.Text.RegularExpressions;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// A regular expression as JavaScript writes it, ready for .NET's engine. Matching has a time limit, because the expression
/// comes with the template and may be one that backtracks for ever.
/// </summary>
internal sealed class JsPattern
{
    /// <summary>One match may take this long; <see cref="Budget.ChargePatternTime"/> bounds them all together.</summary>
    private static readonly TimeSpan s_matchTimeMax = TimeSpan.FromSeconds(1);

    private readonly TranslatedPattern _translated;
    private Regex? _anywhere;
    private Regex? _here;

    private JsPattern(string source, string flags, TranslatedPattern translated) => (Source, Flags, _translated) = (source, flags, translated);

    public string Source { get; }

    public string Flags { get; }

    public bool Global => Flags.Contains('g', StringComparison.Ordinal);

    public bool Sticky => Flags.Contains('y', StringComparison.Ordinal);

    public int Groups => _translated.Groups;

    /// <summary>The numbers of the groups that have names.</summary>
    public IReadOnlyDictionary<string, int> Named => _translated.Named;

    /// <exception cref="TemplateFault">It is no regular expression.</exception>
    public static JsPattern Parse(string source, string flags, int position) =>
        new(source, flags, PatternTranslator.Translate(source, flags.Contains('m', StringComparison.Ordinal), position));

    /// <summary>The first match at or after this place, or exactly at it for sticky ones.</summary>
    public Match Match(string text, int from, Budget budget)
    {
        budget.ChargeText(text.Length - from);
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        try
        {
            return Engine().Match(text, from);
        }
        catch (RegexMatchTimeoutException)
        {
            throw TemplateFault.Limit("a regular expression takes too long");
        }
        finally
        {
            budget.ChargePatternTime(began);
        }
    }

    private Regex Engine() => Sticky ? _here ??= Compile($@"\G(?:{_translated.Text})") : _anywhere ??= Compile(_translated.Text);

    private Regex Compile(string pattern)
    {
        var options = RegexOptions.CultureInvariant | (Flags.Contains('i', StringComparison.Ordinal) ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            return new Regex(pattern, options, s_matchTimeMax);
        }
        catch (ArgumentException)
        {
            throw TemplateFault.Evaluation("the regular expression is too large or too deep for this engine");
        }
    }
}
