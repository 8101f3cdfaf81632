using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Schema;

/// <summary>A <c>pattern</c>: a regular expression of JavaScript, found anywhere in the text, with limits.</summary>
internal static class SchemaPattern
{
    /// <summary>Whether it is found; null when it is no regular expression, or takes too long.</summary>
    /// <param name="budget">Of all patterns of a check; null for one by itself.</param>
    public static bool? Matches(string pattern, string text, Budget? budget = null)
    {
        try
        {
            return JsPattern.Parse(pattern, "", 0).Match(text, 0, budget ?? new Budget(RenderLimits.Default, CancellationToken.None)).Success;
        }
        catch (TemplateFault)
        {
            return null;
        }
    }
}
