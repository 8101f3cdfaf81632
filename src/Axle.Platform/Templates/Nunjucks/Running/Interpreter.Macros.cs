namespace Axle.Platform.Templates.Nunjucks;

/// <content>Macros and call blocks.</content>
internal sealed partial class Interpreter
{
    private void Declare(MacroDefinition macro, Place place)
    {
        var callable = Value.Of(new MacroCallable(macro, _exported, null, isCaller: false));
        Bind(macro.Name, callable, place);
        if (place.Exports.HasFlag(Exports.Macros))
        {
            _exported.Declare(macro.Name.Name, callable);
        }
    }

    private string Run(CallBlock block, Place place)
    {
        var target = Evaluate(block.Call.Target, place);
        Position = block.Position;
        if (target.Kind != ValueKind.Callable || target.Callable is not MacroCallable { IsCaller: false } macro)
        {
            throw TemplateFault.Evaluation($"{Described(block.Call.Target)} is no macro; a call block calls macros only");
        }

        var positional = All(block.Call.Arguments.Positional, place);
        var named = All(block.Call.Arguments.Named, place);
        named.Add(new("caller", Value.Of(new MacroCallable(block.Caller, place.Scope, place.Frame, isCaller: true))));
        return _operations.Render(Invoke(macro, positional, named));
    }

    private Value Invoke(MacroCallable macro, List<Value> positional, List<KeyValuePair<string, Value>> namedGiven)
    {
        var definition = macro.Definition;
        var named = new Dictionary<string, Value>(StringComparer.Ordinal);
        foreach (var (name, value) in namedGiven)
        {
            named[name] = value;
        }

        var arguments = MacroArguments.Matched(definition.Formals, definition.Defaults, positional, named);
        var place = new Place(
            macro.Scope.Inner(keepsWrites: true),
            new Frame(definition.FrameSize, macro.OuterFrame),
            macro.IsCaller ? Exports.None : Exports.Macros);

        for (var i = 0; i < definition.Formals.Count; i++)
        {
            place.Scope.Declare(definition.Formals[i].Name, arguments[i]);
            Bind(definition.Formals[i], arguments[i], place);
        }

        foreach (var (name, expression) in definition.Defaults)
        {
            place.Scope.Declare(name, named.TryGetValue(name, out var given) ? given : Evaluate(expression, place));
        }

        if (named.TryGetValue("caller", out var caller) && !MacroArguments.Declares(definition, "caller"))
        {
            place.Scope.Declare("caller", caller);
        }

        return Value.Of(new SafeText(Captured(definition.Body, place)));
    }
}

/// <summary>Which argument belongs to which parameter.</summary>
internal static class MacroArguments
{
    /// <summary>
    /// The values of the parameters without defaults. Missing ones are taken from the named arguments, and surplus ones go
    /// to the parameters with defaults, in order; both by changing <paramref name="named"/>.
    /// </summary>
    public static Value[] Matched(IReadOnlyList<Symbol> formals, IReadOnlyList<NamedExpression> defaults, List<Value> positional, Dictionary<string, Value> named)
    {
        for (var i = formals.Count; i < positional.Count && i - formals.Count < defaults.Count; i++)
        {
            named[defaults[i - formals.Count].Name] = positional[i];
        }

        var values = new Value[formals.Count];
        for (var i = 0; i < formals.Count; i++)
        {
            if (i < positional.Count)
            {
                values[i] = positional[i];
            }
            else
            {
                named.Remove(formals[i].Name, out values[i]);
            }
        }

        return values;
    }

    public static bool Declares(MacroDefinition macro, string name) =>
        macro.Formals.Any(formal => formal.Name == name) || macro.Defaults.Any(parameter => parameter.Name == name);
}
