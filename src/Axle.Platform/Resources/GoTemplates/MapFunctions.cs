namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Sprig's functions on mappings. <c>set</c>, <c>unset</c> and <c>merge</c> change the mapping they are given, as in Go.</summary>
internal static class MapFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("dict", 0, Function.Any, Make),
        new("get", 2, 2, a => a.Map(0).TryGetValue(a.Text(1), out var value) ? value : ""),
        new("set", 3, 3, Set),
        new("unset", 2, 2, Unset),
        new("hasKey", 2, 2, a => a.Map(0).ContainsKey(a.Text(1))),
        new("keys", 0, Function.Any, a => new GoList(Enumerable.Range(0, a.Count).SelectMany(i => a.Map(i).Sorted))),
        new("values", 1, 1, a => new GoList(a.Map(0).Sorted.Select(key => a.Map(0)[key]))),
        new("pluck", 1, Function.Any, a => new GoList(Enumerable.Range(1, a.Count - 1).Where(i => a.Map(i).ContainsKey(a.Text(0))).Select(i => a.Map(i)[a.Text(0)]))),
        new("pick", 1, Function.Any, a => Where(a, key => Enumerable.Range(1, a.Count - 1).Any(i => a.Text(i) == key))),
        new("omit", 1, Function.Any, a => Where(a, key => Enumerable.Range(1, a.Count - 1).All(i => a.Text(i) != key))),
        new("merge", 1, Function.Any, a => Merge(a, overwrite: false)),
        new("mergeOverwrite", 1, Function.Any, a => Merge(a, overwrite: true)),
        new("dig", 3, Function.Any, Dig),
    ];

    private static GoMap Make(Arguments a)
    {
        var map = new GoMap();
        for (var i = 0; i < a.Count; i += 2)
        {
            map[a.Loose(i)] = i + 1 < a.Count ? a[i + 1] : "";
        }

        return map;
    }

    private static GoMap Set(Arguments a)
    {
        a.Map(0)[a.Text(1)] = a[2];
        return a.Map(0);
    }

    private static GoMap Unset(Arguments a)
    {
        a.Map(0).Remove(a.Text(1));
        return a.Map(0);
    }

    private static GoMap Where(Arguments a, Func<string, bool> keep)
    {
        var map = new GoMap();
        foreach (var (key, value) in a.Map(0).Where(entry => keep(entry.Key)))
        {
            map[key] = value;
        }

        return map;
    }

    private static GoMap Merge(Arguments a, bool overwrite)
    {
        for (var i = 1; i < a.Count; i++)
        {
            Merge(a.Map(0), a.Map(i), overwrite, a.Work, 0);
        }

        return a.Map(0);
    }

    private static void Merge(GoMap into, GoMap from, bool overwrite, Work work, int depth)
    {
        work.Enter(depth);
        foreach (var (key, value) in from.ToArray())
        {
            work.SpendItems(into.Count);
            if (value is GoMap inner && into.GetValueOrDefault(key) is GoMap target)
            {
                if (!ReferenceEquals(inner, target))
                {
                    Merge(target, inner, overwrite, work, depth + 1);
                }
            }
            else if (overwrite ? GoValues.Truth(value) || !into.ContainsKey(key) : !GoValues.Truth(into.GetValueOrDefault(key)))
            {
                // A copy: what is merged later must not change where this came from.
                into[key] = GoValues.Copy(value, work, depth);
            }
        }
    }

    // dig "a" "b" otherwise map: what is at a.b, or otherwise where something on the way is missing.
    private static object? Dig(Arguments a)
    {
        var map = a.Map(a.Count - 1);
        for (var i = 0; i < a.Count - 2; i++)
        {
            if (!map.TryGetValue(a.Text(i), out var value))
            {
                return a[a.Count - 2];
            }

            if (i == a.Count - 3)
            {
                return value;
            }

            map = value as GoMap ?? throw a.Wrong($"\"{Workloads.Field.Shorten(a.Text(i))}\" is no mapping");
        }

        throw new InvalidOperationException("dig has at least one key.");
    }
}
