using System.Text.Json.Nodes;

namespace Axle.Platform.Templates.Actions;

/// <summary>How YAML is written; what is not said is as the npm package yaml has it.</summary>
/// <param name="LineWidth">Longer texts are folded where they can be; 0 folds none.</param>
/// <param name="ContentMin">Deep inside, lines have at least so many characters of their own.</param>
/// <param name="SingleQuote">Which quotes are taken where both would do; null and false take double ones, false always.</param>
/// <param name="Texts">PLAIN, QUOTE_DOUBLE or QUOTE_SINGLE.</param>
internal sealed record YamlStyle(int LineWidth = 80, int ContentMin = 20, int Indent = 2, bool? SingleQuote = null, string Texts = "PLAIN", string Null = "null", string True = "true", string False = "false")
{
    public static YamlStyle Default { get; } = new();

    /// <summary>The input of actions that write YAML.</summary>
    public static (string, JsonObject) Schema => ("options", Actions.Schema.Closed(
        [],
        ("lineWidth", Actions.Schema.Number("Width to fold long texts at; 80 when not given, 0 folds none.")),
        ("minContentWidth", Actions.Schema.Number("Characters that a folded line has at least; 20 when not given.")),
        ("indent", Actions.Schema.Number("Spaces of a level; 2 when not given.")),
        ("singleQuote", new JsonObject { ["type"] = new JsonArray("boolean", "null"), ["description"] = "Single quotes where both would do." }),
        ("defaultStringType", Actions.Schema.Choice("How texts are written.", "PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE")),
        ("nullStr", Actions.Schema.Text("How null is written.")),
        ("trueStr", Actions.Schema.Text("How true is written.")),
        ("falseStr", Actions.Schema.Text("How false is written."))));

    public static YamlStyle Of(JsonObject input)
    {
        var given = input["options"] as JsonObject ?? [];
        return new YamlStyle(
            (int)(given.Number("lineWidth") ?? Default.LineWidth),
            (int)(given.Number("minContentWidth") ?? Default.ContentMin),
            Math.Clamp((int)(given.Number("indent") ?? Default.Indent), 1, 20),
            given["singleQuote"]?.GetValueKind() switch { System.Text.Json.JsonValueKind.True => true, System.Text.Json.JsonValueKind.False => false, _ => null },
            given.Text("defaultStringType") ?? Default.Texts,
            given.Text("nullStr") ?? Default.Null,
            given.Text("trueStr") ?? Default.True,
            given.Text("falseStr") ?? Default.False);
    }
}
