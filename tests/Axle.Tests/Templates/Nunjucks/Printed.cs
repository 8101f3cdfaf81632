using Axle.Platform.Templates.Nunjucks;

namespace Axle.Tests.Templates.Nunjucks;

/// <summary>Writes a parsed expression with every operation in parentheses.</summary>
internal static class Printed
{
    /// <summary>Null for what is no expression, or has no other spelling.</summary>
    public static string? TryPrint(string expression)
    {
        try
        {
            return TemplateParser.Parse($"${{{{ {expression} }}}}", SyntaxOptions.Default, RenderLimits.Default) is { Statements: [Output only] } ? Print(only.Expression) : null;
        }
        catch (TemplateFault)
        {
            return null;
        }
    }

    private static string Print(Expression expression) => expression switch
    {
        // The parentheses of an operation are a group of one.
        Group { Items: [var only] } => Print(only),
        Group group => $"({All(group.Items)})",
        Literal { Value: var value } => value.Kind switch
        {
            ValueKind.Text => $"'{value.Text}'",
            ValueKind.Number => JsNumber.ToText(value.Number),
            ValueKind.Boolean => value.Boolean ? "true" : "false",
            _ => "null",
        },
        PatternLiteral pattern => $"r{new PatternValue(pattern.Pattern)}",
        Symbol symbol => symbol.Name,
        ArrayLiteral array => $"[{All(array.Items)}]",
        RecordLiteral record => $"{{{string.Join(", ", record.Members.Select(member => $"'{member.Name}': {Print(member.Value)}"))} }}",
        Member member => $"{Print(member.Target)}[{Print(member.Key)}]",
        Call call => $"{Print(call.Target)}({All(call.Arguments.Positional)})",
        Filtered filtered => $"({Print(filtered.Input)} | {filtered.Name}({All(filtered.Arguments.Positional)}))",
        Test test => $"({Print(test.Subject)} is {test.Name}{(test.Arguments is null ? "" : $"({All(test.Arguments.Positional)})")})",
        Conditional conditional => $"({Print(conditional.Body)} if {Print(conditional.Condition)}{(conditional.Otherwise is null ? "" : $" else {Print(conditional.Otherwise)}")})",
        Or or => $"({Print(or.Left)} or {Print(or.Right)})",
        And and => $"({Print(and.Left)} and {Print(and.Right)})",
        Unary { Operator: UnaryOperator.Floor, Operand: Binary { Operator: BinaryOperator.Divide } quotient } => $"({Print(quotient.Left)} // {Print(quotient.Right)})",
        Unary { Operator: UnaryOperator.Floor, Operand: var operand } => $"({Print(operand)} // 1)",
        Unary unary => $"({Sign(unary.Operator)}{Print(unary.Operand)})",
        Binary binary => $"({Print(binary.Left)} {Sign(binary.Operator)} {Print(binary.Right)})",
        Comparison comparison => $"({Print(comparison.First)}{string.Concat(comparison.Links.Select(link => $" {Sign(link.Operator)} {Print(link.Right)}"))})",
        Membership membership => $"({Print(membership.Needle)} in {Print(membership.Container)})",
        _ => throw new InvalidOperationException($"There is an expression {expression.GetType().Name} that nobody prints."),
    };

    private static string All(IEnumerable<Expression> expressions) => string.Join(", ", expressions.Select(Print));

    private static string Sign(UnaryOperator @operator) => @operator switch
    {
        UnaryOperator.Not => "not ",
        UnaryOperator.Minus => "-",
        _ => "+",
    };

    private static string Sign(BinaryOperator @operator) => @operator switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.Remainder => "%",
        BinaryOperator.Power => "**",
        _ => "~",
    };

    private static string Sign(ComparisonOperator @operator) => @operator switch
    {
        ComparisonOperator.Equal => "==",
        ComparisonOperator.NotEqual => "!=",
        ComparisonOperator.StrictlyEqual => "===",
        ComparisonOperator.StrictlyNotEqual => "!==",
        ComparisonOperator.Less => "<",
        ComparisonOperator.LessOrEqual => "<=",
        ComparisonOperator.Greater => ">",
        _ => ">=",
    };
}
