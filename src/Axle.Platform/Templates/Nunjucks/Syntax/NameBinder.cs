using System.Runtime.CompilerServices;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// Decides which names are variables of the template's own. Nunjucks compiles macros, formals and loop targets to local
/// variables of JavaScript, and a name bound that way never falls through to the values, even where its declaration did
/// not run. This pass rewrites the tree once, so that such names carry their <see cref="Slot"/>; all others are looked up
/// by name while the template runs.
/// </summary>
/// <remarks>
/// A loop with several targets is rewritten twice, because Nunjucks compiles its body twice: for lists, and for records.
/// Nested ones double the work each time; <paramref name="limits"/> bound it.
/// </remarks>
internal sealed class NameBinder(RenderLimits limits)
{
    private int _work;
    private bool _changesLists;
    private bool _looksUpComputedNames;
    private bool _callsValues;

    /// <summary>A region of the text in which the same names are bound.</summary>
    private sealed class Region(FrameLayout frame, Dictionary<string, (FrameLayout Frame, int Index)> bound)
    {
        public FrameLayout Frame { get; } = frame;

        /// <summary>The name <c>loop</c> is read or set here, or in a part inside that sees the same names.</summary>
        public bool UsesLoop { get; set; }

        public Region Inner() => new(Frame, new(bound, StringComparer.Ordinal));

        /// <summary>The body of a call block: a frame of its own that sees this one.</summary>
        public Region InnerFrame() => new(new FrameLayout(Frame), new(bound, StringComparer.Ordinal));

        public Slot Declare(string name)
        {
            var slot = Frame.Add();
            bound[name] = (Frame, slot.Index);
            return slot;
        }

        public Slot? Find(string name) => bound.TryGetValue(name, out var place) ? new Slot(Frame.DistanceTo(place.Frame), place.Index) : null;

        public static Region Fresh() => new(new FrameLayout(null), new(StringComparer.Ordinal));
    }

    /// <summary>The slots of one run of a template, block, macro or call block.</summary>
    private sealed class FrameLayout(FrameLayout? outer)
    {
        public int Size { get; private set; }

        public Slot Add() => new(0, Size++);

        public int DistanceTo(FrameLayout other) => ReferenceEquals(this, other) ? 0 : 1 + outer!.DistanceTo(other);
    }

    public Template Bind(Body body)
    {
        var region = Region.Fresh();
        var bound = Bind(body, region);
        return new Template(bound, region.Frame.Size, _changesLists || (_looksUpComputedNames && _callsValues));
    }

    private Body Bind(Body body, Region region) => new([.. body.Statements.Select(statement => Bind(statement, region))]);

    private Body? BindOptional(Body? body, Region region) => body is null ? null : Bind(body, region);

    private Statement Bind(Statement statement, Region region)
    {
        Step(statement);
        return statement switch
        {
            Output output => output with { Expression = Bind(output.Expression, region) },
            If @if => @if with
            {
                Branches = [.. @if.Branches.Select(branch => new Branch(Bind(branch.Condition, region), Bind(branch.Body, region)))],
                Otherwise = BindOptional(@if.Otherwise, region),
            },
            For loop => Bind(loop, region),
            Set set => Bind(set, region),
            MacroDefinition macro => Bind(macro with { Name = macro.Name with { Slot = region.Declare(macro.Name.Name) } }, Region.Fresh()),
            CallBlock block => Bind(block, region),
            Block block => Bind(block, region),
            Switch @switch => @switch with
            {
                Subject = Bind(@switch.Subject, region),
                Cases = [.. @switch.Cases.Select(@case => new Case(Bind(@case.Condition, region), Bind(@case.Body, region)))],
                Otherwise = BindOptional(@switch.Otherwise, region),
            },
            _ => statement,
        };
    }

    private BoundFor Bind(For loop, Region region)
    {
        var sequence = Bind(loop.Sequence, region);
        var length = region.Frame.Add();
        var elements = region.Inner();
        var body = LoopBody(loop, loop.Targets.Count, elements);
        if (loop.Targets.Count == 1)
        {
            var otherwise = BindOptional(loop.Otherwise, elements);
            region.UsesLoop |= elements.UsesLoop;
            return new BoundFor(loop.Position, sequence, length, body, null, otherwise, elements.UsesLoop);
        }

        var pairs = elements.Inner();
        var pairsBody = LoopBody(loop, 2, pairs);
        var pairsOtherwise = BindOptional(loop.Otherwise, pairs);
        var usesLoop = elements.UsesLoop || pairs.UsesLoop;
        region.UsesLoop |= usesLoop;
        return new BoundFor(loop.Position, sequence, length, body, pairsBody, pairsOtherwise, usesLoop);
    }

    /// <summary>Targets beyond those declared here keep the slots they had.</summary>
    private LoopBody LoopBody(For loop, int declared, Region region)
    {
        var targets = loop.Targets.Select((target, i) => target with { Slot = i < declared ? region.Declare(target.Name) : region.Find(target.Name) }).ToList();
        return new LoopBody(targets, Bind(loop.Body, region));
    }

