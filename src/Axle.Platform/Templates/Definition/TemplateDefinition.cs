using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Platform.Templates.Schema;

namespace Axle.Platform.Templates.Definition;

/// <summary>What a Template entity says, checked: what it asks, what it does, what it gives.</summary>
internal sealed record TemplateDefinition
{
    public required Entity Entity { get; init; }

    public EntityRef Ref => Entity.Ref;

    public string Title => Entity.Metadata.Title ?? Entity.Metadata.Name;

    public required string Type { get; init; }

    /// <summary>One JSON schema for each page of the form.</summary>
    public required IReadOnlyList<JsonObject> Pages { get; init; }

    public required IReadOnlyList<StepDefinition> Steps { get; init; }

    /// <summary>Links, texts and values, with expressions.</summary>
    public required JsonObject Output { get; init; }

    /// <summary>The schema of the secrets that it needs; null when it says nothing of them.</summary>
    public JsonObject? SecretsSchema { get; init; }

    /// <summary>Labels of the form's buttons; null when it says nothing.</summary>
    public JsonObject? Presentation { get; init; }

    public JsonNode? FormDecorators { get; init; }

    /// <summary>The answers with what the pages propose for the rest. One page may ask because of an answer on another.</summary>
    public JsonObject Filled(JsonObject answers) => Pages.Aggregate(answers, SchemaDefaults.Fill);

    /// <summary>What is wrong with answers; each page is held against all of them, as Backstage does.</summary>
    public IReadOnlyList<SchemaProblem> Check(JsonObject answers) =>
        [.. Pages.SelectMany(page => JsonSchema.Check(answers, page)).DistinctBy(problem => (problem.Field, problem.Message))];

    /// <summary>What is wrong with the secrets that are given.</summary>
    public IReadOnlyList<SchemaProblem> CheckSecrets(JsonObject secrets) => SecretsSchema is null ? [] : JsonSchema.Check(secrets, SecretsSchema);

    /// <summary>The schema of one answer, on whichever page it is asked.</summary>
    public JsonNode? Question(string name) => Pages.Select(page => Question(page, name, 0)).FirstOrDefault(found => found is not null);

    /// <summary>The names of all answers that are asked for.</summary>
    public IReadOnlyList<string> Questions => [.. Pages.SelectMany(page => page["properties"] as JsonObject ?? []).Select(property => property.Key).Distinct()];

    // A question may be asked only because of another answer: inside a dependency, a condition, or an option.
    private static JsonNode? Question(JsonNode? schema, string name, int depth)
    {
        const int DepthMax = 6;
        if (depth > DepthMax || schema is not JsonObject rules)
        {
            return null;
        }

        if ((rules["properties"] as JsonObject)?[name] is { } found && !(found is JsonObject { Count: 1 } constant && constant.ContainsKey("const")))
        {
            return found;
        }

        IEnumerable<JsonNode?> inner =
        [
            .. rules["allOf"] as JsonArray ?? [], .. rules["anyOf"] as JsonArray ?? [], .. rules["oneOf"] as JsonArray ?? [],
            .. (rules["dependencies"] as JsonObject ?? []).Select(one => one.Value), rules["then"], rules["else"],
        ];
        return inner.Select(part => Question(part, name, depth + 1)).FirstOrDefault(one => one is not null);
    }
}

/// <summary>One step, as written, with its id and name filled in.</summary>
/// <param name="Id">What later steps call its outputs by.</param>
/// <param name="Input">With expressions; empty when there is none.</param>
/// <param name="If">A text or a boolean; null when it always runs.</param>
/// <param name="Each">What it is run for: an expression, a list or an object; null when it is run once.</param>
internal sealed record StepDefinition(string Id, string Name, string Action, JsonObject? Input, JsonNode? If, JsonNode? Each)
{
    /// <summary>Everything that the template says of it, its id and name filled in, as Backstage's API shows it.</summary>
    public required JsonObject Written { get; init; }
}
