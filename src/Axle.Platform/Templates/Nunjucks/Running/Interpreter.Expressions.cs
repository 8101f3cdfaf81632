namespace Axle.Platform.Templates.Nunjucks;

/// <content>Expressions and calls.</content>
internal sealed partial class Interpreter
{
    private readonly Dictionary<string, Value> _globals = new(StringComparer.Ordinal);

    private Value Evaluate(Expression expression, Place place)
    {
        Position = expression.Position;
        _budget.Enter();
        var value = expression switch
        {
            Symbol symbol => symbol.Slot is { } slot ? place.Frame[slot] : Named(symbol.Name, place),
            Literal literal => literal.Value,
            Member member => Evaluate(member, place),
            Filtered filtered => Evaluate(filtered, place),
            Call call => Evaluate(call, place),
            Comparison comparison => Evaluate(comparison, place),
            Conditional conditional => Evaluate(conditional, place),
            Binary binary => Evaluate(binary, place),
            Unary unary => Evaluate(unary, place),
            And and => Evaluate(and.Left, place) is { IsTruthy: false } left ? left : Evaluate(and.Right, place),
            Or or => Evaluate(or.Left, place) is { IsTruthy: true } left ? left : Evaluate(or.Right, place),
            Test test => Value.Of(Evaluate(test, place)),
            Membership membership => Evaluate(membership, place),
            ArrayLiteral array => Value.Of(new ArrayValue(All(array.Items, place))),
            RecordLiteral record => Value.Of(new RecordValue(All(record.Members, place))),
            Slice slice => Evaluate(slice, place),
            Group group => Evaluate(group, place),
            Capture capture => Value.Of(Captured(capture.Body, place)),
            PatternLiteral pattern => Value.Of(new PatternValue(pattern.Pattern)),
            _ => throw new InvalidOperationException($"There is an expression {expression.GetType().Name} that no rule evaluates."),
        };
        _budget.Leave();
        return value;
    }

    private List<Value> All(IReadOnlyList<Expression> expressions, Place place)
    {
        _budget.CheckElements(expressions.Count);
        var values = new List<Value>(expressions.Count);
        foreach (var expression in expressions)
        {
            values.Add(Evaluate(expression, place));
        }

        return values;
    }

    private List<KeyValuePair<string, Value>> All(IReadOnlyList<NamedExpression> expressions, Place place)
    {
        _budget.CheckElements(expressions.Count);
        var values = new List<KeyValuePair<string, Value>>(expressions.Count);
        foreach (var (name, expression) in expressions)
        {
            values.Add(new(name, Evaluate(expression, place)));
        }

        return values;
    }

    /// <summary>A name that is no slot: of the template, of its values, or of the language.</summary>
    private Value Named(string name, Place place)
    {
        if (place.Scope.TryGet(name, out var value))
        {
            return value;
        }

        if (_cookiecutter && name is "True" or "False" or "None")
        {
            return name == "None" ? Value.Null : Value.Of(name == "True");
        }

        if (!_globals.TryGetValue(name, out value))
        {
            value = _capabilities.Global(name) is { } capability ? Value.Of(new CapabilityCallable(name, capability)) : BuiltInGlobals.Find(name, _operations);
            _globals[name] = value;
        }

        return value;
    }

    private Value Evaluate(Member member, Place place)
    {
        var target = Evaluate(member.Target, place);
        var key = Evaluate(member.Key, place);
        Position = member.Position;
        var name = _operations.ToText(key);
        _budget.ChargeText(name.Length);
        if (target.Kind == ValueKind.Callable)
        {
            return target.Callable is CyclerCallable cycler ? cycler.Member(name) : Value.Undefined;
        }

        // A member that is there hides a method of the same name, even when it is undefined.
        var value = Operations.Member(target, name);
        if (value.Kind == ValueKind.Callable)
        {
            return Value.Of(value.Callable.Alias());
        }

        return value.IsUndefined && !Operations.HasMember(target, name) && MethodTable.Find(target, name, _cookiecutter) is { } method
            ? Value.Of(new BuiltInCallable(name, method.ArgumentsMin, method.ArgumentsMax, arguments => method.Invoke(new MethodCall(target, arguments, _operations, _cookiecutter))))
            : value;
    }

    private Value Evaluate(Conditional conditional, Place place) =>
        Evaluate(conditional.Condition, place).IsTruthy ? Evaluate(conditional.Body, place)
        : conditional.Otherwise is { } otherwise ? Evaluate(otherwise, place)
        : Value.EmptyText;

    private Value Evaluate(Group group, Place place)
    {
        var values = All(group.Items, place);
        for (var i = 0; i < values.Count - 1; i++)
        {
            Operations.RefuseCallable(values[i]);
        }

        return values[^1];
    }

    private Value Evaluate(Unary unary, Place place)
    {
        var operand = Evaluate(unary.Operand, place);
        Position = unary.Position;
        return unary.Operator switch
        {
            UnaryOperator.Not => Value.Of(!operand.IsTruthy),
            UnaryOperator.Minus => Value.Of(-_operations.ToNumber(operand)),
            UnaryOperator.Plus => Value.Of(_operations.ToNumber(operand)),
            _ => Value.Of(Math.Floor(_operations.ToNumber(operand))),
        };
    }

    private Value Evaluate(Binary binary, Place place)
    {
        var (left, right) = (Evaluate(binary.Left, place), Evaluate(binary.Right, place));
        Position = binary.Position;
        return binary.Operator switch
        {
            BinaryOperator.Add => _operations.Add(left, right),
            BinaryOperator.Concatenate => _operations.Concatenate(left, right),
            _ => Value.Of(Calculated(binary.Operator, _operations.ToNumber(left), _operations.ToNumber(right))),
        };
    }

