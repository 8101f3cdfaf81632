namespace Axle.Platform.Resources.GoTemplates;

/// <summary>The functions of Go's text/template itself.</summary>
internal static class BuiltInFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("and", 1, Function.Any, a => a.Last) { StopsAt = false },
        new("or", 1, Function.Any, a => a.Last) { StopsAt = true },
        new("not", 1, 1, a => !GoValues.Truth(a[0])),
        new("len", 1, 1, a => Length(a)),
        new("index", 1, Function.Any, a => Enumerable.Range(1, a.Count - 1).Aggregate(a[0], (value, i) => Index(a, value, a[i]))),
        new("print", 0, Function.Any, a => GoFormat.Print(a.All, a.Work)),
        new("println", 0, Function.Any, a => GoFormat.PrintLine(a.All, a.Work)),
        new("printf", 1, Function.Any, a => GoFormat.Printf(a.Text(0), [.. a.All.Skip(1)], a.Work)),
        new("html", 0, Function.Any, a => Escape(Joined(a))),
        new("urlquery", 0, Function.Any, a => Uri.EscapeDataString(Joined(a)).Replace("%20", "+", StringComparison.Ordinal)),
        new("eq", 2, Function.Any, a => Enumerable.Range(1, a.Count - 1).Any(i => Equal(a, a[0], a[i]))),
        new("ne", 2, 2, a => !Equal(a, a[0], a[1])),
        new("lt", 2, 2, a => Compare(a) < 0),
        new("le", 2, 2, a => Compare(a) <= 0),
        new("gt", 2, 2, a => Compare(a) > 0),
        new("ge", 2, 2, a => Compare(a) >= 0),
    ];

    private static long Length(Arguments a) => a[0] switch
    {
        string text => System.Text.Encoding.UTF8.GetByteCount(text),
        GoList list => list.Count,
        GoMap map => map.Count,
        var other => throw a.Wrong($"a {GoValues.TypeOf(other)} has no length"),
    };

    private static object? Index(Arguments a, object? value, object? key)
    {
        switch (value, key)
        {
            case (GoMap map, string name):
                return map.TryGetValue(name, out var found) ? found : map.Zero;
            case (GoMap, _):
                throw a.Wrong($"the keys of a mapping are text, and this is a {GoValues.TypeOf(key)}");
            case (GoList list, long i):
                return i >= 0 && i < list.Count ? list[(int)i] : throw a.Wrong($"there is no item {i} in a list of {list.Count}");
            case (string text, long i):
                var bytes = System.Text.Encoding.UTF8.GetBytes(text);
                return i >= 0 && i < bytes.Length ? (long)bytes[i] : throw a.Wrong($"there is no byte {i} in a text of {bytes.Length}");
            case (null, _):
                throw a.Wrong("there is nothing to take an item from");
            default:
                throw a.Wrong($"a {GoValues.TypeOf(value)} has no item that a {GoValues.TypeOf(key)} names");
        }
    }

    // Go compares values of one basic type; nil equals only nil.
    private static bool Equal(Arguments a, object? one, object? other)
    {
        if (one is null || other is null)
        {
            return one is null && other is null;
        }

        return (one, other) switch
        {
            (GoMap or GoList or GoStruct, _) or (_, GoMap or GoList or GoStruct) => throw a.Wrong("lists and mappings cannot be compared; use deepEqual"),
            _ when one.GetType() == other.GetType() => GoValues.Same(one, other, a.Work),
            _ => throw a.Wrong($"a {GoValues.TypeOf(one)} cannot be compared with a {GoValues.TypeOf(other)}"),
        };
    }

    private static int Compare(Arguments a) => (a[0], a[1]) switch
    {
        (long x, long y) => x.CompareTo(y),
        (double x, double y) => x < y ? -1 : x > y ? 1 : 0,
        (string x, string y) => string.CompareOrdinal(x, y),
        var (x, y) => throw a.Wrong($"a {GoValues.TypeOf(x)} and a {GoValues.TypeOf(y)} have no order"),
    };

    private static string Joined(Arguments a) => a.All is [string text] ? text : GoFormat.Print(a.All, a.Work);

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
