namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Filters for numbers.</summary>
internal static class NumberFilters
{
    public static Filter[] All { get; } =
    [
        new("abs", [], call => Value.Of(Math.Abs(call.Operations.ToNumber(call.Input)))),
        new("float", [], call => JsNumber.ParseFloat(call.Operations.ToText(call.Input)) is var number && double.IsNaN(number) ? call[0] : Value.Of(number)),
        new("int", ["default", "base"], Int),
        new("round", [], Round),
    ];

    private static Value Int(FilterCall call)
    {
        var radix = call[1].IsUndefined ? 10 : call.Operations.ToNumber(call[1]);
        var number = JsNumber.ParseInt(call.Operations.ToText(call.Input), radix);
        return double.IsNaN(number) ? call[0] : Value.Of(number);
    }

    private static Value Round(FilterCall call)
    {
        var factor = Math.Pow(10, call.Operations.ToNumber(call.Or(0, 0)));
        var scaled = call.Operations.ToNumber(call.Input) * factor;
        var rounded = call[1] is { Kind: ValueKind.Text, Text: "ceil" } ? Math.Ceiling(scaled)
            : call[1] is { Kind: ValueKind.Text, Text: "floor" } ? Math.Floor(scaled)
            : JsNumber.Round(scaled);
        return Value.Of(rounded / factor);
    }
}
