using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Tests.Templates.Nunjucks;

/// <summary>Rendering as most tests want it: no options, and ended with the test.</summary>
internal static class Rendering
{
    public static Result<string> Render(this TemplateLanguage language, string source, TemplateContext? context = null, SyntaxOptions? options = null, string? file = null) =>
        language.RenderFile(source, context ?? TemplateContext.Empty, options ?? SyntaxOptions.Default, file, TestContext.Current.CancellationToken);

    public static string? RenderJson(this TemplateLanguage language, JsonNode? node, TemplateContext context) =>
        language.RenderValue(node, context, TestContext.Current.CancellationToken)?.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
