using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;

namespace Axle.Platform.Templates;

/// <summary>
/// Checks what someone answered to a template's questions against its JSON schema. Answers arrive as text, from a form or
/// a command line, and become what the schema says. The keywords that forms use are checked; others do not restrict.
/// </summary>
internal static class Answers
{
    private static readonly TimeSpan s_patternTime = TimeSpan.FromSeconds(1);

    /// <summary>The template's parameters, with defaults; or every answer that does not fit.</summary>
    public static Result<JsonObject> Read(ShippedTemplate template, CreateRequest request)
    {
        var problems = new List<Problem>();
        var pages = template.Parameters.ValueKind == JsonValueKind.Array ? [.. template.Parameters.EnumerateArray()] : new[] { template.Parameters };
        var properties = pages.SelectMany(p => Member(p, "properties") is { ValueKind: JsonValueKind.Object } o ? o.EnumerateObject().ToArray() : []).ToDictionary(p => p.Name, p => p.Value);
        var given = new Dictionary<string, string>(request.Values ?? new Dictionary<string, string>(), StringComparer.Ordinal) { ["name"] = request.Name, ["owner"] = request.Owner };
        if (request.Description is not null)
        {
            given["description"] = request.Description;
        }

        foreach (var unknown in given.Keys.Where(k => !properties.ContainsKey(k) && k is not ("name" or "owner" or "description")))
        {
            problems.Add(new Problem($"the template does not ask for this; it asks for {string.Join(", ", properties.Keys)}", Path: unknown));
        }

        var answers = new JsonObject();
        foreach (var (name, schema) in properties)
        {
            answers[name] = given.TryGetValue(name, out var text) ? Read(name, text, schema, problems) : Member(schema, "default") is { } value ? JsonNode.Parse(value.GetRawText()) : null;
        }

        foreach (var name in given.Keys.Where(k => !answers.ContainsKey(k)))
        {
            answers[name] = given[name];
        }

        foreach (var required in pages.SelectMany(p => Member(p, "required") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(r => r.GetString()!).ToArray() : []))
        {
            if (!answers.TryGetPropertyValue(required, out var answer) || (answer is null && !given.ContainsKey(required)))
            {
                problems.Add(new Problem("an answer is needed", Path: required));
            }
        }

        return problems.Count > 0 ? TemplateErrors.Answers(template.Name, problems) : answers;
    }

    private static JsonNode? Read(string name, string text, JsonElement schema, List<Problem> problems)
    {
        var value = Typed(text, Member(schema, "type")?.GetString());
        var mistake = value is null ? $"must be of type {Member(schema, "type")?.GetString()}"
            : Member(schema, "enum") is { } allowed && !allowed.EnumerateArray().Any(a => JsonNode.DeepEquals(JsonNode.Parse(a.GetRawText()), value)) ? $"must be one of {string.Join(", ", allowed.EnumerateArray())}"
            : Number(schema, "minLength") is { } least && text.Length < least ? $"needs at least {least} characters"
            : Number(schema, "maxLength") is { } most && text.Length > most ? $"may have at most {most} characters"
            : Member(schema, "pattern")?.GetString() is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, s_patternTime) ? $"does not fit the pattern {pattern}"
            : null;
        if (mistake is not null)
        {
            problems.Add(new Problem(mistake, Path: name));
        }

        return value;
    }

    private static JsonNode? Typed(string text, string? type) => type switch
    {
        "boolean" => bool.TryParse(text, out var flag) ? flag : null,
        "integer" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null,
        "number" => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => text,
    };

    private static JsonElement? Member(JsonElement schema, string key) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(key, out var value) ? value : null;

    private static int? Number(JsonElement schema, string key) => Member(schema, key) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : null;
}
