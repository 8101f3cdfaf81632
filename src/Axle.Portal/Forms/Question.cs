using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axle.Contracts;
using Axle.Platform.Templates.Form;

namespace Axle.Portal.Forms;

/// <summary>What a browser asks with.</summary>
public enum Asked
{
    Text,
    LongText,
    Number,
    Range,
    YesNo,
    Choice,
    Radio,
    Boxes,

    /// <summary>A text with proposals.</summary>
    Proposed,

    /// <summary>A list of texts or numbers, one a line.</summary>
    Lines,
    Repository,

    /// <summary>Never shown again; goes to the steps as a secret.</summary>
    Secret,

    /// <summary>Never shown again; an answer like others for the steps.</summary>
    Password,

    /// <summary>Said by the template; nothing to type.</summary>
    Constant,
    Hidden,

    /// <summary>An object, whose members are asked one by one.</summary>
    Members,

    /// <summary>A list of records, each with its members.</summary>
    Records,

    /// <summary>Nothing fits better: JSON as text.</summary>
    Json,
}

/// <param name="Text">As the form sends it.</param>
public sealed record Choice(string Text, string Label, JsonNode? Value);

/// <summary>One question of a template as a plain HTML form asks it. Only for asking: whether an answer fits is for the Templates capability to say.</summary>
public sealed partial record Question(AskedField Field, Asked Asked)
{
    public const string Prefix = "answer/";

    public JsonObject Schema => Field.Schema;

    public string Path => PathOf(Field.Path);

    /// <summary>The field's name in what is posted.</summary>
    public string Name => Prefix + Path;

    public string Id => "q-" + NoLetter().Replace(string.Join('-', Field.Path), match => "_" + ((int)match.Value[0]).ToString("x", CultureInfo.InvariantCulture));

    public string Title => Schema.Option("title").Text() ?? Schema["title"].Text() ?? Field.Name;

    public string? Help => Schema.Option("description").Text() ?? Schema["description"].Text();

    public string? MoreHelp => Schema.Option("help").Text() ?? Schema.Option("helperText").Text();

    public string? Placeholder => Schema.Option("placeholder").Text();

    public bool Required => Field.Required;

    public bool First => Schema.Option("autofocus").Is();

    /// <summary>Shown, and not to be changed.</summary>
    public bool Fixed => Schema.Option("disabled").Is() || Schema.Option("readonly").Is() || Schema["readOnly"].Is();

    /// <summary>Something that whoever fills the form should know about how it is asked.</summary>
    public string? Note { get; init; }

    /// <summary>How to write the answer.</summary>
    public string? Hint { get; init; }

    public IReadOnlyList<Choice> Choices { get; init; } = [];

    /// <summary>What is not among the choices may be typed.</summary>
    public bool Free { get; init; }

    /// <summary>One of the choices is meant before anybody chose; it stands first.</summary>
    public bool Picks { get; init; }

    /// <summary>The name of a secret that a token for the repository's host becomes; null when the template asks for none.</summary>
    public string? TokenKey => Asked is Asked.Repository or Asked.Proposed or Asked.Text ? (Schema.Option("requestUserCredentials") as JsonObject)?["secretsKey"].Text() : null;

    /// <summary>What the review calls it.</summary>
    public string ReviewTitle => Review?["name"].Text() ?? Title;

    /// <summary>What stands in the review in place of the answer.</summary>
    public string? Mask => Review?["mask"].Text();

    public bool IsReviewed => Asked != Asked.Hidden && (Mask is not null || Review?["show"] is not JsonValue show || show.GetValueKind() != System.Text.Json.JsonValueKind.False);

    private JsonObject? Review => (Schema["ui:backstage"] as JsonObject)?["review"] as JsonObject;

    /// <summary>What browsers help to type.</summary>
    public string InputType => (Schema.Option("widget").Text() ?? Schema.Option("inputType").Text() ?? Schema["format"].Text()) switch
    {
        "email" => "email",
        "uri" or "url" => "url",
        "date" => "date",
        "color" => "color",
        "tel" => "tel",
        _ => "text",
    };

    public IReadOnlyList<Question> Inner { get; init; } = [];

    /// <summary>Of a record in a list, from 1.</summary>
    public int? Number { get; init; }

    public string? LengthMin => Schema["minLength"].Number();

    public string? LengthMax => Schema["maxLength"].Number();

    /// <summary>In the dialect of browsers, which want the whole text to match.</summary>
    public string? Pattern => Schema["pattern"].Text() is { } pattern ? $"[\\s\\S]*(?:{ForBrowsers(pattern)})[\\s\\S]*" : null;

    /// <summary>What is said instead of the browser's words.</summary>
    public string? PatternMessage => Schema.OwnMessage("pattern") ?? (Schema["pattern"] is null ? null : Help);

    public string? Least => Schema["minimum"].Number();

    public string? Most => Schema["maximum"].Number();

    public string Step => Schema["multipleOf"].Number() ?? (Schema.Type() == "integer" ? "1" : "any");

    public int? ItemsMax => Schema["maxItems"]?.GetValueKind() == System.Text.Json.JsonValueKind.Number && (double)Schema["maxItems"]! is var most and >= 0 and < int.MaxValue ? (int)most : null;

    public string Rows => (Schema["ui:options"] as JsonObject)?["rows"].Number() ?? "4";

    /// <summary>All questions that have an answer of their own.</summary>
    public IEnumerable<Question> Leaves => Asked is Asked.Members or Asked.Records ? Inner.SelectMany(one => one.Leaves) : [this];

    public static string PathOf(IEnumerable<string> parts) => string.Join('/', parts.Select(part => part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    public static IReadOnlyList<string> PartsOf(string path) => [.. path.Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    /// <summary>A typed ref with what the template lets people leave out.</summary>
    public string Whole(string typed)
    {
        var kind = Schema.Option("defaultKind").Text() ?? (Schema.Option("field").Text() == "OwnerPicker" ? Kinds.Group : null);
        var (colon, slash) = (typed.IndexOf(':', StringComparison.Ordinal), typed.IndexOf('/', StringComparison.Ordinal));
        return (kind is null && (colon < 0 || (slash >= 0 && slash < colon))) || !EntityRef.TryParse(typed, kind, Schema.Option("defaultNamespace").Text() ?? EntityRef.DefaultNamespace, out var which) ? typed : which.ToString();
    }

    // Browsers read a pattern with the flag v, in which a dash at either end of a class is a mistake unless it is escaped.
    private static string ForBrowsers(string pattern) => DashAtEnd().Replace(DashAtStart().Replace(pattern, @"$1\-"), @"\-]");

    [GeneratedRegex(@"(?<!\\)(\[\^?)-", RegexOptions.CultureInvariant)]
    private static partial Regex DashAtStart();

    [GeneratedRegex(@"(?<!\\)-\]", RegexOptions.CultureInvariant)]
    private static partial Regex DashAtEnd();

    [GeneratedRegex("[^A-Za-z0-9-]", RegexOptions.CultureInvariant)]
    private static partial Regex NoLetter();
}
