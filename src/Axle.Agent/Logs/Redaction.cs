using System.Text;

namespace Axle.Agent.Logs;

/// <summary>Keeps values out of what people read: wherever one of their <see cref="SecretForms"/> stands, <c>[redacted]</c> is shown.</summary>
internal sealed class Redaction
{
    public const string Mask = "[redacted]";

    /// <summary>Fewer letters at the end of a text are more likely an ordinary word than the beginning of a secret.</summary>
    private const int OpenMin = 4;

    private readonly FormSearch? _letters;
    private readonly Lazy<FormSearch> _bytes;

    private Redaction(IReadOnlyList<string> forms)
    {
        _letters = forms.Count == 0 ? null : new FormSearch(forms);

        // Byte by byte, so that places are places in the line as it was written; needed for lines without end only.
        _bytes = new Lazy<FormSearch>(() => new FormSearch([.. forms.Select(form => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(form)))]));
    }

    /// <summary>Hides nothing, at no cost.</summary>
    public static Redaction None { get; } = new([]);

    public static Redaction Of(IEnumerable<string> values) => SecretForms.Of(values) is { Count: > 0 } forms ? new Redaction(forms) : None;

    /// <returns>The text itself when there is nothing to hide.</returns>
    public string Hide(string text) => _letters is null ? text : Masked(text, _letters.Find(text));

    /// <summary>As <see cref="Hide"/>, for a text that was cut off: what may be the beginning of a value is hidden too.</summary>
    public string HideCut(string text)
    {
        if (_letters is null)
        {
            return text;
        }

        var found = _letters.Find(text);
        var open = _letters.OpenEnd(text);
        return Masked(text, open < OpenMin ? found : [.. found, (text.Length - open, text.Length)]);
    }

    /// <summary>How many bytes at the end of a piece of a line must wait for the next, because they may be the beginning of a value.</summary>
    public int OpenEnd(ReadOnlySpan<byte> piece)
    {
        if (_letters is null)
        {
            return 0;
        }

        var text = Encoding.Latin1.GetString(piece);
        var open = _bytes.Value.OpenEnd(text);
        var start = text.Length - open;

        // A value that ends inside of what waits must wait as a whole, or its beginning would not be found any more.
        foreach (var (from, to) in _bytes.Value.Find(text))
        {
            start = from < start && start < to ? from : start;
        }

        // Values that overlap all along: whatever is shown of them is found by itself.
        return text.Length - start <= piece.Length / 2 ? text.Length - start : open;
    }

    private static string Masked(string text, IReadOnlyList<(int From, int To)> found)
    {
        if (found.Count == 0)
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        var at = 0;
        foreach (var (from, to) in found)
        {
            // What touches is shown as one: how many there were says something about them.
            if (from > at || at == 0)
            {
                shown.Append(text, at, Math.Max(0, from - at)).Append(Mask);
            }

            at = Math.Max(at, to);
        }

        return shown.Append(text, at, text.Length - at).ToString();
    }
}
