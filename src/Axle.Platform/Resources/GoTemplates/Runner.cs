using System.Text;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>One run of a template.</summary>
internal sealed class Runner(IReadOnlyDictionary<string, IReadOnlyList<Node>> templates, Work work)
{
    private readonly StringBuilder _output = new();
    private List<(string Name, object? Value)> _variables = [];
    private int _depth;

    private enum After
    {
        Next,
        Continue,
        Break,
    }

    public string Run(object? dot)
    {
        Template("", dot);
        return _output.ToString();
    }

    private void Template(string name, object? dot)
    {
        var outer = _variables;
        _variables = [("$", dot)];
        Walk(templates[name], dot);
        _variables = outer;
    }

    private After Walk(IReadOnlyList<Node> nodes, object? dot)
    {
        foreach (var node in nodes)
        {
            var after = Walk(node, dot);
            if (after != After.Next)
            {
                return after;
            }
        }

        return After.Next;
    }

    private After Walk(Node node, object? dot)
    {
        At(node.At, () => work.Spend());
        switch (node)
        {
            case TextNode text:
                At(text.At, () => Print(text.Text));
                return After.Next;
            case ActionNode action:
                var value = Evaluate(action.Pipeline, dot);
                if (action.Pipeline.Variables.Count == 0)
                {
                    At(action.At, () => Print(value is null ? "<no value>" : GoFormat.Text(value, work)));
                }

                return After.Next;
            case IfNode choice:
                return Scoped(node.At, () => Walk(GoValues.Truth(Evaluate(choice.Pipeline, dot)) ? choice.Then : choice.Else, dot));
            case WithNode with:
                return Scoped(node.At, () => Evaluate(with.Pipeline, dot) is var inner && GoValues.Truth(inner) ? Walk(with.Then, inner) : Walk(with.Else, dot));
            case RangeNode range:
                return Scoped(node.At, () => Range(range, dot));
            case CallNode call:
                Call(call, dot);
                return After.Next;
            case LeaveNode leave:
                return leave.Continue ? After.Continue : After.Break;
            default:
                throw new InvalidOperationException($"A {node.GetType().Name} cannot be run.");
        }
    }

    private void Call(CallNode call, object? dot)
    {
        Deeper(call.At);
        Template(call.Name, call.Pipeline is null ? null : Evaluate(call.Pipeline, dot));
        _depth--;
    }

    private After Range(RangeNode range, object? dot)
    {
        var mark = _variables.Count;
        var value = Evaluate(range.Pipeline, dot, declares: false);
        var items = At(range.At, () => Items(value));
        var any = false;
        foreach (var (key, item) in items)
        {
            any = true;
            At(range.At, () => work.Spend());
            SetRangeVariables(range.Pipeline, key, item);
            var after = Walk(range.Body, item);
            _variables.RemoveRange(mark, _variables.Count - mark);
            if (after == After.Break)
            {
                return After.Next;
            }
        }

        return any ? After.Next : Walk(range.Else, dot);
    }

    // One variable is the item; of two, the first is the index or key.
    private void SetRangeVariables(Pipeline pipeline, object? key, object? item)
    {
        if (pipeline.Variables is [.., var last])
        {
            Set(pipeline, last, item);
        }

        if (pipeline.Variables is [var first, _])
        {
            Set(pipeline, first, key);
        }
    }

    private static IEnumerable<(object? Key, object? Item)> Items(object? value) => value switch
    {
        null => [],
        GoList list => list.ToArray().Select((item, i) => ((object?)(long)i, item)),
        GoMap map => map.Sorted.ToArray().Select(key => ((object?)key, map.GetValueOrDefault(key))),
        long count => Enumerable.Range(0, (int)Math.Clamp(count, 0, Work.StepsMax + 1)).Select(i => ((object?)(long)i, (object?)(long)i)),
        _ => throw new TemplateException($"range goes over lists, mappings and numbers, and this is a {GoValues.TypeOf(value)}"),
    };

    private After Scoped(int at, Func<After> inner)
    {
        Deeper(at);
        var mark = _variables.Count;
        var after = inner();
        _depth--;
        _variables.RemoveRange(mark, _variables.Count - mark);
        return after;
    }

