namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Filters for lists, and for what can pass for one.</summary>
internal static class ListFilters
{
    public static Filter[] All { get; } =
    [
        new("batch", [], Batch),
        new("dictsort", [], DictSort),
        new("first", [], call => Edge(call, last: false)),
        new("last", [], call => Edge(call, last: true)),
        new("length", [], call => Length(call.Input)),
        new("list", [], call => Value.Of(AsList(call))),
        new("random", [], Random),
        new("reject", [], call => Select(call, wanted: false)),
        new("reverse", [], Reverse),
        new("select", [], call => Select(call, wanted: true)),
        new("slice", [], Slice),
    ];

    /// <summary>Rows of this width, the last one filled up where there is something to fill with.</summary>
    private static Value Batch(FilterCall call)
    {
        RefuseNullish(call);
        var width = PositiveWhole(call, "the width of 'batch'");
        var rows = new List<Value>();
        var row = new List<Value>();
        foreach (var item in Sequences.Indexed(call.Input, call.Operations) ?? [])
        {
            row.Add(item);
            if (row.Count == width)
            {
                rows.Add(Value.Of(new ArrayValue(row)));
                row = [];
            }
        }

        if (row.Count > 0)
        {
            if (call[1].IsTruthy)
            {
                call.Budget.CheckElements(width);
                row.AddRange(Enumerable.Repeat(call[1], (int)width - row.Count));
            }

            rows.Add(Value.Of(new ArrayValue(row)));
        }

        return Value.Of(new ArrayValue(rows));
    }

    /// <summary>This many columns, as even as can be; the shorter ones filled where there is something to fill with.</summary>
    private static Value Slice(FilterCall call)
    {
        var items = Sequences.Elements(call.Input, call.Budget) ?? throw TemplateFault.Evaluation($"the filter 'slice' is for lists and texts, not for {call.Input.Described}");
        var count = PositiveWhole(call, "the number of slices");
        call.Budget.CheckElements(count);
        call.Budget.Charge((int)count);
        var columns = new List<Value>();
        var taken = 0;
        for (var i = 0; i < count; i++)
        {
            var extra = i < items.Count % count;
            var size = (int)Math.Floor(items.Count / count) + (extra ? 1 : 0);
            var fills = call[1].IsTruthy && !extra;
            if (call.Input.IsText)
            {
                columns.Add(fills ? throw TemplateFault.Evaluation("slices of a text cannot be filled up") : Value.Of(call.Input.Text.Substring(taken, size)));
            }
            else
            {
                columns.Add(Value.Of(new ArrayValue([.. items.Skip(taken).Take(size), .. fills ? [call[1]] : Array.Empty<Value>()])));
            }

            taken += size;
        }

        return Value.Of(new ArrayValue(columns));
    }

    /// <summary>The pairs of a record, by name or by value.</summary>
    private static Value DictSort(FilterCall call)
    {
        if (call.Input.Kind != ValueKind.Record)
        {
            throw TemplateFault.Evaluation($"the filter 'dictsort' is for records, not for {call.Input.Described}");
        }

        var byValue = call[1] switch
        {
            { IsUndefined: true } or { Kind: ValueKind.Text, Text: "key" } => false,
            { Kind: ValueKind.Text, Text: "value" } => true,
            _ => throw TemplateFault.Evaluation("the filter 'dictsort' sorts by 'key' or by 'value'"),
        };
        var respectsCase = call[0].IsTruthy;
        var operations = call.Operations;
        var sorted = JsSort.Sorted(call.Input.Record.Entries, _ => false, (left, right) =>
        {
            var (first, second) = byValue ? (left.Value, right.Value) : (Value.Of(left.Key), Value.Of(right.Key));
            (first, second) = respectsCase ? (first, second) : (Upper(first), Upper(second));
            return operations.Order(first, second) > 0 ? 1 : operations.StrictlyEqual(first, second) ? 0 : -1;
        });
        return Value.Of(new ArrayValue([.. sorted.Select(entry => Value.Of(new ArrayValue([Value.Of(entry.Key), entry.Value])))]));

        Value Upper(Value value)
        {
            operations.Budget.ChargeText(value.IsText ? value.Text.Length : 0);
            return value.IsText ? Value.Of(JsText.ToUpper(value.Text)) : value;
        }
    }

