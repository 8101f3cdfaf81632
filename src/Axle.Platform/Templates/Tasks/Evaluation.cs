using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Tasks;

/// <summary>
/// What the expressions of a template see while it runs: <c>parameters</c>, <c>steps</c>, <c>user</c>, <c>environment</c>,
/// <c>context.task.id</c>, and in inputs <c>secrets</c> and <c>each</c>; and the functions <c>always()</c> and <c>failure()</c>.
/// </summary>
internal sealed class Evaluation
{
    private readonly TemplateLanguage _language;
    private TemplateContext _plain;

    private Evaluation(TemplateLanguage language, TemplateContext plain)
    {
        _plain = plain;
        _language = language.With(
        [
            new("always", _ => Asked(true)),
            new("failure", _ => Asked(HasFailed)),
        ]);
    }

    /// <summary>A step has failed.</summary>
    public bool HasFailed { get; set; }

    /// <summary>A condition looked at how the steps before went, since this was last set to false.</summary>
    public bool HasAsked { get; set; }

    public JsonObject Steps { get; } = [];

    /// <summary>Refused when the parameters are too large, or have a name that templates must not see.</summary>
    public static Result<Evaluation> Of(TemplateLanguage language, TaskScript script)
    {
        var values = new JsonObject
        {
            ["parameters"] = script.Parameters.DeepClone(),
            ["environment"] = new JsonObject { ["parameters"] = script.Environment.DeepClone(), ["secrets"] = new JsonObject() },
            ["steps"] = new JsonObject(),
            ["user"] = script.User.DeepClone(),
            ["context"] = new JsonObject { ["task"] = new JsonObject { ["id"] = script.Id } },
        };
        return TemplateContext.From(values).TryGet(out var context, out var error) ? new Evaluation(language, context) : error;
    }

    /// <summary>Makes a step's output visible to those after it.</summary>
    public Error? Add(string step, JsonObject output)
    {
        Steps[step] = new JsonObject { ["output"] = output.DeepClone() };
        if (!_plain.With("steps", Steps).TryGet(out var context, out var error))
        {
            return error;
        }

        _plain = context;
        return null;
    }

    /// <summary>Without secrets: conditions, and the task's output.</summary>
    public JsonNode? Render(JsonNode? node, CancellationToken stop) => _language.RenderValue(node, _plain, stop);

    /// <summary>For inputs. Rendered with other secrets, what comes out otherwise holds something of them.</summary>
    public JsonNode? RenderInput(JsonNode? node, JsonObject? each, TaskScript script, CancellationToken stop)
    {
        var context = _plain.With("secrets", script.Secrets).Value;
        if (script.EnvironmentSecrets.Count > 0)
        {
            context = context.With("environment", new JsonObject { ["parameters"] = script.Environment.DeepClone(), ["secrets"] = script.EnvironmentSecrets.DeepClone() }).Value;
        }

        return _language.RenderValue(node, each is null ? context : context.With("each", each).Value, stop);
    }

    /// <summary>Lodash's and JavaScript's idea of truth, as conditions are read: also an empty list is false.</summary>
    public static bool IsTrue(JsonNode? value) => value switch
    {
        null => false,
        JsonArray array => array.Count > 0,
        JsonObject => true,
        _ => value.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            JsonValueKind.String => value.GetValue<string>().Length > 0,
            _ => Schema.JsonText.Number(value) != 0,
        },
    };

    private Result<Value> Asked(bool answer)
    {
        HasAsked = true;
        return Value.Of(answer);
    }
}
