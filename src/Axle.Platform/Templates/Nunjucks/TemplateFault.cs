namespace Axle.Platform.Templates.Nunjucks;

/// <summary>Why a template could not be rendered.</summary>
internal enum FaultKind
{
    /// <summary>The text is not a template.</summary>
    Syntax,

    /// <summary>An operation makes no sense for the values it met.</summary>
    Evaluation,

    /// <summary>A filter or global of the platform refused.</summary>
    Capability,

    /// <summary>Something became too large, too deep or too slow.</summary>
    Limit,
}

/// <summary>
/// Ends a rendering. An exception only inside this folder, where it crosses a recursion some hundred levels deep;
/// <see cref="TemplateLanguage"/> turns it into an <see cref="Contracts.Error"/>.
/// </summary>
internal sealed class TemplateFault(FaultKind kind, string message, int? position = null) : Exception(message)
{
    public FaultKind Kind { get; } = kind;

    /// <summary>The offset in the template; null where the thrower does not know it.</summary>
    public int? Position { get; } = position;

    public static TemplateFault Syntax(string message, int position) => new(FaultKind.Syntax, message, position);

    public static TemplateFault Evaluation(string message) => new(FaultKind.Evaluation, message);

    public static TemplateFault Limit(string message, int? position = null) => new(FaultKind.Limit, message, position);
}
