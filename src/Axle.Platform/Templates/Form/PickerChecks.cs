using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities.Validation;
using Axle.Platform.Templates.Actions;

namespace Axle.Platform.Templates.Form;

/// <summary>What the pickers of Backstage want of an answer beyond its schema. Only the form asks for it; a task that is begun by the API is held to the schema alone, as there.</summary>
internal sealed class PickerChecks(Func<string, string?> kindOf)
{
    public IReadOnlyList<AnswerProblem> Check(IReadOnlyList<AskedField> fields, JsonObject record) => [.. fields.SelectMany(field => Check(field, record[field.Name]))];

    private IEnumerable<AnswerProblem> Check(AskedField field, JsonNode? answer)
    {
        if (field.Inner.Count > 0)
        {
            return answer is JsonObject inner ? Check(field.Inner, inner) : [];
        }

        if (answer is null || field.Schema["ui:field"] is not JsonValue value || !value.TryGetValue<string>(out var picker))
        {
            return [];
        }

        return Wrong(picker, answer, field.Schema).Select(message => new AnswerProblem(field.Path, message)).Take(1);
    }

    private IEnumerable<string> Wrong(string picker, JsonNode answer, JsonObject schema) => (picker, answer) switch
    {
        ("EntityNamePicker", JsonValue one) when Text(one) is { } name && !EnvelopeRules.IsName(name) =>
            ["must be 1 to 63 letters, digits, '-', '_' or '.', and begin and end with a letter or digit"],
        ("EntityTagsPicker", JsonArray tags) =>
            tags.Select(Text).OfType<string>().Where(tag => !EnvelopeRules.IsTag(tag)).Select(tag => $"has '{tag}', and a tag is small letters, digits, ':', '+' and '#', with single dashes between them"),
        ("MultiEntityPicker", JsonArray refs) =>
            refs.Select(Text).OfType<string>().Where(one => !EntityRef.TryParse(one, null, out _)).Select(one => $"has '{one}', which is no ref: kind:namespace/name"),
        ("RepoUrlPicker", JsonValue one) when Text(one) is { } address => Repository(address),
        _ => [],
    };

    /// <summary>Each host has its own idea of what a repository belongs to.</summary>
    private IEnumerable<string> Repository(string text)
    {
        if (RepoUrl.Parse(text) is not { } address)
        {
            return ["needs a host"];
        }

        IEnumerable<string> needed = kindOf(address.Host) switch
        {
            "axle" or "gerrit" => [],
            "bitbucketCloud" => ["workspace", "project"],
            "bitbucketServer" => ["project"],
            "azure" => ["organization", "project"],
            _ => ["owner"],
        };
        var missing = needed.Append("repo").Where(part => address[part] is null).Select(part => part switch { "repo" => "a repository", "owner" or "organization" => $"an {part}", _ => $"a {part}" }).ToList();
        return missing.Count == 0 ? [] : [$"needs {string.Join(" and ", missing)}"];
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