    private object? Evaluate(Pipeline pipeline, object? dot, bool declares = true)
    {
        object? value = null;
        for (var i = 0; i < pipeline.Commands.Count; i++)
        {
            value = Evaluate(pipeline.Commands[i], dot, piped: i > 0, value);
        }

        foreach (var name in declares ? pipeline.Variables : [])
        {
            Set(pipeline, name, value);
        }

        return value;
    }

    private void Set(Pipeline pipeline, string name, object? value)
    {
        if (!pipeline.Sets)
        {
            _variables.Add((name, value));
            return;
        }

        _variables[Find(name, pipeline.At)] = (name, value);
    }

    private int Find(string name, int at)
    {
        for (var i = _variables.Count - 1; i >= 0; i--)
        {
            if (_variables[i].Name == name)
            {
                return i;
            }
        }

        throw new TemplateException($"the variable {name} has no value on this way", at);
    }

    private object? Evaluate(GoCommand command, object? dot, bool piped, object? value)
    {
        if (command.Operands[0] is FunctionOperand function)
        {
            return Invoke(function, command.Operands, dot, piped, value);
        }

        if (piped || command.Operands.Count > 1)
        {
            throw new TemplateException("this is a value and no function: it takes no arguments", command.At);
        }

        return Evaluate(command.Operands[0], dot);
    }

    private object? Evaluate(Operand operand, object? dot)
    {
        At(operand.At, () => work.Spend());
        return operand switch
        {
            DotOperand => dot,
            LiteralOperand literal => literal.Value,
            FieldOperand field => Fields(dot, field.Fields, field.At),
            VariableOperand variable => Fields(_variables[Find(variable.Name, variable.At)].Value, variable.Fields, variable.At),
            GroupOperand group => Fields(Group(group, dot), group.Fields, group.At),
            FunctionOperand function => Invoke(function, [function], dot, piped: false, null),
            _ => throw new InvalidOperationException($"A {operand.GetType().Name} has no value."),
        };
    }

    private object? Group(GroupOperand group, object? dot)
    {
        Deeper(group.At);
        var value = Evaluate(group.Pipeline, dot);
        _depth--;
        return value;
    }

    // Blocks, parentheses and calls together: what bounds this machine's stack.
    private void Deeper(int at)
    {
        if (++_depth > Work.RunDepthMax)
        {
            throw new TemplateException($"templates, blocks and parentheses run deeper than {Work.RunDepthMax}", at);
        }
    }

    private object? Invoke(FunctionOperand operand, IReadOnlyList<Operand> operands, object? dot, bool piped, object? last)
    {
        var function = operand.Function;
        var count = operands.Count - 1 + (piped ? 1 : 0);
        if (count < function.Least || count > function.Most)
        {
            throw new TemplateException($"{function.Name} takes {function.Takes}, and has {count} here", operand.At);
        }

        var arguments = new List<object?>(count);
        for (var i = 1; i <= count; i++)
        {
            arguments.Add(i < operands.Count ? Evaluate(operands[i], dot) : last);

            // "and" and "or" look no further than they must.
            if (function.StopsAt is { } stopsAt && GoValues.Truth(arguments[^1]) == stopsAt)
            {
                return arguments[^1];
            }
        }

        return At(operand.At, () => function.Call(arguments, work));
    }

    private static object? Fields(object? value, IReadOnlyList<string> fields, int at)
    {
        foreach (var name in fields)
        {
            value = value switch
            {
                GoMap map => map.GetValueOrDefault(name),
                GoStruct known => known.Fields.TryGetValue(name, out var field)
                    ? field
                    : throw new TemplateException($"there is no .{Workloads.Field.Shorten(name)} here; there are {string.Join(", ", known.Fields.Keys.Select(key => "." + key))}", at),
                null => null,
                _ => throw new TemplateException($"a {GoValues.TypeOf(value)} has no .{Workloads.Field.Shorten(name)}", at),
            };
        }

        return value;
    }

    private void Print(string text)
    {
        work.SpendText((long)_output.Length + text.Length > Work.TextMax ? Work.TextMax + 1 : text.Length);
        _output.Append(text);
    }

    private static void At(int at, Action act) => At(at, () =>
    {
        act();
        return true;
    });

    // Functions and values do not know where in the template they are used.
    private static T At<T>(int at, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (TemplateException e) when (e.At == TemplateException.Nowhere)
        {
            throw new TemplateException(e.Message, at);
        }
    }
}
