using System.Text.Json;
using System.Text.Json.Nodes;
using Axle.Platform.Templates.Form;
using Microsoft.AspNetCore.Http;

namespace Axle.Portal.Forms;

/// <summary>One answer as a browser sends it.</summary>
internal static class PostedAnswer
{
    /// <summary>The choice that stands for what is typed beside it.</summary>
    public const string Other = "…";

    /// <summary>Ends the name of the field that it is typed into.</summary>
    public const string OtherPart = "#other";

    /// <summary>Ends the name of the field for a token of the repository's host.</summary>
    public const string TokenPart = "#token";

    public static readonly string[] RepositoryParts = ["owner", "repo", "organization", "workspace", "project"];

    /// <summary>The value; null when nothing was answered. What is no value of its type stays the text that it is, so that the check says why.</summary>
    public static JsonNode? Read(Question question, IFormCollection posted)
    {
        // Browsers send line ends as CR LF.
        var text = posted[question.Name].LastOrDefault()?.ReplaceLineEndings("\n") ?? "";
        switch (question.Asked)
        {
            case Asked.YesNo:
                // A box that is not ticked is not sent at all.
                return posted.ContainsKey(question.Name);
            case Asked.Choice when question.Free && text == Other:
                return posted[question.Name + OtherPart].ToString().Trim() is { Length: > 0 } other ? JsonValue.Create(question.Whole(other)) : null;
            case Asked.Proposed:
                return text.Trim().Length == 0 ? Text(question, "") : Proposed(question, text.Trim());
            case Asked.Choice or Asked.Radio:
                return text.Length == 0 && question.Choices.All(choice => choice.Text.Length > 0) ? null : Chosen(question, text);
            case Asked.Boxes:
                var others = question.Free ? posted[question.Name + OtherPart].ToString().Split([' ', ',', '\n', '\t'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
                var ticked = posted[question.Name].OfType<string>().Select(one => Chosen(question, one)).Concat(others.Select(one => (JsonNode?)JsonValue.Create(question.Whole(one))));
                return new JsonArray([.. ticked.DistinctBy(one => one.Shown())]) is { Count: > 0 } array ? array : null;
            case Asked.Lines:
                var each = question.Schema["items"];
                var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                return lines.Length == 0 ? null : new JsonArray([.. lines.Select(line => TemplateForm.Read(line, each))]);
            case Asked.Repository:
                return Repository(question, posted);
            case Asked.Json:
                return text.Trim().Length == 0 ? null : Json(text);
            case Asked.Number or Asked.Range:
                return text.Trim().Length == 0 ? null : TemplateForm.Read(text.Trim(), question.Schema);
            case Asked.LongText:
                return Text(question, text);
            default:
                return Text(question, text.Trim());
        }
    }

    /// <summary>The parts of a repository's address, as its picker gives it: <c>host?owner=…&amp;repo=…</c>.</summary>
    public static IReadOnlyDictionary<string, string> Parts(string? address)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal) { ["host"] = address?.Split('?')[0] ?? "" };
        foreach (var (name, value) in Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(address?.Contains('?', StringComparison.Ordinal) == true ? address[(address.IndexOf('?', StringComparison.Ordinal) + 1)..] : ""))
        {
            parts[name] = value.ToString();
        }

        return parts;
    }

    /// <summary>One of the offers, by its value or by what it is called; else what was typed.</summary>
    private static JsonNode? Proposed(Question question, string text) =>
        (question.Choices.FirstOrDefault(choice => choice.Text == text) ?? question.Choices.FirstOrDefault(choice => string.Equals(choice.Label, text, StringComparison.OrdinalIgnoreCase)))?.Value?.DeepClone()
        ?? JsonValue.Create(question.Free ? question.Whole(text) : text);

    // To clear a text that the template proposes is an answer; else the proposal would come back.
    private static JsonValue? Text(Question question, string text) => text.Length == 0 && question.Schema["default"] is null ? null : JsonValue.Create(text);

    private static JsonNode? Chosen(Question question, string text) => question.Choices.FirstOrDefault(choice => choice.Text == text) is { } choice ? choice.Value?.DeepClone() : JsonValue.Create(text);

    private static JsonValue? Repository(Question question, IFormCollection posted)
    {
        string Part(string name) => posted[$"{question.Name}#{name}"].ToString().Trim();
        if (Part("host").Length == 0 && RepositoryParts.All(name => Part(name).Length == 0))
        {
            return null;
        }

        // What the form chose by itself is no answer to a question that nobody has to answer.
        if (!question.Required && RepositoryParts.All(name => Part(name).Length == 0 || question.Schema.Option(Forms.RepositoryParts.Allowed(name)).Texts().Contains(Part(name))))
        {
            return null;
        }

        var query = RepositoryParts.Where(name => Part(name).Length > 0).Aggregate(QueryString.Empty, (so, name) => so.Add(name, Part(name)));
        return JsonValue.Create(Part("host") + query);
    }

    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
