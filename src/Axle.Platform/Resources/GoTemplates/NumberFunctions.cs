namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Sprig's arithmetic: on whole numbers, whatever it is given; overflow goes around as in Go.</summary>
internal static class NumberFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("atoi", 1, 1, a => ReadDecimal(a.Text(0))),
        new("int", 1, 1, a => a.Number(0)),
        new("int64", 1, 1, a => a.Number(0)),
        new("float64", 1, 1, a => GoValues.ToDouble(a[0])),
        new("toDecimal", 1, 1, a => ToDecimal(a)),
        new("add", 0, Function.Any, a => Enumerable.Range(0, a.Count).Aggregate(0L, (sum, i) => unchecked(sum + a.Number(i)))),
        new("add1", 1, 1, a => unchecked(a.Number(0) + 1)),
        new("sub", 2, 2, a => unchecked(a.Number(0) - a.Number(1))),
        new("mul", 1, Function.Any, a => Enumerable.Range(1, a.Count - 1).Aggregate(a.Number(0), (product, i) => unchecked(product * a.Number(i)))),
        new("div", 2, 2, a => Divide(a, (x, y) => x / y)),
        new("mod", 2, 2, a => Divide(a, (x, y) => x % y)),
        new("max", 1, Function.Any, a => Enumerable.Range(0, a.Count).Max(a.Number)),
        new("min", 1, Function.Any, a => Enumerable.Range(0, a.Count).Min(a.Number)),
        new("floor", 1, 1, a => Math.Floor(GoValues.ToDouble(a[0]))),
        new("ceil", 1, 1, a => Math.Ceiling(GoValues.ToDouble(a[0]))),
        new("round", 2, 2, a => Math.Round(GoValues.ToDouble(a[0]), Math.Clamp(a.Integer(1), 0, 15), MidpointRounding.AwayFromZero)),
        new("until", 1, 1, a => Until(a, 0, a.Integer(0), a.Integer(0) < 0 ? -1 : 1)),
        new("untilStep", 3, 3, a => Until(a, a.Integer(0), a.Integer(1), a.Integer(2))),
    ];

    // As strconv.Atoi: digits and a sign only, and 0 for what is no number.
    private static long ReadDecimal(string text) =>
        long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0L;

    // What is written in octal, as file modes are.
    private static long ToDecimal(Arguments a)
    {
        var value = 0L;
        foreach (var digit in a.Loose(0))
        {
            if (digit is < '0' or > '7' || value > long.MaxValue / 8)
            {
                return 0L;
            }

            value = (value * 8) + (digit - '0');
        }

        return value;
    }

    private static long Divide(Arguments a, Func<long, long, long> divide) => a.Number(1) switch
    {
        0 => throw a.Wrong("cannot divide by 0"),
        -1 => divide(unchecked(-a.Number(0)), 1),
        var by => divide(a.Number(0), by),
    };

    private static GoList Until(Arguments a, int start, int stop, int step)
    {
        var list = new GoList();
        for (long i = start; step != 0 && (step > 0 ? i < stop : i > stop); i += step)
        {
            list.Add(i);
            a.Work.SpendItems(list.Count > Work.ItemsMax ? list.Count : 0);
        }

        return list;
    }
}
