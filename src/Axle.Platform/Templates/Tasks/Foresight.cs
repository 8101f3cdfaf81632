using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Nunjucks;

namespace Axle.Platform.Templates.Tasks;

/// <summary>
/// Asks the actions of a template whether they can work here, before any of them runs: with the inputs as far as the answers
/// tell them. Steps that may be left out are let through, as is everything that depends on an earlier step.
/// </summary>
internal sealed partial class Foresight(ActionTable actions, TemplateLanguage language)
{
    /// <param name="script">Its secrets are not looked at: no message holds one.</param>
    public Error? Refuse(TaskScript script, CancellationToken stop)
    {
        if (!Evaluation.Of(language, script).TryGet(out var evaluation, out var unreadable))
        {
            return unreadable;
        }

        var hidden = script.Hidden;
        return script.Steps
            .Where(step => step.Each is null && actions.All.ContainsKey(step.Action) && Runs(step, evaluation, stop))
            .Select(step => actions.All[step.Action].Refuse(Known(step.Input ?? [], evaluation, hidden, stop)) is { } why ? TemplateErrors.Foreseen(step, why) : null)
            .FirstOrDefault(refused => refused is not null);
    }

    /// <summary>Certainly: whatever the steps before give.</summary>
    private static bool Runs(StepDefinition step, Evaluation evaluation, CancellationToken stop) => step.If switch
    {
        null => true,
        var text when text.GetValueKind() == JsonValueKind.String => !IsLater(text) && Evaluation.IsTrue(evaluation.Render(text, stop)),
        var flag => flag.GetValueKind() != JsonValueKind.False,
    };

    private static JsonObject Known(JsonObject written, Evaluation evaluation, TaskScript hidden, CancellationToken stop)
    {
        var now = new JsonObject(written.Where(member => !IsLater(member.Value)).Select(Copied));
        var input = (JsonObject)evaluation.RenderInput(now, null, hidden, stop)!;
        foreach (var (name, value) in written.Where(member => IsLater(member.Value)).Select(Copied))
        {
            input[name] = value;
        }

        return input;
    }

    private static KeyValuePair<string, JsonNode?> Copied(KeyValuePair<string, JsonNode?> member) => KeyValuePair.Create(member.Key, member.Value?.DeepClone());

    private static bool IsLater(JsonNode? written) => written is not null && Later().IsMatch(written.ToJsonString());

    [GeneratedRegex(@"\b(steps|each|always|failure)\b")]
    private static partial Regex Later();
}