    private Set Bind(Set set, Region region)
    {
        var value = Bind(set.Value, region);
        region.UsesLoop |= set.Targets.Any(target => target.Name == "loop");
        return set with { Value = value, Targets = [.. set.Targets.Select(target => target with { Slot = region.Find(target.Name) })] };
    }

    private MacroDefinition Bind(MacroDefinition macro, Region region)
    {
        var formals = new List<Symbol>();
        foreach (var formal in macro.Formals)
        {
            var declared = formals.Find(other => other.Name == formal.Name);
            formals.Add(formal with { Slot = declared?.Slot ?? region.Declare(formal.Name) });
        }

        var defaults = Bind(macro.Defaults, region);
        var body = Bind(macro.Body, region);
        return macro with { Formals = formals, Defaults = defaults, Body = body, FrameSize = region.Frame.Size };
    }

    private CallBlock Bind(CallBlock block, Region region)
    {
        var call = (Call)Bind(block.Call, region);
        var inner = region.InnerFrame();
        var caller = Bind(block.Caller, inner);
        region.UsesLoop |= inner.UsesLoop;
        return block with { Call = call, Caller = caller };
    }

    private Block Bind(Block block, Region region)
    {
        var inner = Region.Fresh();
        var body = Bind(block.Body, inner);
        region.UsesLoop |= inner.UsesLoop;
        return block with { Body = body, FrameSize = inner.Frame.Size };
    }

    private Expression Bind(Expression expression, Region region)
    {
        Step(expression);
        switch (expression)
        {
            case Literal or PatternLiteral:
                return expression;
            case Symbol symbol:
                region.UsesLoop |= symbol.Name == "loop";
                return symbol with { Slot = region.Find(symbol.Name) };
            case Member member:
                NoteMember(member);
                return member with { Target = Bind(member.Target, region), Key = Bind(member.Key, region) };
            case Call call:
                NoteCall(call);
                return call with { Target = Bind(call.Target, region), Arguments = Bind(call.Arguments, region) };
            case Filtered filtered:
                return filtered with { Input = Bind(filtered.Input, region), Arguments = Bind(filtered.Arguments, region) };
            case Test test:
                return test with { Subject = Bind(test.Subject, region), Arguments = test.Arguments is null ? null : Bind(test.Arguments, region) };
            case Capture capture:
                return capture with { Body = Bind(capture.Body, region) };
            case ArrayLiteral array:
                return array with { Items = Bind(array.Items, region) };
            case Group group:
                return group with { Items = Bind(group.Items, region) };
            case RecordLiteral record:
                return record with { Members = Bind(record.Members, region) };
            case Slice slice:
                return slice with { Target = Bind(slice.Target, region), Start = Bind(slice.Start, region), Stop = Bind(slice.Stop, region), Step = Bind(slice.Step, region) };
            case Conditional conditional:
                return conditional with
                {
                    Condition = Bind(conditional.Condition, region),
                    Body = Bind(conditional.Body, region),
                    Otherwise = conditional.Otherwise is null ? null : Bind(conditional.Otherwise, region),
                };
            case Or or:
                return or with { Left = Bind(or.Left, region), Right = Bind(or.Right, region) };
            case And and:
                return and with { Left = Bind(and.Left, region), Right = Bind(and.Right, region) };
            case Unary unary:
                return unary with { Operand = Bind(unary.Operand, region) };
            case Binary binary:
                return binary with { Left = Bind(binary.Left, region), Right = Bind(binary.Right, region) };
            case Membership membership:
                return membership with { Needle = Bind(membership.Needle, region), Container = Bind(membership.Container, region) };
            case Comparison comparison:
                return comparison with
                {
                    First = Bind(comparison.First, region),
                    Links = [.. comparison.Links.Select(link => link with { Right = Bind(link.Right, region) })],
                };
            default:
                throw new InvalidOperationException($"There is an expression {expression.GetType().Name} that no rule binds.");
        }
    }

    private List<Expression> Bind(IReadOnlyList<Expression> expressions, Region region) => [.. expressions.Select(expression => Bind(expression, region))];

    private List<NamedExpression> Bind(IReadOnlyList<NamedExpression> expressions, Region region) =>
        [.. expressions.Select(named => named with { Value = Bind(named.Value, region) })];

    private Arguments Bind(Arguments arguments, Region region) => new(Bind(arguments.Positional, region), Bind(arguments.Named, region));

    private void NoteMember(Member member)
    {
        _changesLists |= member.Key is Literal { Value: { Kind: ValueKind.Text, Text: var name } } && ArrayMethods.Changes(name);
        _looksUpComputedNames |= member.Key is not Literal;
    }

    private void NoteCall(Call call)
    {
        _changesLists |= call.Target is Member { Key: not Literal };
        _callsValues |= call.Target is not Member;
    }

    private void Step(Node node)
    {
        if (++_work > limits.WorkMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TemplateFault.Limit("the template is too large or nests too deep", node.Position);
        }
    }
}
