using System.Text;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Templates;

/// <summary>Text with expressions in it: a file of a skeleton, its path, or a step's input.</summary>
internal static class TemplateText
{
    private const string Open = "${{";

    /// <summary>The text with every expression replaced; each mistake is added with its place, and leaves a hole.</summary>
    /// <param name="text">The text.</param>
    /// <param name="variables">What expressions may name, at the top <c>values</c> or <c>parameters</c> and <c>steps</c>.</param>
    /// <param name="start">Where the text begins in its file; null for text that is a file, or a path.</param>
    /// <param name="file">The file, for the places.</param>
    /// <param name="problems">Takes the mistakes.</param>
    public static string Render(string text, JsonObject variables, string file, ICollection<Problem> problems, Place? start = null)
    {
        var result = new StringBuilder(text.Length);
        var at = 0;
        while (text.IndexOf(Open, at, StringComparison.Ordinal) is var open and >= 0)
        {
            result.Append(text, at, open - at);
            try
            {
                var (expression, end) = Expression.Parse(text, open + Open.Length);
                at = end;
                result.Append(Expression.ToText(expression.Evaluate(variables)));
            }
            catch (ExpressionException e)
            {
                problems.Add(At(e, text, file, start));
                at = Math.Max(at, open + Open.Length);
            }
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>As <see cref="Render"/>, but text that is one expression and nothing else keeps the expression's type.</summary>
    public static JsonNode? Evaluate(string text, JsonObject variables, string file, ICollection<Problem> problems, Place? start)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith(Open, StringComparison.Ordinal))
        {
            try
            {
                var (expression, end) = Expression.Parse(trimmed, Open.Length);
                if (end == trimmed.Length)
                {
                    return expression.Evaluate(variables);
                }
            }
            catch (ExpressionException e)
            {
                problems.Add(At(e, trimmed, file, start));
                return null;
            }
        }

        return Render(text, variables, file, problems, start);
    }

    private static Problem At(ExpressionException e, string text, string file, Place? start)
    {
        if (start is not null)
        {
            return new Problem(e.Message, start.File ?? file, start.Line, start.Column);
        }

        var before = text[..e.Position];
        var line = before.Count(c => c == '\n') + 1;
        return new Problem(e.Message, file, line, e.Position - before.LastIndexOf('\n'));
    }
}
