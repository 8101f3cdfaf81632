namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Something a template may call. Every kind is listed in this file; data can never become one.</summary>
internal abstract class Callable;

/// <summary>A macro, or the body of a call block, together with the place it was declared in.</summary>
internal sealed class MacroCallable(MacroDefinition definition, Scope scope, Frame? outerFrame, bool isCaller) : Callable
{
    public MacroDefinition Definition { get; } = definition;

    /// <summary>Where its names are looked up.</summary>
    public Scope Scope { get; } = scope;

    /// <summary>Only a call block's body sees the slots around it.</summary>
    public Frame? OuterFrame { get; } = outerFrame;

    public bool IsCaller { get; } = isCaller;
}

/// <summary>A function of the language itself, which looks at its arguments alone.</summary>
internal sealed class BuiltInCallable(string name, int argumentsMin, int argumentsMax, Func<Value[], Value> invoke) : Callable
{
    public string Name { get; } = name;

    public int ArgumentsMin { get; } = argumentsMin;

    public int ArgumentsMax { get; } = argumentsMax;

    public Value Invoke(Value[] arguments) => invoke(arguments);
}

/// <summary>A global function that the platform adds.</summary>
internal sealed class CapabilityCallable(string name, Capability capability) : Callable
{
    public string Name { get; } = name;

    public Capability Capability { get; } = capability;
}

/// <summary>What <c>cycler(…)</c> returns: its members <c>next</c>, <c>reset</c> and <c>current</c> go round its items.</summary>
internal sealed class CyclerCallable(Value[] items) : Callable
{
    private int _index = -1;

    public Value Member(string name) => name switch
    {
        "current" => _index < 0 ? Value.Null : _index < items.Length ? items[_index] : Value.Undefined,
        "next" => Value.Of(new BuiltInCallable("cycler.next", 0, 0, _ => Next())),
        "reset" => Value.Of(new BuiltInCallable("cycler.reset", 0, 0, _ => Reset())),
        _ => Value.Undefined,
    };

    private Value Next()
    {
        _index = items.Length == 0 ? 0 : (_index + 1) % items.Length;
        return items.Length == 0 ? Value.Undefined : items[_index];
    }

    private Value Reset()
    {
        _index = -1;
        return Value.Undefined;
    }
}
