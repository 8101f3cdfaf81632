using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
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

    public string Path => string.Join('/', Field.Path.Select(part => part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    /// <summary>The field's name in what is posted.</summary>
    public string Name => Prefix + Path;

    public string Id => "q-" + NoLetter().Replace(string.Join('-', Field.Path), match => "_" + ((int)match.Value[0]).ToString("x", CultureInfo.InvariantCulture));

    public string Title => Schema.Option("title").Text() ?? Schema["title"].Text() ?? Field.Name;

    public string? Help => Schema.Option("description").Text() ?? Schema["description"].Text();

    public string? MoreHelp => Schema.Option("help").Text();

    public string? Placeholder => Schema.Option("placeholder").Text();

    public bool Required => Field.Required;

    public bool First => Schema.Option("autofocus").Is();

    /// <summary>Shown, and not to be changed.</summary>
    public bool Fixed => Schema.Option("disabled").Is() || Schema.Option("readonly").Is() || Schema["readOnly"].Is();

    /// <summary>Something that whoever fills the form should know about how it is asked.</summary>
    public string? Note { get; init; }

    public IReadOnlyList<Choice> Choices { get; init; } = [];

    public IReadOnlyList<Question> Inner { get; init; } = [];

    public string? LengthMin => Schema["minLength"].Number();

    public string? LengthMax => Schema["maxLength"].Number();

    /// <summary>In the dialect of browsers, which want the whole text to match.</summary>
    public string? Pattern => Schema["pattern"].Text() is { } pattern ? $"[\\s\\S]*(?:{ForBrowsers(pattern)})[\\s\\S]*" : null;

    /// <summary>What is said instead of the browser's words.</summary>
    public string? PatternMessage => Schema.OwnMessage("pattern") ?? (Schema["pattern"] is null ? null : Help);

    public string? Least => Schema["minimum"].Number();

    public string? Most => Schema["maximum"].Number();

    public string Step => Schema["multipleOf"].Number() ?? (Schema.Type() == "integer" ? "1" : "any");

    public string Rows => (Schema["ui:options"] as JsonObject)?["rows"].Number() ?? "4";

    /// <summary>All questions that have an answer of their own.</summary>
    public IEnumerable<Question> Leaves => Asked == Asked.Members ? Inner.SelectMany(one => one.Leaves) : [this];

    // Browsers read a pattern with the flag v, in which a dash at either end of a class is a mistake unless it is escaped.
    private static string ForBrowsers(string pattern) => DashAtEnd().Replace(DashAtStart().Replace(pattern, @"$1\-"), @"\-]");

    [GeneratedRegex(@"(?<!\\)(\[\^?)-", RegexOptions.CultureInvariant)]
    private static partial Regex DashAtStart();

    [GeneratedRegex(@"(?<!\\)-\]", RegexOptions.CultureInvariant)]
    private static partial Regex DashAtEnd();

    [GeneratedRegex("[^A-Za-z0-9-]", RegexOptions.CultureInvariant)]
    private static partial Regex NoLetter();
}
