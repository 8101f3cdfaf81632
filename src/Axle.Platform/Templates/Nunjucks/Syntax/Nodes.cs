namespace Axle.Platform.Templates.Nunjucks;

/// <summary>A part of a parsed template. Data only; <see cref="Interpreter"/> gives it meaning.</summary>
/// <param name="Position">The offset in the template, for messages.</param>
internal abstract record Node(int Position);

internal abstract record Expression(int Position) : Node(Position);

internal abstract record Statement(int Position) : Node(Position);

internal sealed record Body(IReadOnlyList<Statement> Statements);

// ---- Expressions

internal sealed record Literal(int Position, Value Value) : Expression(Position);

/// <summary><c>r/source/flags</c>. Every evaluation makes a fresh one, because matching changes it.</summary>
internal sealed record PatternLiteral(int Position, JsPattern Pattern) : Expression(Position);

/// <param name="Slot">Where the value is, if the name was declared above by a loop, macro or formal; see <see cref="NameBinder"/>.</param>
internal sealed record Symbol(int Position, string Name, Slot? Slot = null) : Expression(Position);

internal sealed record ArrayLiteral(int Position, IReadOnlyList<Expression> Items) : Expression(Position);

internal sealed record RecordLiteral(int Position, IReadOnlyList<NamedExpression> Members) : Expression(Position);

/// <summary>Expressions in parentheses; the last one is the value.</summary>
internal sealed record Group(int Position, IReadOnlyList<Expression> Items) : Expression(Position);

internal sealed record Member(int Position, Expression Target, Expression Key) : Expression(Position);

/// <summary><c>target[start:stop:step]</c>.</summary>
internal sealed record Slice(int Position, Expression Target, Expression Start, Expression Stop, Expression Step) : Expression(Position);

/// <summary><c>body if condition else otherwise</c>.</summary>
internal sealed record Conditional(int Position, Expression Condition, Expression Body, Expression? Otherwise) : Expression(Position);

internal sealed record Or(int Position, Expression Left, Expression Right) : Expression(Position);

internal sealed record And(int Position, Expression Left, Expression Right) : Expression(Position);

internal enum UnaryOperator
{
    Not,
    Minus,
    Plus,
    Floor,
}

internal sealed record Unary(int Position, UnaryOperator Operator, Expression Operand) : Expression(Position);

internal enum BinaryOperator
{
    Add,
    Concatenate,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

internal sealed record Binary(int Position, BinaryOperator Operator, Expression Left, Expression Right) : Expression(Position);

internal enum ComparisonOperator
{
    Equal,
    NotEqual,
    StrictlyEqual,
    StrictlyNotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

internal sealed record ComparisonLink(ComparisonOperator Operator, Expression Right);

/// <summary>Each link compares the outcome of the one before, as in JavaScript.</summary>
internal sealed record Comparison(int Position, Expression First, IReadOnlyList<ComparisonLink> Links) : Expression(Position);

/// <summary><c>needle in container</c>.</summary>
internal sealed record Membership(int Position, Expression Needle, Expression Container) : Expression(Position);

/// <summary><c>subject is name(arguments)</c>.</summary>
internal sealed record Test(int Position, Expression Subject, string Name, Arguments? Arguments) : Expression(Position);

/// <summary><c>input | name(arguments)</c>.</summary>
internal sealed record Filtered(int Position, Expression Input, string Name, Arguments Arguments) : Expression(Position);

internal sealed record Call(int Position, Expression Target, Arguments Arguments) : Expression(Position);

/// <summary>What the body writes, as a text.</summary>
internal sealed record Capture(int Position, Body Body) : Expression(Position);

internal sealed record NamedExpression(string Name, Expression Value);

internal sealed record Arguments(IReadOnlyList<Expression> Positional, IReadOnlyList<NamedExpression> Named)
{
    public static Arguments None { get; } = new([], []);
}

// ---- Statements

internal sealed record TextOutput(int Position, string Text) : Statement(Position);

internal sealed record Output(int Position, Expression Expression) : Statement(Position);

internal sealed record Branch(Expression Condition, Body Body);

internal sealed record If(int Position, IReadOnlyList<Branch> Branches, Body? Otherwise) : Statement(Position);

/// <summary>A loop as written; <see cref="NameBinder"/> makes a <see cref="BoundFor"/> of it.</summary>
internal sealed record For(int Position, IReadOnlyList<Symbol> Targets, Expression Sequence, Body Body, Body? Otherwise) : Statement(Position);

internal sealed record LoopBody(IReadOnlyList<Symbol> Targets, Body Body);

/// <param name="Length">Remembers the length of the last sequence, over all entries of the loop: one that is not there keeps it.</param>
/// <param name="Elements">Runs for lists.</param>
/// <param name="Pairs">Runs for records and texts when there are several targets; null when there is one.</param>
/// <param name="UsesLoop">Somebody inside asks where the loop is; else nobody needs to tell.</param>
internal sealed record BoundFor(int Position, Expression Sequence, Slot Length, LoopBody Elements, LoopBody? Pairs, Body? Otherwise, bool UsesLoop) : Statement(Position);

/// <summary><c>set a, b = value</c>; the value is a <see cref="Capture"/> where the tag has a body.</summary>
internal sealed record Set(int Position, IReadOnlyList<Symbol> Targets, Expression Value) : Statement(Position);

/// <param name="Formals">Parameters without a default.</param>
/// <param name="Defaults">Parameters with one; they come after the others.</param>
/// <param name="FrameSize">How many slots a call needs; known after binding.</param>
internal sealed record MacroDefinition(int Position, Symbol Name, IReadOnlyList<Symbol> Formals, IReadOnlyList<NamedExpression> Defaults, Body Body, int FrameSize = 0) : Statement(Position);

/// <summary><c>call(formals) macro(arguments)</c>: the macro gets the body as <c>caller</c>.</summary>
internal sealed record CallBlock(int Position, Call Call, MacroDefinition Caller) : Statement(Position);

/// <summary>A named part. There is no inheritance, so it means its body, with names of its own.</summary>
internal sealed record Block(int Position, string Name, Body Body, int FrameSize = 0) : Statement(Position);

/// <summary>A case without a body falls through to the next.</summary>
internal sealed record Case(Expression Condition, Body Body);

internal sealed record Switch(int Position, Expression Subject, IReadOnlyList<Case> Cases, Body? Otherwise) : Statement(Position);

/// <summary>A template ready to run.</summary>
/// <param name="FrameSize">How many slots it needs outside macros and blocks.</param>
/// <param name="ChangesLists">It may call a method that changes a list, so it needs values of its own.</param>
internal sealed record Template(Body Body, int FrameSize, bool ChangesLists);

/// <summary>A place for a value: so many frames outwards, at this index.</summary>
internal sealed record Slot(int Depth, int Index);
