using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Actions;

/// <summary>JSON as JavaScript reads and writes it, since files that other tools wrote must not change where nothing changed.</summary>
internal sealed class JsonFormat(TemplateLanguage language)
{
    /// <param name="space">Spaces of one level, or the text to indent with; empty is all in one line.</param>
    public Result<string> Write(JsonNode? value, JsonNode? space, CancellationToken stop) =>
        TemplateContext.From(new JsonObject { ["value"] = value?.DeepClone(), ["space"] = space?.DeepClone() }).TryGet(out var context, out var tooLarge)
            ? language.RenderFile("${{ value | dump(space) }}", context, SyntaxOptions.Default, stop: stop)
            : tooLarge;

    public static Result<JsonNode?> Read(string text, string name)
    {
        try
        {
            return Result<JsonNode?>.Of(Templates.Schema.JsonText.Read(text));
        }
        catch (JsonException e)
        {
            return ActionErrors.Input($"{name} is no JSON: line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}.");
        }
    }
}
