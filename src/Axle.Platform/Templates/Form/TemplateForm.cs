using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Definition;
using Axle.Platform.Templates.Schema;

namespace Axle.Platform.Templates.Form;

/// <summary>What a template asks, for whoever shows it as a form. Which questions apply and which answers fit is said here; how they are asked is not.</summary>
public sealed class TemplateForm
{
    private readonly TemplateDefinition _definition;
    private readonly IReadOnlyList<string> _flags;
    private readonly PickerChecks _pickers;

    /// <param name="flags">Feature flags that are on.</param>
    /// <param name="kindOf">What runs at a host of repositories.</param>
    internal TemplateForm(TemplateDefinition definition, IReadOnlyList<string> flags, Func<string, string?> kindOf)
    {
        (_definition, _flags, _pickers) = (definition, flags, new PickerChecks(kindOf));
        Pages = [.. definition.Pages.Where(IsOn)];
    }

    public Entity Entity => _definition.Entity;

    public string Title => _definition.Title;

    /// <summary>The JSON schema of each page; those behind a feature flag that is off are not asked.</summary>
    public IReadOnlyList<JsonObject> Pages { get; }

    /// <summary>Names and actions of what is done then.</summary>
    public IReadOnlyList<(string Name, string Action)> Steps => [.. _definition.Steps.Select(step => (step.Name, step.Action))];

    /// <summary>The schema of the secrets that it needs; null when it says nothing of them.</summary>
    public JsonObject? Secrets => _definition.SecretsSchema;

    /// <summary>A label of its own for a button: <c>backButtonText</c>, <c>createButtonText</c>, <c>reviewButtonText</c>.</summary>
    public string? Label(string button) =>
        (_definition.Presentation?["buttonLabels"] as JsonObject)?[button] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <summary>The questions of a page that apply, given the answers so far.</summary>
    public IReadOnlyList<AskedField> Asked(int page, JsonObject answers) => [.. AskedFields.Of(Pages[page], answers).Where(field => IsOn(field.Schema))];

    /// <summary>The secrets that the template says it needs.</summary>
    public IReadOnlyList<AskedField> AskedSecrets => Secrets is null ? [] : AskedFields.Of(Secrets, []);

    /// <summary>The answers, with what the pages propose for the rest.</summary>
    public JsonObject Filled(JsonObject answers)
    {
        var filled = _definition.Filled(answers);
        foreach (var field in Enumerable.Range(0, Pages.Count).SelectMany(page => Asked(page, filled)).Where(field => field.Schema.ContainsKey("const") && !filled.ContainsKey(field.Name)))
        {
            filled[field.Name] = field.Schema["const"]?.DeepClone();
        }

        return filled;
    }

    /// <summary>The answers without those to questions that do not apply, as they stand.</summary>
    public JsonObject Applying(JsonObject answers)
    {
        var asked = Enumerable.Range(0, Pages.Count).SelectMany(page => Asked(page, answers)).Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        return new JsonObject(answers.Where(answer => asked.Contains(answer.Key) || _definition.Question(answer.Key) is null).Select(answer => KeyValuePair.Create(answer.Key, answer.Value?.DeepClone())));
    }

    /// <summary>What is wrong with the answers to a page's questions.</summary>
    public IReadOnlyList<AnswerProblem> Check(int page, JsonObject answers) =>
        Problems(JsonSchema.Check(answers, Pages[page])) is { Count: > 0 } problems ? problems : _pickers.Check(Asked(page, answers), answers);

    /// <summary>What is wrong with the secrets; their values are in no message.</summary>
    public IReadOnlyList<AnswerProblem> CheckSecrets(JsonObject secrets) =>
        Problems(_definition.CheckSecrets(secrets).Select(problem => problem.Keyword == SchemaKeywords.Required ? problem : problem with { Message = $"does not fit what the template wants ({problem.Keyword})" }));

    /// <summary>A typed text as the value that the schema asks for; the text itself when it is none.</summary>
    public static JsonNode? Read(string text, JsonNode? schema) => TextAnswers.Read(text, schema);

    private bool IsOn(JsonObject schema) =>
        (schema["ui:backstage"] as JsonObject)?["featureFlag"] is not JsonValue value || !value.TryGetValue<string>(out var flag) || _flags.Contains(flag);

    private static IReadOnlyList<AnswerProblem> Problems(IEnumerable<SchemaProblem> problems) =>
        [.. problems.Select(problem => new AnswerProblem(problem.Keyword == SchemaKeywords.Required && problem.Argument is JsonValue missing ? [.. problem.Path, missing.GetValue<string>()] : problem.Path, problem.Message))];
}
