using System.Runtime.CompilerServices;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Something a template may call. Every kind is listed in this file; data can never become one.</summary>
internal abstract class Callable
{
    /// <summary>The same function under another identity: in Nunjucks each look at a member makes one.</summary>
    public Callable Alias() => (Callable)MemberwiseClone();
}

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
    private readonly StrongBox<int> _index = new(-1);

    public Value Member(string name) => name switch
    {
        "current" => Current,
        "next" => Value.Of(new BuiltInCallable("cycler.next", 0, 0, _ => Next())),
        "reset" => Value.Of(new BuiltInCallable("cycler.reset", 0, 0, _ => Reset())),
        _ => Value.Undefined,
    };

    private Value Current => _index.Value < 0 ? Value.Null : _index.Value < items.Length ? items[_index.Value] : Value.Undefined;

    private Value Next()
    {
        _index.Value = items.Length == 0 ? 0 : (_index.Value + 1) % items.Length;
        return Current;
    }

    private Value Reset()
    {
        _index.Value = -1;
        return Value.Undefined;
    }
}
