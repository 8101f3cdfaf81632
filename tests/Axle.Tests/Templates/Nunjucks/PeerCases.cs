using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Tests.Templates.Nunjucks;

/// <summary>Answers cases as the script tests/peers/nunjucks asks them, one JSON object a line.</summary>
internal static class PeerCases
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Answer(TextReader cases, TextWriter answers)
    {
        var language = new TemplateLanguage(Capabilities.None);
        while (cases.ReadLine() is { } line)
        {
            answers.WriteLine(Answer(language, JsonNode.Parse(line)!.AsObject()).ToJsonString(s_plain));
        }
    }

    private static JsonObject Answer(TemplateLanguage language, JsonObject asked)
    {
        var source = asked["source"]!.GetValue<string>();
        if (!TemplateContext.From(asked["values"]!.AsObject()).TryGet(out var context, out var refused))
        {
            return new JsonObject { ["error"] = refused.Message };
        }

        if (asked["mode"]?.GetValue<string>() == "value")
        {
            // In a record, because there a string that became undefined can be told from one that became null.
            return new JsonObject { ["value"] = language.RenderValue(new JsonObject { ["it"] = source }, context) };
        }

        var options = new SyntaxOptions(Is("cookiecutter"), Is("trimBlocks"), Is("lstripBlocks"));
        return language.RenderFile(source, context, options).TryGet(out var text, out var error)
            ? new JsonObject { ["text"] = text }
            : new JsonObject { ["error"] = error.Message };

        bool Is(string option) => asked[option]?.GetValue<bool>() == true;
    }
}
