using System.Buffers;

namespace Axle.Agent.Logs;

/// <summary>Finds any of some texts in another, overlapping ones too.</summary>
/// <param name="forms">Longest first.</param>
internal sealed class FormSearch(IReadOnlyList<string> forms)
{
    private readonly SearchValues<string> _all = SearchValues.Create([.. forms], StringComparison.Ordinal);

    /// <summary>Places in order; those that overlap are one.</summary>
    public IReadOnlyList<(int From, int To)> Find(string text)
    {
        if (text.AsSpan().IndexOfAny(_all) is var first && first < 0)
        {
            return [];
        }

        var found = new List<(int From, int To)>();
        for (var at = first; at >= 0; at = Next(text, at + 1))
        {
            var to = at + LengthAt(text, at);
            if (found is [.., var last] && at < last.To)
            {
                found[^1] = (last.From, Math.Max(last.To, to));
            }
            else
            {
                found.Add((at, to));
            }
        }

        return found;
    }

    /// <summary>The length of the longest end of the text that one of the forms begins with.</summary>
    public int OpenEnd(string text)
    {
        var longest = 0;
        foreach (var form in forms)
        {
            for (var length = Math.Min(form.Length - 1, text.Length); length > longest; length--)
            {
                if (text[^length] == form[0] && text.AsSpan().EndsWith(form.AsSpan(0, length), StringComparison.Ordinal))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }

    private int Next(string text, int from)
    {
        var next = text.AsSpan(from).IndexOfAny(_all);
        return next < 0 ? -1 : from + next;
    }

    private int LengthAt(string text, int at)
    {
        foreach (var form in forms)
        {
            if (text.AsSpan(at).StartsWith(form, StringComparison.Ordinal))
            {
                return form.Length;
            }
        }

        return 1;
    }
}
