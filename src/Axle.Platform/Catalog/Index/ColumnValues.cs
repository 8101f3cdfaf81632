using System.Runtime.InteropServices;

namespace Axle.Platform.Catalog.Index;

/// <summary>
/// The different values of one path, each with a number. Values that differ only in case are different values (facets list
/// them apart) and are found together. Number 0 is "there, without a value".
/// </summary>
internal sealed class ColumnValues
{
    public const int Nothing = 0;

    private readonly Dictionary<string, int> _byText = new(StringComparer.Ordinal);

    // Only for values that are not in lower case as they stand; most are.
    private readonly Dictionary<string, List<int>> _folded = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [new Entry(null, null)];
    private readonly Stack<int> _free = [];

    /// <summary>Numbers are below this.</summary>
    public int Numbers => _entries.Count;

    public string? Text(int number) => _entries[number].Text;

    public string? Lower(int number) => _entries[number].Lower;

    /// <summary>The number of exactly this value, when somebody has it.</summary>
    public int? NumberOf(string text) => _byText.TryGetValue(text, out var number) ? number : null;

    /// <summary>How many rows hold it.</summary>
    public int Uses(int number) => _entries[number].Uses;

    /// <summary>The value's number; a new one when nobody has it yet.</summary>
    public int Take(string? text)
    {
        var number = text is null ? Nothing : _byText.TryGetValue(text, out var known) ? known : Add(text);
        CollectionsMarshal.AsSpan(_entries)[number].Uses++;
        return number;
    }

    /// <summary>One row holds it no more.</summary>
    public void Release(int number)
    {
        ref var entry = ref CollectionsMarshal.AsSpan(_entries)[number];
        if (--entry.Uses > 0 || number == Nothing)
        {
            return;
        }

        _byText.Remove(entry.Text!);
        if (!ReferenceEquals(entry.Text, entry.Lower))
        {
            var same = _folded[entry.Lower!];
            same.Remove(number);
            if (same.Count == 0)
            {
                _folded.Remove(entry.Lower!);
            }
        }

        entry = new Entry(null, null);
        _free.Push(number);
    }

    /// <summary>Numbers of the values that are one of these without regard to case.</summary>
    public List<int> Equal(IReadOnlyList<string> lower)
    {
        var found = new List<int>();
        foreach (var value in lower)
        {
            if (_byText.TryGetValue(value, out var number))
            {
                found.Add(number);
            }

            if (_folded.TryGetValue(value, out var folded))
            {
                found.AddRange(folded);
            }
        }

        return found;
    }

    /// <summary>Numbers of the values whose lower-case form passes.</summary>
    public List<int> Where(Func<string, bool> passes)
    {
        var found = new List<int>();
        var entries = CollectionsMarshal.AsSpan(_entries);
        for (var number = 1; number < entries.Length; number++)
        {
            if (entries[number].Lower is { } lower && passes(lower))
            {
                found.Add(number);
            }
        }

        return found;
    }

    private int Add(string text)
    {
        // Gives back the same instance when nothing changes, which is how an unfolded value is told from a folded one.
        var lower = text.ToLowerInvariant();
        if (!_free.TryPop(out var number))
        {
            number = _entries.Count;
            _entries.Add(default);
        }

        _entries[number] = new Entry(text, lower);
        _byText[text] = number;
        if (!ReferenceEquals(text, lower))
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_folded, lower, out _) ??= []).Add(number);
        }

        return number;
    }

    private record struct Entry(string? Text, string? Lower)
    {
        public int Uses { get; set; }
    }
}
