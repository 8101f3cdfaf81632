using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Schema;

namespace Axle.Platform.Templates.Definition;

/// <summary>
/// Reads a Template entity (<c>scaffolder.backstage.io/v1beta3</c>). Its form is checked as Backstage checks it, and further what
/// Backstage finds only when a task runs: actions that nobody has, and schemas that nothing can be held against.
/// </summary>
internal static class DefinitionReader
{
    /// <summary>Pages of questions; each is checked with a bound of its own.</summary>
    private const int PagesMax = 100;

    public static Result<TemplateDefinition> Read(Entity entity, IReadOnlyDictionary<string, Actions.ITemplateAction> actions)
    {
        if (entity.ApiVersion != Kinds.ScaffolderApi || !entity.Kind.Equals(Kinds.Template, StringComparison.OrdinalIgnoreCase))
        {
            return TemplateErrors.NoTemplate(entity);
        }

        // 1. The form.
        var problems = new List<Problem>();
        var spec = entity.Spec.ValueKind == JsonValueKind.Object ? JsonObject.Create(entity.Spec)! : null;
        if (spec is null)
        {
            return TemplateErrors.Invalid(entity.Metadata.Name, [new Problem("is missing or no object", Path: "spec")]);
        }

        problems.AddRange(JsonSchema.Check(spec, TemplateForm.Schema).Select(problem => problem.ToProblem()).Select(problem => problem with { Path = problem.Path is null ? "spec" : $"spec.{problem.Path}" }));
        if (problems.Count > 0)
        {
            return TemplateErrors.Invalid(entity.Metadata.Name, problems);
        }

        // 2. What it says.
        IReadOnlyList<JsonObject> pages = spec["parameters"] switch
        {
            JsonArray several => [.. several.OfType<JsonObject>()],
            JsonObject one => [one],
            _ => [],
        };
        var steps = ((JsonArray)spec["steps"]!).OfType<JsonObject>().Select(Step).ToList();

        // 3. What would only show later.
        if (pages.Count > PagesMax)
        {
            problems.Add(new Problem($"has {pages.Count} pages, and at most {PagesMax} are asked", Path: "spec.parameters"));
        }

        for (var i = 0; i < pages.Count; i++)
        {
            problems.AddRange(SchemaRules.Check(pages[i], spec["parameters"] is JsonArray ? $"spec.parameters[{i}]" : "spec.parameters"));
        }

        var secrets = (spec["secrets"] as JsonObject)?["schema"] as JsonObject;
        if (secrets is not null)
        {
            problems.AddRange(SchemaRules.Check(secrets, "spec.secrets.schema"));
        }

        for (var i = 0; i < steps.Count; i++)
        {
            problems.AddRange(StepProblems(steps[i], $"spec.steps[{i}]", actions));
        }

        return problems.Count > 0 ? TemplateErrors.Invalid(entity.Metadata.Name, problems) : new TemplateDefinition
        {
            Entity = entity,
            Type = spec["type"]!.GetValue<string>(),
            Pages = pages,
            Steps = steps,
            Output = spec["output"] as JsonObject ?? [],
            SecretsSchema = secrets,
            Presentation = spec["presentation"] as JsonObject,
            FormDecorators = spec["formDecorators"] ?? spec["EXPERIMENTAL_formDecorators"],
        };
    }

    /// <summary>A step as the template has it; what is not said is filled in as Backstage does.</summary>
    internal static StepDefinition Step(JsonObject step, int index)
    {
        var action = step["action"]!.GetValue<string>();
        var (id, name) = (Text(step, "id") ?? $"step-{index + 1}", Text(step, "name") ?? action);
        var written = (JsonObject)step.DeepClone();
        (written["id"], written["name"]) = (id, name);
        return new StepDefinition(id, name, action, written["input"] as JsonObject, written["if"], written["each"]) { Written = written };
    }

    private static List<Problem> StepProblems(StepDefinition step, string path, IReadOnlyDictionary<string, Actions.ITemplateAction> actions)
    {
        if (!actions.TryGetValue(step.Action, out var action))
        {
            var area = step.Action.Split(':')[0] + ":";
            var near = actions.Keys.Where(id => id.StartsWith(area, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
            return [new Problem($"there is no action '{step.Action}'{(near.Count == 0 ? "" : $"; there are {string.Join(", ", near)}")} (axle template actions lists all)", Path: $"{path}.action")];
        }

        var problems = new List<Problem>();
        if (step.Each is { } each && each.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
        {
            problems.Add(new Problem("must be a list, an object, or an expression that gives one", Path: $"{path}.each"));
        }

        // Names can be checked before anything is rendered; values cannot. A step that may be left out may be wrong for as long as it is.
        if (step.If is not null)
        {
            return problems;
        }

        var (input, schema) = (step.Input ?? [], action.InputSchema);
        var known = schema["properties"] as JsonObject ?? [];
        problems.AddRange((schema["required"] as JsonArray ?? []).Select(name => name!.GetValue<string>()).Where(name => !input.ContainsKey(name))
            .Select(name => new Problem($"the action {step.Action} needs the input '{name}'", Path: $"{path}.input")));
        if (schema[SchemaKeywords.AdditionalProperties]?.GetValueKind() == JsonValueKind.False && schema["patternProperties"] is null)
        {
            problems.AddRange(input.Where(member => !known.ContainsKey(member.Key))
                .Select(member => new Problem($"the action {step.Action} has no input '{member.Key}'; it has {string.Join(", ", known.Select(one => one.Key))}", Path: $"{path}.input.{member.Key}")));
        }

        return problems;
    }

    private static string? Text(JsonObject record, string name) => record[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
