using System.Text;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// Runs one template once. It walks the tree and does what each node says; there is no generated code, no reflection, and
/// no way out but the capabilities it was given. This half runs statements; the other evaluates expressions.
/// </summary>
internal sealed partial class Interpreter
{
    private readonly Template _template;
    private readonly Capabilities _capabilities;
    private readonly bool _cookiecutter;
    private readonly Budget _budget;
    private readonly Operations _operations;

    /// <summary>What macros and blocks see: the values, and what the template's outermost level exports.</summary>
    private readonly Scope _exported;

    private readonly Place _root;

    public Interpreter(Template template, RecordValue values, Capabilities capabilities, bool cookiecutter, Budget budget)
    {
        (_template, _capabilities, _cookiecutter, _budget) = (template, capabilities, cookiecutter, budget);
        _operations = new Operations(budget);
        var given = new Scope(null);
        foreach (var (name, value) in (template.ChangesLists ? Copies.Of(values, budget) : values).Entries)
        {
            given.Declare(name, value);
        }

        _exported = given.Inner(keepsWrites: true);
        _root = new Place(_exported.Inner(keepsWrites: true), new Frame(template.FrameSize), Exports.Macros | Exports.Values);
    }

    /// <summary>The offset of what is being done, for messages.</summary>
    public int Position { get; private set; }

    /// <summary>All that the template writes.</summary>
    public string Render() => Captured(_template.Body, _root);

    /// <summary>The value of the only expression, where the template is nothing else.</summary>
    public Value Evaluate(Output only)
    {
        var value = Evaluate(only.Expression, _root);
        Operations.RefuseCallable(value);
        return value;
    }

    private string Captured(Body body, Place place)
    {
        var output = new StringBuilder();
        Run(body, place, output);
        return output.ToString();
    }

    private void Run(Body body, Place place, StringBuilder output)
    {
        foreach (var statement in body.Statements)
        {
            Run(statement, place, output);
        }
    }

    private void Run(Statement statement, Place place, StringBuilder output)
    {
        Position = statement.Position;
        _budget.Enter();
        switch (statement)
        {
            case TextOutput text:
                Write(text.Text, output);
                break;
            case Output written:
                Write(Rendered(Evaluate(written.Expression, place), written.Position), output);
                break;
            case If @if:
                Run(@if, place, output);
                break;
            case BoundFor loop:
                Run(loop, place, output);
                break;
            case Set set:
                Run(set, place);
                break;
            case MacroDefinition macro:
                Declare(macro, place);
                break;
            case CallBlock block:
                Write(Run(block, place), output);
                break;
            case Block block:
                Run(block.Body, new Place(place.Scope.Inner(keepsWrites: true), new Frame(block.FrameSize), Exports.Macros), output);
                break;
            case Switch @switch:
                Run(@switch, place, output);
                break;
            default:
                throw new InvalidOperationException($"There is a statement {statement.GetType().Name} that no rule runs.");
        }

        _budget.Leave();
    }

    private void Run(If @if, Place place, StringBuilder output)
    {
        foreach (var branch in @if.Branches)
        {
            if (Evaluate(branch.Condition, place).IsTruthy)
            {
                Run(branch.Body, place, output);
                return;
            }
        }

        if (@if.Otherwise is { } otherwise)
        {
            Run(otherwise, place, output);
        }
    }

    private void Run(Switch @switch, Place place, StringBuilder output)
    {
        var subject = Evaluate(@switch.Subject, place);
        var matched = false;
        foreach (var @case in @switch.Cases)
        {
            matched = matched || _operations.StrictlyEqual(subject, Evaluate(@case.Condition, place));
            if (matched && @case.Body.Statements.Count > 0)
            {
                Run(@case.Body, place, output);
                return;
            }
        }

        if (@switch.Otherwise is { } otherwise)
        {
            Run(otherwise, place, output);
        }
    }

    private void Run(BoundFor loop, Place place, StringBuilder output)
    {
        var sequence = Evaluate(loop.Sequence, place);
        Position = loop.Position;
        var iteration = Iteration.Over(sequence, loop.Pairs is not null, _operations);
        var body = iteration.IsPairs && loop.Pairs is not null ? loop.Pairs : loop.Elements;
        var inside = place with { Scope = place.Scope.Inner(), Exports = Exports.None };

        // Nunjucks keeps the length in a variable of the whole template, and writes it only when there is a sequence.
        if (sequence.IsTruthy)
        {
            place.Frame[loop.Length] = iteration.Length;
        }

        var length = place.Frame[loop.Length];
        var index = 0;
        foreach (var element in iteration.Elements)
        {
            _budget.Charge();
            BindTargets(body.Targets, element, iteration.IsPairs, inside);
            if (loop.UsesLoop)
            {
                inside.Scope.Declare("loop", Iteration.State(index, length, _operations));
            }

            Run(body.Body, inside, output);
            index++;
        }

        if (loop.Otherwise is { } otherwise && !length.IsTruthy)
        {
            Run(otherwise, inside, output);
        }
    }

    /// <summary>One target takes the element; several take its parts, and only those of pairs are seen by name.</summary>
    private static void BindTargets(IReadOnlyList<Symbol> targets, Value element, bool isPair, Place place)
    {
        if (targets.Count == 1)
        {
            place.Scope.Declare(targets[0].Name, element);
            Bind(targets[0], element, place);
            return;
        }

        for (var i = 0; i < (isPair ? 2 : targets.Count); i++)
        {
            var part = Iteration.Part(element, i);
            if (isPair)
            {
                place.Scope.Declare(targets[i].Name, part);
            }

            Bind(targets[i], part, place);
        }
    }

    private void Run(Set set, Place place)
    {
        var value = Evaluate(set.Value, place);
        foreach (var target in set.Targets)
        {
            place.Scope.Assign(target.Name, value);
            Bind(target, value, place);
            if (place.Exports.HasFlag(Exports.Values))
            {
                _exported.Declare(target.Name, value);
            }
        }
    }

    private static void Bind(Symbol target, Value value, Place place)
    {
        if (target.Slot is { } slot)
        {
            place.Frame[slot] = value;
        }
    }

    private void Write(string text, StringBuilder output)
    {
        _budget.ChargeOutput(text.Length);
        output.Append(text);
    }

    private string Rendered(Value value, int position)
    {
        Position = position;
        return _operations.Render(value);
    }
}
