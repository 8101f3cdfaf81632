namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Sprig's functions on lists, and those that choose between values.</summary>
internal static class ListFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("list", 0, Function.Any, a => new GoList(a.All)),
        new("first", 1, 1, a => a.List(0) is [var first, ..] ? first : null),
        new("last", 1, 1, a => a.List(0) is [.., var last] ? last : null),
        new("rest", 1, 1, a => new GoList(a.List(0).Skip(1))),
        new("initial", 1, 1, a => new GoList(a.List(0).SkipLast(1))),
        new("append", 2, 2, a => new GoList([.. a.List(0), a[1]])),
        new("push", 2, 2, a => new GoList([.. a.List(0), a[1]])),
        new("prepend", 2, 2, a => new GoList([a[1], .. a.List(0)])),
        new("concat", 0, Function.Any, Concat),
        new("reverse", 1, 1, a => new GoList(a.List(0).AsEnumerable().Reverse())),
        new("uniq", 1, 1, a => Unique(a)),
        new("without", 1, Function.Any, a => new GoList(a.List(0).Where(item => !a.All.Skip(1).Any(other => GoValues.Same(item, other, a.Work))))),
        new("has", 2, 2, a => a[1] is not null && a.List(1).Any(item => GoValues.Same(item, a[0], a.Work))),
        new("compact", 1, 1, a => new GoList(a.List(0).Where(GoValues.Truth))),
        new("slice", 1, 3, Slice),
        new("sortAlpha", 1, 1, a => new GoList(Texts(a, 0).Order(StringComparer.Ordinal))),
        new("toStrings", 1, 1, a => new GoList(Texts(a, 0))),
        new("default", 1, 2, a => a.Count == 2 && GoValues.Truth(a[1]) ? a[1] : a[0]),
        new("empty", 1, 1, a => !GoValues.Truth(a[0])),
        new("coalesce", 0, Function.Any, a => a.All.FirstOrDefault(GoValues.Truth)),
        new("all", 0, Function.Any, a => a.All.All(GoValues.Truth)),
        new("any", 0, Function.Any, a => a.All.Any(GoValues.Truth)),
        new("ternary", 3, 3, a => a[2] is bool yes ? a[yes ? 0 : 1] : throw a.Wrong("the last argument must be true or false")),
        new("deepEqual", 2, 2, a => GoValues.Same(a[0], a[1], a.Work)),
        new("deepCopy", 1, 1, a => GoValues.Copy(a[0], a.Work)),
    ];

    /// <summary>The items of a list as text, or a single value as one; without what is nothing.</summary>
    public static IReadOnlyList<string> Texts(Arguments a, int i)
    {
        IEnumerable<object?> items = a[i] is GoList list ? list : [a[i]];
        var texts = items.Where(item => item is not null).Select(item => GoFormat.Text(item, a.Work)).ToList();
        a.Work.SpendText(texts.Sum(text => (long)text.Length));
        return texts;
    }

    private static GoList Concat(Arguments a)
    {
        var all = new GoList();
        for (var i = 0; i < a.Count; i++)
        {
            all.AddRange(a.List(i));
            a.Work.SpendItems(all.Count);
        }

        return all;
    }

    private static GoList Unique(Arguments a)
    {
        var kept = new GoList();
        foreach (var item in a.List(0).Where(item => !kept.Any(other => GoValues.Same(item, other, a.Work))))
        {
            kept.Add(item);
        }

        return kept;
    }

    private static GoList Slice(Arguments a)
    {
        var list = a.List(0);
        var from = a.Count > 1 ? a.Integer(1) : 0;
        var to = a.Count > 2 ? a.Integer(2) : list.Count;
        return from >= 0 && from <= to && to <= list.Count ? new GoList(list.Take(to).Skip(from)) : throw a.Wrong($"there is no part from {from} to {to} in a list of {list.Count}");
    }
}
