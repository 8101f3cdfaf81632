using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Resources.GoTemplates;

/// <summary>
/// A template of Go's <c>text/template</c> with sprig's functions, as Score's provisioners are written in. It reaches no
/// file, no environment variable and no network; its cost is bounded by <see cref="Work"/>; only its random functions
/// give another result the next time.
/// </summary>
internal sealed class GoTemplate
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<Node>> _templates;
    private readonly Place? _place;
    private readonly int _indent;

    private GoTemplate(string name, string source, IReadOnlyDictionary<string, IReadOnlyList<Node>> templates, Place? place, int indent) =>
        (Name, Source, _templates, _place, _indent) = (name, source, templates, place, indent);

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    public string Source { get; }

    /// <summary>The names of all functions that it may call.</summary>
    public IReadOnlySet<string> Calls { get; private init; } = new HashSet<string>();

    /// <summary>Reads a template.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="source">The template.</param>
    /// <param name="place">Where its first character stands in a file; null when it is not in one.</param>
    /// <param name="indent">By how many columns the file indents it.</param>
    public static Result<GoTemplate> Parse(string name, string source, Place? place = null, int indent = 0)
    {
        try
        {
            var calls = new HashSet<string>(StringComparer.Ordinal);
            var templates = Parser.Parse(source);
            foreach (var word in Lexer.Read(source).Where(token => token.Kind == TokenKind.Word))
            {
                calls.Add(word.Text);
            }

            return new GoTemplate(name, source, templates, place, indent) { Calls = calls };
        }
        catch (TemplateException e)
        {
            return new TemplateWrong(name, ProblemAt(e, source, place, indent));
        }
    }

    /// <summary>Runs it on a value, its dot.</summary>
    public Result<string> Run(object? dot)
    {
        try
        {
            return new Runner(_templates, new Work()).Run(dot);
        }
        catch (TemplateException e)
        {
            return new TemplateWrong(Name, ProblemAt(e, Source, _place, _indent));
        }
    }

    private static Problem ProblemAt(TemplateException e, string source, Place? place, int indent)
    {
        var at = Math.Clamp(e.At, 0, source.Length);
        var before = source.AsSpan(0, at);
        var line = before.Count('\n') + 1;
        var column = at - (before.LastIndexOf('\n') + 1) + 1;
        return place is null
            ? new Problem(e.Message, Line: line, Column: column)
            : new Problem(e.Message, place.File, place.Line + line - 1, column + indent);
    }
}
