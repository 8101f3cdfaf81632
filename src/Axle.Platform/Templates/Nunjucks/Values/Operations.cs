namespace Axle.Platform.Templates.Nunjucks;

/// <summary>JavaScript's conversions, comparisons and operators on <see cref="Value"/>s, charged to a budget.</summary>
internal sealed class Operations(Budget budget)
{
    public Budget Budget => budget;

    /// <summary>What is written into the output: nothing for undefined and null, else the text.</summary>
    public string Render(Value value) => value.IsNullish ? "" : ToText(value);

    /// <summary>As <c>String(value)</c>.</summary>
    public string ToText(Value value) => value.Kind switch
    {
        ValueKind.Undefined => "undefined",
        ValueKind.Null => "null",
        ValueKind.Boolean => value.Boolean ? "true" : "false",
        ValueKind.Number => JsNumber.ToText(value.Number),
        ValueKind.Text or ValueKind.SafeText => value.Text,
        ValueKind.Array => Joined(value.Array, ","),
        ValueKind.Record => RefuseCallable(value, "[object Object]"),
        ValueKind.Pattern => value.Pattern.ToString(),
        _ => throw TemplateFault.Evaluation("a function cannot be used as a text"),
    };

    /// <summary>As <c>Number(value)</c>.</summary>
    public double ToNumber(Value value) => value.Kind switch
    {
        ValueKind.Undefined => double.NaN,
        ValueKind.Null => 0,
        ValueKind.Boolean or ValueKind.Number => value.Number,
        ValueKind.Text or ValueKind.SafeText => TextToNumber(value.Text),
        _ => TextToNumber(ToText(value)),
    };

    /// <summary>A whole number or an infinity; 0 for what is no number.</summary>
    public double ToInteger(Value value) => JsNumber.ToInteger(ToNumber(value));

    /// <summary>As <c>array.join(separator)</c>: undefined and null are empty there.</summary>
    public string Joined(ArrayValue array, string separator)
    {
        if (array.HasCallable)
        {
            throw TemplateFault.Evaluation("a function cannot be used as a text");
        }

        budget.Enter();
        budget.Charge(array.Count);
        var text = new TextBuilder(budget);
        for (var i = 0; i < array.Count; i++)
        {
            text.Append(i == 0 ? "" : separator).Append(Render(array[i]));
        }

        budget.Leave();
        return text.ToString();
    }

    /// <summary>As <c>left + right</c>.</summary>
    public Value Add(Value left, Value right)
    {
        if (left.Kind < ValueKind.Text && right.Kind < ValueKind.Text)
        {
            return Value.Of(ToNumber(left) + ToNumber(right));
        }

        return Concatenate(left, right);
    }

    public Value Concatenate(Value left, Value right)
    {
        var (first, second) = (ToText(left), ToText(right));
        budget.ChargeText((long)first.Length + second.Length);
        return Value.Of(first + second);
    }

    /// <summary>As <c>left === right</c>.</summary>
    public bool StrictlyEqual(Value left, Value right)
    {
        if (left.Kind == ValueKind.Text && right.Kind == ValueKind.Text && left.Text.Length == right.Text.Length)
        {
            budget.ChargeText(left.Text.Length);
        }

        return Value.StrictlyEqual(left, right);
    }

    /// <summary>As <c>left == right</c>.</summary>
    public bool LooselyEqual(Value left, Value right)
    {
        if (StrictlyEqual(left, right))
        {
            return true;
        }

        if (!left.IsPrimitive || !right.IsPrimitive)
        {
            return (left.IsPrimitive || right.IsPrimitive) && PrimitivesEqual(ToPrimitive(left), ToPrimitive(right));
        }

        return PrimitivesEqual(left, right);
    }

