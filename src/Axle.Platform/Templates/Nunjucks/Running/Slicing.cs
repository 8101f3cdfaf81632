namespace Axle.Platform.Templates.Nunjucks;

/// <summary><c>target[start:stop:step]</c>, which makes a list of whatever it is given, a text's characters included.</summary>
internal static class Slicing
{
    public static Value Of(Value input, Value start, Value stop, Value step, Operations operations)
    {
        if (input.Kind == ValueKind.Callable)
        {
            throw TemplateFault.Evaluation("a function has no slices");
        }

        var stride = operations.ToNumber(step);
        if (!double.IsFinite(stride) || stride == 0)
        {
            throw TemplateFault.Evaluation("the step of a slice is a number other than 0");
        }

        var target = input.IsTruthy ? input : Value.Of(new ArrayValue([]));
        var length = Operations.Member(target, "length");
        var zero = Value.Of(0);
        var forwards = operations.Order(step, zero) >= 0;
        (start, stop) = Bounds(start, stop, length, forwards, operations);

        var parts = new List<Value>();
        for (var index = start; Within(index, zero, length, operations); index = operations.Add(index, step))
        {
            if (forwards ? operations.Order(index, stop) >= 0 : operations.Order(index, stop) <= 0)
            {
                break;
            }

            var part = Operations.Member(target, operations.ToText(index));
            Operations.RefuseCallable(part);
            operations.Budget.CheckElements(parts.Count + 1);
            parts.Add(part);
        }

        return Value.Of(new ArrayValue(parts));
    }

    /// <summary>Null bounds are the ends; negative ones count from the end, once and unclamped.</summary>
    private static (Value Start, Value Stop) Bounds(Value start, Value stop, Value length, bool forwards, Operations operations)
    {
        var zero = Value.Of(0);
        if (start.Kind == ValueKind.Null)
        {
            start = forwards ? zero : Value.Of(operations.ToNumber(length) - 1);
        }

        if (stop.Kind == ValueKind.Null)
        {
            stop = forwards ? length : Value.Of(-1);
        }
        else if (operations.Order(stop, zero) < 0)
        {
            stop = operations.Add(stop, length);
        }

        return (operations.Order(start, zero) < 0 ? operations.Add(start, length) : start, stop);
    }

    /// <summary>An index that is no number is not outside either; the list's bound on elements ends that.</summary>
    private static bool Within(Value index, Value zero, Value length, Operations operations) =>
        !(operations.Order(index, zero) < 0) && !(operations.Order(index, length) > 0);
}
