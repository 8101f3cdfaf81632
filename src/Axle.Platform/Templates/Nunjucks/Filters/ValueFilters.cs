namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Filters for values of every kind.</summary>
internal static class ValueFilters
{
    private const int IndentationMax = 10;

    public static Filter[] All { get; } =
    [
        new("d", [], Default),
        new("default", [], Default),
        new("dump", [], Dump),
        new("string", [], Text),
    ];

    /// <summary>For undefined only, unless the second argument says for everything falsy.</summary>
    private static Value Default(FilterCall call) => (call[1].IsTruthy ? call.Input.IsTruthy : !call.Input.IsUndefined) ? call.Input : call[0];

    private static Value Dump(FilterCall call)
    {
        var indentation = call[0].Kind switch
        {
            ValueKind.Text => call[0].Text[..Math.Min(IndentationMax, call[0].Text.Length)],
            ValueKind.Number when call[0].Number > 0 => new string(' ', (int)Math.Min(IndentationMax, call[0].Number)),
            _ => "",
        };
        return JsonText.Of(call.Input, indentation, call.Budget) is { } json ? Value.Of(json) : Value.Undefined;
    }

    private static Value Text(FilterCall call)
    {
        if (call.Input.IsNullish)
        {
            throw TemplateFault.Evaluation($"the filter 'string' needs a value, not {call.Input.Described}");
        }

        return call.Input.Kind == ValueKind.SafeText ? call.Input : Value.Of(call.Operations.Render(call.Input));
    }
}