    private static double Calculated(BinaryOperator @operator, double left, double right) => @operator switch
    {
        BinaryOperator.Subtract => left - right,
        BinaryOperator.Multiply => left * right,
        BinaryOperator.Divide => left / right,
        BinaryOperator.Remainder => left % right,
        _ => JsNumber.Power(left, right),
    };

    private Value Evaluate(Comparison comparison, Place place)
    {
        var left = Evaluate(comparison.First, place);
        foreach (var (@operator, expression) in comparison.Links)
        {
            var right = Evaluate(expression, place);
            Position = comparison.Position;
            left = Value.Of(@operator switch
            {
                ComparisonOperator.Equal => _operations.LooselyEqual(left, right),
                ComparisonOperator.NotEqual => !_operations.LooselyEqual(left, right),
                ComparisonOperator.StrictlyEqual => _operations.StrictlyEqual(left, right),
                ComparisonOperator.StrictlyNotEqual => !_operations.StrictlyEqual(left, right),
                ComparisonOperator.Less => _operations.Order(left, right) < 0,
                ComparisonOperator.LessOrEqual => _operations.Order(left, right) <= 0,
                ComparisonOperator.Greater => _operations.Order(left, right) > 0,
                _ => _operations.Order(left, right) >= 0,
            });
        }

        return left;
    }

    private Value Evaluate(Membership membership, Place place)
    {
        var (needle, container) = (Evaluate(membership.Needle, place), Evaluate(membership.Container, place));
        Position = membership.Position;
        return Value.Of(_operations.Contains(container, needle));
    }

    private bool Evaluate(Test test, Place place)
    {
        Position = test.Position;
        var rule = ValueTests.Find(test.Name);
        if (test.Arguments is { Named.Count: > 0 } || (test.Arguments?.Positional.Count ?? 0) != rule.Arguments)
        {
            throw TemplateFault.Evaluation($"the test '{test.Name}' takes {rule.Arguments} arguments");
        }

        var subject = Evaluate(test.Subject, place);
        var argument = rule.Arguments == 0 ? Value.Undefined : Evaluate(test.Arguments!.Positional[0], place);
        Position = test.Position;
        return rule.Holds(subject, argument, _operations);
    }

    private Value Evaluate(Slice slice, Place place)
    {
        var target = Evaluate(slice.Target, place);
        var (start, stop, step) = (Evaluate(slice.Start, place), Evaluate(slice.Stop, place), Evaluate(slice.Step, place));
        Position = slice.Position;
        return Slicing.Of(target, start, stop, step, _operations);
    }

    private Value Evaluate(Filtered filtered, Place place)
    {
        Position = filtered.Position;
        var capability = _capabilities.Filter(filtered.Name);
        var rule = capability is null ? FilterTable.Find(filtered.Name, _cookiecutter) : null;
        if (capability is not null && filtered.Arguments.Named.Count > 0)
        {
            throw TemplateFault.Evaluation($"the filter '{filtered.Name}' takes no named arguments");
        }

        var input = Evaluate(filtered.Input, place);
        var arguments = All(filtered.Arguments.Positional, place);
        var named = All(filtered.Arguments.Named, place);
        Position = filtered.Position;
        Operations.RefuseCallable(input);
        RefuseCallables(arguments);
        if (capability is not null)
        {
            return Invoke(filtered.Name, capability, [input, .. arguments]);
        }

        RefuseCallables(named.Select(entry => entry.Value));
        return rule!.Apply(input, arguments, named, _operations);
    }

    private Value Evaluate(Call call, Place place)
    {
        var target = Evaluate(call.Target, place);
        Position = call.Position;
        var callable = target.Kind == ValueKind.Callable ? target.Callable : throw TemplateFault.Evaluation($"{Described(call.Target)} is {target.Described} and cannot be called");
        if (callable is MacroCallable macro)
        {
            return Invoke(macro, All(call.Arguments.Positional, place), All(call.Arguments.Named, place));
        }

        if (callable is CyclerCallable || call.Arguments.Named.Count > 0)
        {
            throw TemplateFault.Evaluation(callable is CyclerCallable ? "a cycler is not called itself, but its 'next'" : $"{Described(call.Target)} takes no named arguments");
        }

        if (callable is BuiltInCallable { ArgumentsMin: var min, ArgumentsMax: var max, Name: var name } && (call.Arguments.Positional.Count < min || call.Arguments.Positional.Count > max))
        {
            throw TemplateFault.Evaluation($"'{name}' takes {min}{(max > min ? $" to {max}" : "")} arguments and got {call.Arguments.Positional.Count}");
        }

        var arguments = All(call.Arguments.Positional, place);
        Position = call.Position;
        RefuseCallables(arguments);
        return callable is CapabilityCallable added ? Invoke(added.Name, added.Capability, [.. arguments]) : ((BuiltInCallable)callable).Invoke([.. arguments]);
    }

    private Value Invoke(string name, Capability capability, Value[] arguments)
    {
        _budget.ChargeCapability();
        return capability(arguments).TryGet(out var value, out var error)
            ? value
            : throw new TemplateFault(FaultKind.Capability, $"'{name}' refuses: {error.Message}");
    }

    private static void RefuseCallables(IEnumerable<Value> values)
    {
        foreach (var value in values)
        {
            Operations.RefuseCallable(value);
        }
    }

    /// <summary>The call's target as it is written, for messages.</summary>
    private static string Described(Expression target) => target switch
    {
        Symbol symbol => $"'{symbol.Name}'",
        Member { Key: Literal { Value: { Kind: ValueKind.Text, Text: var name } } } => $"'{name}'",
        _ => "this",
    };
}
