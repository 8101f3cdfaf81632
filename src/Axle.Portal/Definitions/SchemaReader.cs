using System.Text.Json;

namespace Axle.Portal.Definitions;

/// <summary>
/// Reads JSON schemas as OpenAPI and AsyncAPI use them. References are followed inside of the document only, and named schemas
/// are not unfolded, so that circles end; what nests too deep, or is too much, is cut.
/// </summary>
internal sealed class SchemaReader(JsonElement document)
{
    private const int DepthMax = 8;
    private const int NodesMax = 6000;
    private const int FieldsMax = 200;
    private const int ValuesMax = 24;
    private const int FollowMax = 16;
    private const int UnresolvedMax = 20;
    private const int TextMax = 4000;
    private const int FactMax = 200;

    // Where the schemas with names are: OpenAPI 3 and AsyncAPI, and OpenAPI 2.
    private static readonly string[] s_named = ["#/components/schemas/", "#/definitions/"];

    private static readonly (string Word, string Title)[] s_facts =
    [
        ("const", "always"), ("default", "default"), ("minimum", "at least"), ("exclusiveMinimum", "more than"), ("maximum", "at most"), ("exclusiveMaximum", "less than"),
        ("multipleOf", "a multiple of"), ("minLength", "characters at least"), ("maxLength", "characters at most"), ("pattern", "like"), ("minItems", "items at least"),
        ("maxItems", "items at most"), ("example", "for example"),
    ];

    private readonly List<string> _unresolved = [];
    private int _nodes;

    public IReadOnlyList<string> Unresolved => _unresolved;

    public static string? About(JsonElement value) => value.TextAt("description") is { Length: > 0 } text ? text.Length > TextMax ? text[..TextMax] + "…" : text : null;

    /// <summary>What a reference leads to, through references to references; the value itself when it is none.</summary>
    public JsonElement Follow(JsonElement value)
    {
        for (var steps = 0; value.At("$ref") is { ValueKind: JsonValueKind.String } reference; steps++)
        {
            if (steps == FollowMax || Find(reference.GetString()!) is not { } found)
            {
                if (_unresolved.Count < UnresolvedMax && !_unresolved.Contains(reference.GetString()!))
                {
                    _unresolved.Add(reference.GetString()!);
                }

                return default;
            }

            value = found;
        }

        return value;
    }

    public ApiSchema Read(JsonElement? schema, int depth = 0)
    {
        if (schema is not { } value || ++_nodes > NodesMax || depth > DepthMax)
        {
            return new ApiSchema(schema is null ? "anything" : "…", null, null, [], []);
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return new ApiSchema(value.ValueKind == JsonValueKind.True ? "anything" : "nothing", null, null, [], []);
        }

        if (value.TextAt("$ref") is { } reference)
        {
            if (s_named.FirstOrDefault(prefix => reference.StartsWith(prefix, StringComparison.Ordinal)) is { } named && Find(reference) is not null)
            {
                var name = Unescaped(reference[named.Length..]);
                return new ApiSchema(name, name, About(value), [], []);
            }

            return Follow(value) is { ValueKind: not JsonValueKind.Undefined } found ? Read(found, depth + 1) : new ApiSchema(reference, null, "Not in this document.", [], []);
        }

        var fields = new List<(string, bool, ApiSchema)>();
        var required = value.ListAt("required").Select(Json.Text).OfType<string>().ToHashSet();
        foreach (var property in value.MapAt("properties").Take(FieldsMax))
        {
            fields.Add((property.Name, required.Contains(property.Name), Read(property.Value, depth + 1)));
        }

        foreach (var (word, title) in (ReadOnlySpan<(string, string)>)[("allOf", "and"), ("oneOf", "one of"), ("anyOf", "any of")])
        {
            foreach (var variant in value.ListAt(word).Take(FieldsMax))
            {
                fields.Add((title, false, Read(variant, depth + 1)));
            }
        }

        if (value.At("additionalProperties") is { ValueKind: JsonValueKind.Object } others && others.EnumerateObject().Any())
        {
            fields.Add(("any other name", false, Read(others, depth + 1)));
        }

        var (type, link) = Type(value, fields, depth);
        return new ApiSchema(type, link, About(value), [.. Facts(value)], fields);
    }

    private (string Type, string? Link) Type(JsonElement value, List<(string Name, bool Required, ApiSchema Schema)> fields, int depth)
    {
        var type = value.At("type") switch
        {
            { ValueKind: JsonValueKind.String } one => one.GetString()!,
            { ValueKind: JsonValueKind.Array } several => string.Join(" or ", several.EnumerateArray().Select(Json.Text).OfType<string>().Take(ValuesMax)),
            _ => value.At("properties") is not null ? "object" : value.At("items") is not null ? "array" : value.At("enum") is not null ? "one of" : value.At("const") is not null ? "always" : fields.Count > 0 ? "" : "anything",
        };
        if (value.IsTrueAt("nullable"))
        {
            type += " or null";
        }

        if (type.Contains("array", StringComparison.Ordinal) && value.At("items") is { } items)
        {
            var item = Read(items, depth + 1);
            if (item.Fields.Count > 0)
            {
                fields.Add(("each", false, item));
            }

            return ($"list of {item.Type}", item.Link);
        }

        return (value.TextAt("format") is { } format ? $"{type} ({format})" : type, null);
    }

    private static IEnumerable<string> Facts(JsonElement value)
    {
        foreach (var (word, title) in s_facts)
        {
            // In OpenAPI 3.0 an exclusive bound is a flag beside the bound.
            if (value.At(word) is { ValueKind: not JsonValueKind.False } fact && Json.Text(fact) is { Length: > 0 } text)
            {
                yield return $"{title} {Cut(text)}";
            }
        }

        if (value.ListAt("enum").Select(Json.Text).OfType<string>().Take(ValuesMax + 1).ToList() is { Count: > 0 } values)
        {
            yield return $"one of {string.Join(", ", values.Take(ValuesMax).Select(Cut))}{(values.Count > ValuesMax ? ", …" : "")}";
        }

        if (value.IsTrueAt("deprecated"))
        {
            yield return "deprecated";
        }

        if (value.IsTrueAt("readOnly"))
        {
            yield return "read only";
        }

        if (value.IsTrueAt("writeOnly"))
        {
            yield return "write only";
        }
    }

    private static string Cut(string text) => text.Length > FactMax ? text[..FactMax] + "…" : text;

    private JsonElement? Find(string reference)
    {
        if (!reference.StartsWith("#/", StringComparison.Ordinal))
        {
            return null;
        }

        var at = document;
        foreach (var part in reference[2..].Split('/'))
        {
            if (at.ValueKind == JsonValueKind.Array ? !int.TryParse(part, out _) : at.At(Unescaped(part)) is null)
            {
                return null;
            }

            at = at.ValueKind == JsonValueKind.Array ? at.EnumerateArray().ElementAtOrDefault(int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)) : at.At(Unescaped(part))!.Value;
        }

        return at.ValueKind == JsonValueKind.Undefined ? null : at;
    }

    private static string Unescaped(string part) => Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
