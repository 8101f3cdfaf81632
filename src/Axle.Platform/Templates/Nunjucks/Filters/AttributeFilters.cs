namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Filters that look at a member of each element.</summary>
internal static class AttributeFilters
{
    public static Filter[] All { get; } =
    [
        new("groupby", [], GroupBy),
        new("join", [], Join),
        new("rejectattr", [], call => SelectBy(call, wanted: false)),
        new("selectattr", [], call => SelectBy(call, wanted: true)),
        new("sort", ["reverse", "case_sensitive", "attribute"], Sort),
        new("sum", [], Sum),
    ];

    private static Value Join(FilterCall call)
    {
        var separator = call[0].IsTruthy ? call.Operations.ToText(call[0]) : "";
        return Value.Of(call.Operations.Joined(new ArrayValue(Projected(call, call[1], "join")), separator));
    }

    private static Value Sum(FilterCall call)
    {
        var sum = Value.Of(0);
        foreach (var item in Projected(call, call[0], "sum"))
        {
            sum = call.Operations.Add(sum, item);
        }

        return call.Operations.Add(call[1].IsUndefined ? Value.Of(0) : call[1], sum);
    }

    private static Value GroupBy(FilterCall call)
    {
        if (call.Input.IsNullish)
        {
            throw TemplateFault.Evaluation($"the filter 'groupby' needs a list, not {call.Input.Described}");
        }

        var path = Path(call[0], call.Operations);
        var groups = new Dictionary<string, List<Value>>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var item in Sequences.Indexed(call.Input, call.Operations) ?? [])
        {
            var key = Allowed(call.Operations.ToText(AtPath(item, path)));
            call.Budget.ChargeText(key.Length);
            if (!groups.TryGetValue(key, out var group))
            {
                groups[key] = group = [];
                order.Add(key);
            }

            group.Add(item);
        }

        return Value.Of(new RecordValue(order.Select(key => KeyValuePair.Create(key, Value.Of(new ArrayValue(groups[key]))))));
    }

    private static Value SelectBy(FilterCall call, bool wanted)
    {
        if (call.Input.Kind != ValueKind.Array)
        {
            throw TemplateFault.Evaluation($"this filter is for lists, not for {call.Input.Described}");
        }

        var name = Allowed(call.Operations.ToText(call[0]));
        return Value.Of(new ArrayValue([.. call.Input.Array.Items.Where(item => Attribute(item, name).IsTruthy == wanted)]));
    }

    private static Value Sort(FilterCall call)
    {
        var (reverse, respectsCase, path) = (call[0].IsTruthy, call[1].IsTruthy, Path(call[2], call.Operations));
        var operations = call.Operations;
        var items = Sequences.Mapped(call.Input, operations) ?? [];
        return Value.Of(new ArrayValue(JsSort.Sorted(items, item => item.IsUndefined, (left, right) =>
        {
            var (first, second) = (AtPath(left, path), AtPath(right, path));
            if (!respectsCase && first.IsText && second.IsText)
            {
                operations.Budget.ChargeText((long)first.Text.Length + second.Text.Length);
                (first, second) = (Value.Of(JsText.ToLower(first.Text)), Value.Of(JsText.ToLower(second.Text)));
            }

            var order = operations.Order(first, second);
            return double.IsNaN(order) ? 0 : reverse ? -(int)order : (int)order;
        })));
    }

    /// <summary>The elements, or one member of each; only with a member may it be something else than a list.</summary>
    private static List<Value> Projected(FilterCall call, Value attribute, string filter)
    {
        if (!attribute.IsTruthy)
        {
            return call.Input.Kind == ValueKind.Array ? [.. call.Input.Array.Items] : throw TemplateFault.Evaluation($"the filter '{filter}' is for lists, not for {call.Input.Described}");
        }

        var name = Allowed(call.Operations.ToText(attribute));
        var items = call.Input.Kind switch
        {
            ValueKind.SafeText when call.Input.Text.Length > 0 => throw TemplateFault.Evaluation("the characters of a safe text have no members"),
            ValueKind.SafeText => [],
            _ => Sequences.Mapped(call.Input, call.Operations) ?? [],
        };
        return [.. items.Select(item => Attribute(item, name))];
    }

    private static Value Attribute(Value item, string name) =>
        item.IsNullish ? throw TemplateFault.Evaluation($"{item.Described} has no member '{name}'") : Operations.Member(item, name);

    /// <summary>A text is a path with dots; anything else truthy is one name.</summary>
    private static string[] Path(Value attribute, Operations operations)
    {
        if (!attribute.IsTruthy)
        {
            return [];
        }

        var path = attribute.Kind == ValueKind.Text ? attribute.Text.Split('.') : [operations.ToText(attribute)];
        return Array.ConvertAll(path, Allowed);
    }

    /// <summary>A member that is missing ends the path; one that is there without a value is a mistake to look into.</summary>
    private static Value AtPath(Value item, string[] path)
    {
        foreach (var name in path)
        {
            var value = Attribute(item, name);
            if (!Operations.HasMember(item, name))
            {
                return Value.Undefined;
            }

            item = value;
        }

        return item;
    }

    private static string Allowed(string name) => Names.IsReserved(name) ? throw TemplateFault.Evaluation($"the name '{name}' is reserved") : name;
}
