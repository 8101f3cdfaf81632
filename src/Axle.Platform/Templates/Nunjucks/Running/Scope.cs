namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Names and their values while a template runs: each scope first looks at itself, then outwards.</summary>
/// <param name="keepsWrites">Setting a name here never reaches outwards.</param>
internal sealed class Scope(Scope? outer, bool keepsWrites = false)
{
    private Dictionary<string, Value>? _values;

    public Scope Inner(bool keepsWrites = false) => new(this, keepsWrites);

    public bool TryGet(string name, out Value value)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values is not null && scope._values.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = default;
        return false;
    }

    public void Declare(string name, Value value) => (_values ??= new(StringComparer.Ordinal))[name] = value;

    /// <summary>Sets the nearest name that may be written from here; declares it here if there is none.</summary>
    public void Assign(string name, Value value)
    {
        var scope = this;
        while (scope is not null && scope._values?.ContainsKey(name) != true)
        {
            scope = scope.KeepsWrites ? null : scope.Outer;
        }

        (scope ?? this).Declare(name, value);
    }

    private Scope? Outer => outer;

    private bool KeepsWrites => keepsWrites;
}

/// <summary>The slots of one run of a template, block, macro or call block.</summary>
internal sealed class Frame(int size, Frame? outer = null)
{
    private readonly Value[] _slots = new Value[size];

    public Value this[Slot slot]
    {
        get => Owner(slot)._slots[slot.Index];
        set => Owner(slot)._slots[slot.Index] = value;
    }

    private Frame Owner(Slot slot)
    {
        var frame = this;
        for (var depth = slot.Depth; depth > 0; depth--)
        {
            frame = frame.Outer!;
        }

        return frame;
    }

    private Frame? Outer => outer;
}

/// <summary>Where a statement runs: which names it sees, and which it makes visible to macros.</summary>
/// <param name="Exports">What is set or declared here is seen by every macro and block.</param>
internal sealed record Place(Scope Scope, Frame Frame, Exports Exports);

[Flags]
internal enum Exports
{
    None = 0,
    Macros = 1,
    Values = 2,
}
