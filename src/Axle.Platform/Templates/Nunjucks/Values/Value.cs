namespace Axle.Platform.Templates.Nunjucks;

internal enum ValueKind : byte
{
    Undefined,
    Null,
    Boolean,
    Number,
    Text,
    SafeText,
    Array,
    Record,
    Pattern,
    Callable,
}

/// <summary>
/// All that a template can hold. The set is closed and knows no .NET object, so a template can reach nothing but what was
/// put into its values. It behaves as JavaScript's values do, because templates were written for an engine in JavaScript.
/// JavaScript's maps and sets are absent: values come from JSON, and no operation makes one.
/// </summary>
internal readonly struct Value
{
    private readonly object? _reference;

    private Value(ValueKind kind, double number, object? reference) => (Kind, Number, _reference) = (kind, number, reference);

    public ValueKind Kind { get; }

    /// <summary>The number; 1 and 0 for booleans.</summary>
    public double Number { get; }

    public bool Boolean => Number != 0;

    public string Text => Kind == ValueKind.Text ? (string)_reference! : SafeText.Content;

    public SafeText SafeText => (SafeText)_reference!;

    public ArrayValue Array => (ArrayValue)_reference!;

    public RecordValue Record => (RecordValue)_reference!;

    public PatternValue Pattern => (PatternValue)_reference!;

    public Callable Callable => (Callable)_reference!;

    public static Value Undefined => default;

    public static Value Null => new(ValueKind.Null, 0, null);

    public static Value EmptyText { get; } = Of("");

    public static Value Of(bool boolean) => new(ValueKind.Boolean, boolean ? 1 : 0, null);

    public static Value Of(double number) => new(ValueKind.Number, number, null);

    public static Value Of(string text) => new(ValueKind.Text, 0, text);

    public static Value Of(SafeText text) => new(ValueKind.SafeText, 0, text);

    public static Value Of(ArrayValue array) => new(ValueKind.Array, 0, array);

    public static Value Of(RecordValue record) => new(ValueKind.Record, 0, record);

    public static Value Of(PatternValue pattern) => new(ValueKind.Pattern, 0, pattern);

    public static Value Of(Callable callable) => new(ValueKind.Callable, 0, callable);

    public bool IsUndefined => Kind == ValueKind.Undefined;

    public bool IsNullish => Kind <= ValueKind.Null;

    /// <summary>Text, marked as safe or not.</summary>
    public bool IsText => Kind is ValueKind.Text or ValueKind.SafeText;

    /// <summary>What JavaScript compares by content rather than by identity.</summary>
    public bool IsPrimitive => Kind <= ValueKind.Text;

    /// <summary>JavaScript's truth: empty lists are true; a safe text is an object there, so it is true even when empty.</summary>
    public bool IsTruthy => Kind switch
    {
        ValueKind.Undefined or ValueKind.Null => false,
        ValueKind.Boolean => Boolean,
        ValueKind.Number => Number != 0 && !double.IsNaN(Number),
        ValueKind.Text => Text.Length > 0,
        _ => true,
    };

    /// <summary>Something callable is in it. Such values can be called and passed to macros, and nothing else.</summary>
    public bool HasCallable => Kind switch
    {
        ValueKind.Callable => true,
        ValueKind.Array => Array.HasCallable,
        ValueKind.Record => Record.HasCallable,
        _ => false,
    };

    /// <summary>What it is, for messages.</summary>
    public string Described => Kind switch
    {
        ValueKind.Undefined => "undefined",
        ValueKind.Null => "null",
        ValueKind.Boolean => "a boolean",
        ValueKind.Number => "a number",
        ValueKind.Text or ValueKind.SafeText => "a text",
        ValueKind.Array => "a list",
        ValueKind.Record => "a record",
        ValueKind.Pattern => "a regular expression",
        _ => "a function",
    };

    /// <summary>JavaScript's <c>===</c>; <see cref="Operations.StrictlyEqual"/> charges for it.</summary>
    public static bool StrictlyEqual(Value left, Value right)
    {
        if (left.Kind != right.Kind)
        {
            return false;
        }

        return left.Kind switch
        {
            ValueKind.Undefined or ValueKind.Null => true,
            ValueKind.Boolean or ValueKind.Number => left.Number == right.Number,
            ValueKind.Text => string.Equals((string)left._reference!, (string)right._reference!, StringComparison.Ordinal),
            _ => ReferenceEquals(left._reference, right._reference),
        };
    }
}

/// <summary>A text that filters made and marked as not to be escaped again. Compared by identity, like an object.</summary>
internal sealed class SafeText(string content)
{
    public string Content { get; } = content;
}