    /// <summary>Below, above or equal; NaN where JavaScript says that none of the three holds.</summary>
    public double Order(Value left, Value right)
    {
        budget.Charge();
        var (first, second) = (ToPrimitive(left), ToPrimitive(right));
        if (first.Kind == ValueKind.Text && second.Kind == ValueKind.Text)
        {
            budget.ChargeText(Math.Min(first.Text.Length, second.Text.Length));
            return Math.Sign(string.CompareOrdinal(first.Text, second.Text));
        }

        var (a, b) = (ToNumber(first), ToNumber(second));
        return a < b ? -1 : a > b ? 1 : a == b ? 0 : double.NaN;
    }

    /// <summary>The language's <c>in</c>.</summary>
    public bool Contains(Value container, Value needle)
    {
        switch (container.Kind)
        {
            case ValueKind.Text:
                budget.ChargeText(container.Text.Length);
                return container.Text.Contains(ToText(needle), StringComparison.Ordinal);

            // A safe text is an object, whose members are asked.
            case ValueKind.SafeText:
                return ToText(needle) is "length" or "val";

            case ValueKind.Array:
                budget.Charge(container.Array.Count);
                return container.Array.Items.Any(item => StrictlyEqual(item, needle));

            case ValueKind.Record:
                return container.Record.Has(ToText(needle));

            default:
                throw TemplateFault.Evaluation($"'in' looks into texts, lists and records, not into {container.Described}");
        }
    }

    /// <summary>A member that is data; methods are not looked up here.</summary>
    public static Value Member(Value target, string name) => target.Kind switch
    {
        ValueKind.Record => target.Record[name],
        ValueKind.Array => name == "length" ? Value.Of(target.Array.Count) : target.Array[IndexOf(name)],
        ValueKind.Text => MemberOfText(target.Text, name),
        ValueKind.SafeText => name == "val" ? Value.Of(target.Text) : MemberOfText(target.Text, name),
        _ => Value.Undefined,
    };

    /// <summary>Whether <see cref="Member"/> has something there, be it undefined.</summary>
    public static bool HasMember(Value target, string name) => target.Kind switch
    {
        ValueKind.Record => target.Record.Has(name),
        ValueKind.Array => name == "length" || IndexOf(name) is >= 0 and var index && index < target.Array.Count,
        ValueKind.Text or ValueKind.SafeText => name == "length" || (name == "val" && target.Kind == ValueKind.SafeText) || (IndexOf(name) is >= 0 and var index && index < target.Text.Length),
        _ => false,
    };

    public static void RefuseCallable(Value value)
    {
        if (value.HasCallable)
        {
            throw TemplateFault.Evaluation("a function can be called, and passed to a macro, and nothing else");
        }
    }

    private static string RefuseCallable(Value value, string text)
    {
        RefuseCallable(value);
        return text;
    }

    private Value ToPrimitive(Value value) => value.IsPrimitive ? value : Value.Of(ToText(value));

    private double TextToNumber(string text)
    {
        budget.ChargeText(text.Length);
        return JsNumber.FromText(text);
    }

    private bool PrimitivesEqual(Value left, Value right)
    {
        if (left.IsNullish || right.IsNullish)
        {
            return left.IsNullish && right.IsNullish;
        }

        return left.Kind == right.Kind ? Value.StrictlyEqual(left, right) : ToNumber(left) == ToNumber(right);
    }

    private static Value MemberOfText(string text, string name) =>
        name == "length" ? Value.Of(text.Length)
        : IndexOf(name) is >= 0 and var index && index < text.Length ? Value.Of(text[index].ToString())
        : Value.Undefined;

    /// <summary>The number that this name is the canonical spelling of, or -1.</summary>
    private static int IndexOf(string name)
    {
        if (name.Length is 0 or > 9 || (name[0] == '0' && name.Length > 1))
        {
            return -1;
        }

        var index = 0;
        foreach (var character in name)
        {
            if (!char.IsAsciiDigit(character))
            {
                return -1;
            }

            index = (index * 10) + character - '0';
        }

        return index;
    }
}
