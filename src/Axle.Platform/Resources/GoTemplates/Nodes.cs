namespace Axle.Platform.Resources.GoTemplates;

/// <summary>A part of a template that makes output or decides. <c>At</c> is the offset in the source.</summary>
internal abstract record Node(int At);

internal sealed record TextNode(int At, string Text) : Node(At);

/// <summary>A pipeline whose value is printed, unless it only declares a variable.</summary>
internal sealed record ActionNode(int At, Pipeline Pipeline) : Node(At);

internal sealed record IfNode(int At, Pipeline Pipeline, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else) : Node(At);

internal sealed record WithNode(int At, Pipeline Pipeline, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else) : Node(At);

internal sealed record RangeNode(int At, Pipeline Pipeline, IReadOnlyList<Node> Body, IReadOnlyList<Node> Else) : Node(At);

/// <summary>Leaves the innermost range, or goes on to its next item.</summary>
internal sealed record LeaveNode(int At, bool Continue) : Node(At);

/// <summary>Runs another template, with the pipeline's value as its dot.</summary>
internal sealed record CallNode(int At, string Name, Pipeline? Pipeline) : Node(At);

/// <param name="Variables">Those that it declares, or sets.</param>
/// <param name="Sets">Sets variables that are there (<c>=</c>) rather than declaring them (<c>:=</c>).</param>
internal sealed record Pipeline(int At, IReadOnlyList<string> Variables, bool Sets, IReadOnlyList<GoCommand> Commands);

/// <summary>Operands: a value alone, or a function and its arguments.</summary>
internal sealed record GoCommand(int At, IReadOnlyList<Operand> Operands);

internal abstract record Operand(int At);

internal sealed record DotOperand(int At) : Operand(At);

internal sealed record LiteralOperand(int At, object? Value) : Operand(At);

/// <summary>Fields of the dot, one inside the other.</summary>
internal sealed record FieldOperand(int At, IReadOnlyList<string> Fields) : Operand(At);

internal sealed record VariableOperand(int At, string Name, IReadOnlyList<string> Fields) : Operand(At);

internal sealed record FunctionOperand(int At, Function Function) : Operand(At);

/// <summary>A pipeline in parentheses, and fields of what it gives.</summary>
internal sealed record GroupOperand(int At, Pipeline Pipeline, IReadOnlyList<string> Fields) : Operand(At);
