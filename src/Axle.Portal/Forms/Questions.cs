using System.Text.Json.Nodes;
using Axle.Platform.Templates.Form;

namespace Axle.Portal.Forms;

/// <summary>Chooses how each question is asked. What nothing fits is asked as JSON, so that no question is ever left out.</summary>
public sealed class Questions(Pickers pickers)
{
    private const int BoxesMax = 40;
    private const int SelectMax = 300;

    public IReadOnlyList<Question> Of(IReadOnlyList<AskedField> fields) => [.. fields.Select(Of)];

    public Question Of(AskedField field)
    {
        var schema = field.Schema;
        var (custom, widget, type) = (schema.Option("field").Text(), schema.Option("widget").Text(), schema.Type());
        if (widget == "hidden" || custom == "hidden")
        {
            return new Question(field, Asked.Hidden);
        }

        if (custom is not null && Picked(field, custom) is { } picked)
        {
            return picked;
        }

        var note = custom is null ? null : $"The template wants the field {custom}, which this portal does not have.";
        if (schema.ContainsKey("const"))
        {
            return new Question(field, Asked.Constant);
        }

        if (field.IsRecords)
        {
            return new Question(field, Asked.Records) { Note = note, Inner = [.. field.Items.Select((item, at) => new Question(item, Asked.Members) { Inner = Of(item.Inner), Number = at + 1 })] };
        }

        if (field.Inner.Count > 0)
        {
            return new Question(field, Asked.Members) { Inner = Of(field.Inner), Note = note };
        }

        if (Choices(schema) is { Count: > 0 } choices)
        {
            return new Question(field, widget == "radio" ? Asked.Radio : Asked.Choice) { Choices = choices, Note = note };
        }

        return Plain(field, type, widget, note);
    }

    private static Question Plain(AskedField field, string? type, string? widget, string? note)
    {
        var schema = field.Schema;
        switch (type)
        {
            case "boolean" when widget is "radio" or "select":
                var names = Names(schema);
                return new Question(field, widget == "radio" ? Asked.Radio : Asked.Choice) { Choices = [new("true", names.ElementAtOrDefault(0) ?? "Yes", true), new("false", names.ElementAtOrDefault(1) ?? "No", false)], Note = note };
            case "boolean":
                return new Question(field, Asked.YesNo) { Note = note };
            case "integer" or "number":
                return new Question(field, widget == "range" && schema["maximum"] is not null ? Asked.Range : Asked.Number) { Note = note };
            case "array" when schema["items"] is JsonObject each:
                return Choices(each) is { Count: > 0 } choices ? new Question(field, Asked.Boxes) { Choices = choices, Note = note }
                    : each.Type() is "string" or "number" or "integer" ? new Question(field, Asked.Lines) { Note = note, Hint = "One a line." }
                    : new Question(field, Asked.Json) { Note = note, Hint = "A list, written as JSON." };
            case "string" or null when !IsStructured(schema):
                return new Question(field, widget switch { "password" => Asked.Password, "textarea" => Asked.LongText, _ => Asked.Text }) { Note = note };
            default:
                return new Question(field, Asked.Json) { Note = note, Hint = "Written as JSON." };
        }
    }

    private Question? Picked(AskedField field, string custom)
    {
        var schema = field.Schema;
        switch (custom)
        {
            case "Secret":
                return new Question(field, Asked.Secret);
            case "EntityNamePicker" or "RepoOwnerPicker" or "RepoBranchPicker":
                return new Question(field, Asked.Text);
            case "RepoUrlPicker":
                return new Question(field, Asked.Repository);
            case "EntityTagsPicker":
                return Several(field, pickers.Tags(schema), free: true, "One tag a line.");
            case "MultiEntityPicker":
                return Several(field, pickers.Entities(schema, ownedOnly: false), IsFree(schema), "One ref a line, as kind:namespace/name.");
            case "EntityPicker":
                return One(field, pickers.Entities(schema, ownedOnly: false), IsFree(schema));
            case "OwnedEntityPicker":
                return One(field, pickers.Entities(schema, ownedOnly: true), IsFree(schema));
            case "OwnerPicker":
                var owners = pickers.Owners(schema);
                return One(field, owners, IsFree(schema)) with { Picks = owners.Count > 0 && pickers.IsOwn(owners[0]) };
            case "MyGroupsPicker":
                return One(field, pickers.MyGroups(), free: false) with { Picks = true };
            default:
                return null;
        }
    }

    /// <summary>The branches of the repository that another answer names, where a question wants one.</summary>
    public static IReadOnlyList<Question> WithBranches(IReadOnlyList<Question> all, IReadOnlyList<string> branches) =>
    [
        .. all.Select(one => one.Inner.Count > 0 ? one with { Inner = WithBranches(one.Inner, branches) }
            : IsBranch(one) && branches.Count > 0 ? one with { Asked = Asked.Proposed, Choices = [.. branches.Select(branch => new Choice(branch, branch, branch))] }
            : one),
    ];

    /// <summary>A question and all that are inside it.</summary>
    public static IEnumerable<Question> Whole(Question question) => question.Inner.SelectMany(Whole).Prepend(question);

    public static bool IsBranch(Question question) => question.Schema.Option("field").Text() == "RepoBranchPicker";

    /// <summary>Others than what the catalogue has may be named, unless the template says no.</summary>
    private static bool IsFree(JsonObject schema) => schema.Option("allowArbitraryValues")?.GetValueKind() != System.Text.Json.JsonValueKind.False;

    private static Question One(AskedField field, IReadOnlyList<Choice> choices, bool free) =>
        choices.Count is > 0 and <= SelectMax ? new Question(field, Asked.Choice) { Choices = choices, Free = free, Picks = !free && choices.Count == 1 }
        : free || choices.Count > SelectMax ? new Question(field, Asked.Proposed) { Choices = choices, Free = free }
        : new Question(field, Asked.Choice) { Note = "The catalogue has nothing that can be chosen here." };

    private static Question Several(AskedField field, IReadOnlyList<Choice> choices, bool free, string hint) =>
        choices.Count is 0 or > BoxesMax ? new Question(field, Asked.Lines) { Hint = hint, Choices = choices, Free = free } : new Question(field, Asked.Boxes) { Choices = choices, Free = free };

    private static List<Choice> Choices(JsonObject schema)
    {
        if (schema["enum"] is JsonArray values)
        {
            var names = Names(schema);
            return [.. values.Select((value, at) => new Choice(value.Shown(), names.ElementAtOrDefault(at) ?? value.Shown(), value))];
        }

        foreach (var keyword in (string[])["oneOf", "anyOf"])
        {
            if (schema[keyword] is JsonArray { Count: > 0 } options && options.All(option => option is JsonObject one && one.ContainsKey("const")))
            {
                return [.. options.OfType<JsonObject>().Select(option => new Choice(option["const"].Shown(), option["title"].Text() ?? option["const"].Shown(), option["const"]))];
            }
        }

        return [];
    }

    private static IReadOnlyList<string> Names(JsonObject schema) =>
        schema.Option("enumNames") is JsonArray or null && (schema.Option("enumNames") ?? schema["enumNames"]) is JsonArray names ? [.. names.Select(name => name.Shown())] : [];

    private static bool IsStructured(JsonObject schema) =>
        schema["type"] is JsonArray { Count: > 0 } several && several.Any(one => one.Text() is "object" or "array")
        || schema["properties"] is JsonObject || schema["items"] is not null || (schema["type"] is null && (schema["oneOf"] is JsonArray || schema["anyOf"] is JsonArray));
}
