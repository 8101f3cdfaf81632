using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Axle.Portal.Forms;

/// <summary>What a browser asks with.</summary>
public enum Asked
{
    Text,
    LongText,
    Number,
    YesNo,
    Choice,
    Owner,
}

/// <summary>
/// One question of a template, read from its JSON schema for a plain HTML form. Only for asking: whether an answer fits
/// is for the Templates capability to say.
/// </summary>
public sealed partial record Question(string Name, Asked Asked, string Title)
{
    public string? Help { get; init; }

    public string? Default { get; init; }

    public bool Required { get; init; }

    public bool First { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    public int? LengthMax { get; init; }

    /// <summary>In the dialect of browsers.</summary>
    public string? Pattern { get; init; }

    public string? Least { get; init; }

    public string? Most { get; init; }

    /// <summary>Whole numbers only.</summary>
    public bool Whole { get; init; }

    /// <summary>Every question in the schema's order; name and owner are always among them, because nothing is made without.</summary>
    public static IReadOnlyList<Question> ReadAll(JsonElement parameters)
    {
        JsonElement[] pages = parameters.ValueKind switch
        {
            JsonValueKind.Array => [.. parameters.EnumerateArray()],
            JsonValueKind.Object => [parameters],
            _ => [],
        };
        var questions = new List<Question>();
        foreach (var page in pages)
        {
            var required = Member(page, "required") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(r => r.ToString()).ToHashSet() : [];
            if (Member(page, "properties") is { ValueKind: JsonValueKind.Object } properties)
            {
                questions.AddRange(properties.EnumerateObject().Select(p => Read(p.Name, p.Value, required.Contains(p.Name))));
            }
        }

        if (questions.All(q => q.Name != "owner"))
        {
            questions.Insert(0, new Question("owner", Asked.Owner, "Owner") { Required = true });
        }

        if (questions.All(q => q.Name != "name"))
        {
            questions.Insert(0, new Question("name", Asked.Text, "Name") { Required = true, First = true });
        }

        return questions;
    }

    /// <summary>The answer in a posted form; null when it was left to the template's default.</summary>
    public string? Answer(Func<string, string?> posted)
    {
        var text = posted(Name);
        return (Asked, text) switch
        {
            // A box that is not ticked is not sent at all.
            (Asked.YesNo, _) => text is null ? "false" : "true",
            (_, null) => null,
            (_, "") when Default is null || Asked is Asked.Number or Asked.Choice => null,

            // Browsers send line ends as CR LF.
            _ => text.ReplaceLineEndings("\n").Trim(),
        };
    }

    private static Question Read(string name, JsonElement schema, bool required)
    {
        var type = Text(schema, "type");
        IReadOnlyList<string> choices = Member(schema, "enum") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(c => c.ToString())] : [];
        var asked = name == "owner" || Text(schema, "ui:field") == "OwnerPicker" ? Asked.Owner
            : choices.Count > 0 ? Asked.Choice
            : type == "boolean" ? Asked.YesNo
            : type is "integer" or "number" ? Asked.Number
            : Text(schema, "ui:widget") == "textarea" ? Asked.LongText
            : Asked.Text;
        return new Question(name, asked, Text(schema, "title") ?? name)
        {
            Help = Text(schema, "description"),
            Default = Member(schema, "default") is { } value ? Shown(value) : null,
            Required = required || name is "name" or "owner",
            First = Member(schema, "ui:autofocus") is { ValueKind: JsonValueKind.True },
            Choices = choices,
            LengthMax = Member(schema, "maxLength") is { ValueKind: JsonValueKind.Number } length && length.TryGetInt32(out var most) ? most : null,
            Pattern = Text(schema, "pattern") is { } pattern ? ForBrowsers(pattern) : null,
            Least = Number(schema, "minimum"),
            Most = Number(schema, "maximum"),
            Whole = type == "integer",
        };
    }

    // Browsers read a pattern with the flag v, in which a dash at either end of a class is a mistake unless it is escaped.
    private static string ForBrowsers(string pattern) => DashAtEnd().Replace(DashAtStart().Replace(pattern, @"$1\-"), @"\-]");

    [GeneratedRegex(@"(?<!\\)(\[\^?)-", RegexOptions.CultureInvariant)]
    private static partial Regex DashAtStart();

    [GeneratedRegex(@"(?<!\\)-\]", RegexOptions.CultureInvariant)]
    private static partial Regex DashAtEnd();

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "",
        _ => value.ToString(),
    };

    private static JsonElement? Member(JsonElement schema, string key) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(key, out var value) ? value : null;

    private static string? Text(JsonElement schema, string key) => Member(schema, key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static string? Number(JsonElement schema, string key) =>
        Member(schema, key) is { ValueKind: JsonValueKind.Number } value ? value.GetDecimal().ToString(CultureInfo.InvariantCulture) : null;
}