    private static Value Edge(FilterCall call, bool last)
    {
        RefuseNullish(call);
        var input = call.Input;
        return input.Kind switch
        {
            ValueKind.Array => input.Array[last ? input.Array.Count - 1 : 0],
            ValueKind.Text or ValueKind.SafeText => input.Text.Length == 0 ? Value.Undefined : Value.Of((last ? input.Text[^1] : input.Text[0]).ToString()),
            ValueKind.Record => input.Record[last ? JsNumber.ToText(call.Operations.ToNumber(input.Record["length"]) - 1) : "0"],
            _ => Value.Undefined,
        };
    }

    private static Value Length(Value input) => input.Kind switch
    {
        ValueKind.Array => Value.Of(input.Array.Count),
        ValueKind.Record => Value.Of(input.Record.Count),
        ValueKind.Text or ValueKind.SafeText => Value.Of(input.Text.Length),
        ValueKind.Undefined or ValueKind.Null => Value.Of(0),
        ValueKind.Boolean when !input.Boolean => Value.Of(0),
        _ => Value.Undefined,
    };

    private static ArrayValue AsList(FilterCall call) => call.Input.Kind switch
    {
        ValueKind.Array => call.Input.Array,
        ValueKind.Record => new([.. call.Input.Record.Entries.Select(entry => Value.Of(new RecordValue([new("key", Value.Of(entry.Key)), new("value", entry.Value)])))]),
        _ => new(Sequences.Elements(call.Input, call.Budget) ?? throw TemplateFault.Evaluation($"{call.Input.Described} cannot become a list")),
    };

    /// <summary>Anyone; for choices that matter to nobody's safety.</summary>
    private static Value Random(FilterCall call)
    {
        RefuseNullish(call);
        if (call.Input.Kind == ValueKind.Record)
        {
            var length = call.Operations.ToNumber(call.Input.Record["length"]);
            return call.Input.Record[JsNumber.ToText(Math.Floor(System.Random.Shared.NextDouble() * length))];
        }

        return Sequences.Elements(call.Input, call.Budget) is { Count: > 0 } items ? items[System.Random.Shared.Next(items.Count)] : Value.Undefined;
    }

    private static Value Reverse(FilterCall call)
    {
        if (call.Input.IsText)
        {
            var characters = call.Input.Text.ToCharArray();
            Array.Reverse(characters);
            return call.Like(new string(characters));
        }

        var items = Sequences.Mapped(call.Input, call.Operations) ?? [];
        items.Reverse();
        return Value.Of(new ArrayValue(items));
    }

    /// <summary>The elements that pass a test, or those that do not.</summary>
    private static Value Select(FilterCall call, bool wanted)
    {
        var test = ValueTests.Find(call[0].IsUndefined ? "truthy" : call.Operations.ToText(call[0]));
        RefuseNullish(call);
        if (Sequences.Present(call.Input, call.Operations) is not { } items)
        {
            return Value.Of(new ArrayValue([]));
        }

        if (Math.Max(0, call.Arguments.Count - 1) != test.Arguments)
        {
            throw TemplateFault.Evaluation($"this test takes {test.Arguments} arguments");
        }

        var (argument, operations) = (call[1], call.Operations);
        return Value.Of(new ArrayValue([.. items.Where(item => test.Holds(item, argument, operations) == wanted)]));
    }

    private static double PositiveWhole(FilterCall call, string what)
    {
        var number = Math.Truncate(call.Operations.ToNumber(call[0]));
        return number is > 0 and <= 9007199254740991 ? number : throw TemplateFault.Evaluation($"{what} is a whole number above 0");
    }

    private static void RefuseNullish(FilterCall call)
    {
        if (call.Input.IsNullish)
        {
            throw TemplateFault.Evaluation($"this filter needs a list, not {call.Input.Described}");
        }
    }
}
