namespace Axle.Platform.Templates.Nunjucks;

/// <summary>The functions every template has: <c>range</c>, <c>cycler</c> and <c>joiner</c>.</summary>
internal static class BuiltInGlobals
{
    /// <summary>A function of this name, or undefined.</summary>
    public static Value Find(string name, Operations operations) => name switch
    {
        "range" => Value.Of(new BuiltInCallable(name, 0, 3, arguments => Range(arguments, operations))),
        "cycler" => Value.Of(new BuiltInCallable(name, 0, int.MaxValue, arguments => Value.Of(new CyclerCallable(arguments)))),
        "joiner" => Value.Of(new BuiltInCallable(name, 0, 1, arguments => Joiner(arguments))),
        _ => Value.Undefined,
    };

    /// <summary>The numbers from the first bound up or down to, and without, the second; one bound alone is the second.</summary>
    private static Value Range(Value[] arguments, Operations operations)
    {
        var (start, stop, step) = arguments switch
        {
            [_, { IsUndefined: false }, ..] => (arguments[0], arguments[1], arguments.Length > 2 && arguments[2].IsTruthy ? arguments[2] : Value.Of(1)),
            [var only, ..] => (Value.Of(0), only, Value.Of(1)),
            [] => (Value.Of(0), Value.Undefined, Value.Of(1)),
        };
        var upwards = operations.Order(step, Value.Of(0)) > 0;
        var numbers = new List<Value>();
        for (var number = start; upwards ? operations.Order(number, stop) < 0 : operations.Order(number, stop) > 0; number = operations.Add(number, step))
        {
            operations.Budget.CheckElements(numbers.Count + 1);
            numbers.Add(number);
        }

        return Value.Of(new ArrayValue(numbers));
    }

    /// <summary>A function that returns nothing the first time, and the separator ever after.</summary>
    private static Value Joiner(Value[] arguments)
    {
        var separator = arguments is [{ IsTruthy: true }] ? arguments[0] : Value.Of(",");
        var used = false;
        return Value.Of(new BuiltInCallable("joiner", 0, 0, _ =>
        {
            var text = used ? separator : Value.EmptyText;
            used = true;
            return text;
        }));
    }
}
