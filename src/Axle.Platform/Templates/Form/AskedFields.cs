using System.Globalization;
using System.Text.Json.Nodes;
using Axle.Platform.Templates.Schema;

namespace Axle.Platform.Templates.Form;

/// <summary>Which questions of a page apply, given the answers: conditions, dependencies and options are resolved. Pure.</summary>
internal sealed class AskedFields(JsonObject root)
{
    private const int DepthMax = 8;

    /// <summary>A page that takes more asks what it has found until then.</summary>
    private readonly SchemaWork _work = new(SchemaLimits.Default.WorkMax);

    public static IReadOnlyList<AskedField> Of(JsonObject page, JsonObject answers) => new AskedFields(page).Members(page, answers, [], 0);

    private List<AskedField> Members(JsonObject rules, JsonObject record, IReadOnlyList<string> path, int depth)
    {
        var found = new Found();
        Collect(rules, record, found, optional: false, depth);
        var fields = found.Schemas.Select(one => Field(one.Key, one.Value, found.Required.Contains(one.Key), record, path, depth)).ToList();
        return rules["ui:order"] is JsonArray order ? Ordered(fields, order) : fields;
    }

    private AskedField Field(string name, JsonObject schema, bool required, JsonObject record, IReadOnlyList<string> path, int depth)
    {
        IReadOnlyList<string> inner = [.. path, name];
        IReadOnlyList<AskedField> members = depth < DepthMax && schema["properties"] is JsonObject && !schema.ContainsKey("ui:field")
            ? Members(schema, record[name] as JsonObject ?? [], inner, depth + 1)
            : [];
        return Records(schema) is { } each && depth < DepthMax
            ? new AskedField(inner, schema, required, members) { IsRecords = true, Items = [.. (record[name] as JsonArray ?? []).Select((item, at) => Item([.. inner, at.ToString(CultureInfo.InvariantCulture)], each, item, depth + 1))] }
            : new AskedField(inner, schema, required, members);
    }

    private AskedField Item(IReadOnlyList<string> path, JsonObject each, JsonNode? item, int depth) =>
        new(path, each, true, Members(each, item as JsonObject ?? [], path, depth + 1));

    /// <summary>The schema of a list's records, when it is a list of such.</summary>
    private JsonObject? Records(JsonObject schema) =>
        !schema.ContainsKey("ui:field") && schema["items"] is JsonObject && SchemaDefaults.Resolved(schema["items"], root, 0) is { } each && each["properties"] is JsonObject && !each.ContainsKey("ui:field") ? each : null;

    private void Collect(JsonNode? schema, JsonObject record, Found found, bool optional, int depth, string? because = null)
    {
        if (depth > DepthMax || !_work.Take() || SchemaDefaults.Resolved(schema, root, 0) is not { } rules)
        {
            return;
        }

        if (!optional)
        {
            found.Require(rules[SchemaKeywords.Required]);
        }

        foreach (var (name, property) in rules["properties"] as JsonObject ?? [])
        {
            // The first one says most; a later one only tells options apart, or is stricter, which the check knows.
            if (SchemaDefaults.Resolved(property, root, 0) is { } resolved)
            {
                found.Schemas.TryAdd(name, resolved);
            }
        }

        foreach (var part in rules["allOf"] as JsonArray ?? [])
        {
            Collect(part, record, found, optional, depth + 1);
        }

        foreach (var keyword in (string[])["oneOf", "anyOf"])
        {
            Options(rules[keyword] as JsonArray ?? [], record, found, optional, depth, because);
        }

        if (rules["if"] is { } condition)
        {
            Collect(SchemaDefaults.Fits(record, condition, root, _work) ? rules["then"] : rules["else"], record, found, optional, depth + 1);
        }

        foreach (var (name, needed) in (rules["dependencies"] as JsonObject ?? []).Where(one => record.ContainsKey(one.Key)))
        {
            if (needed is JsonArray)
            {
                found.Require(needed);
            }
            else
            {
                Collect(needed, record, found, optional, depth + 1, name);
            }
        }
    }

    private void Options(JsonArray options, JsonObject record, Found found, bool optional, int depth, string? because)
    {
        if (!_work.Take(options.Count))
        {
            return;
        }

        // 1. Options that a constant tells apart: what tells them apart is asked, and then what belongs to the one that is meant.
        var told = options.Select(option => SchemaDefaults.Resolved(option, root, 0)).OfType<JsonObject>()
            .SelectMany(option => option["properties"] as JsonObject ?? [])
            .Where(property => property.Value is JsonObject rules && (rules.ContainsKey("const") || rules["enum"] is JsonArray))
            .GroupBy(property => property.Key)
            .Where(group => group.Count() == options.Count)
            .ToList();
        foreach (var group in told.Where(group => !found.Schemas.ContainsKey(group.Key)))
        {
            var values = group.SelectMany(property => property.Value!["enum"] is JsonArray several ? several.AsEnumerable() : [property.Value["const"]]);
            var first = (JsonObject)group.First().Value!.DeepClone();
            first.Remove("const");
            first["enum"] = new JsonArray([.. values.DistinctBy(JsonText.Canonical).Select(value => value?.DeepClone())]);
            found.Schemas[group.Key] = first;
        }

        if (told.Count > 0)
        {
            Collect(SchemaDefaults.Meant(record, options, root, _work, because), record, found, optional, depth + 1);
            return;
        }

        // 2. Nothing tells them apart: everything is asked, nothing is demanded, and the check says what is missing.
        foreach (var option in options)
        {
            Collect(option, record, found, optional: true, depth + 1);
        }
    }

    private static List<AskedField> Ordered(List<AskedField> fields, JsonArray order)
    {
        var names = order.Select(one => one?.ToString()).ToList();
        var rest = names.IndexOf("*") is >= 0 and var star ? star : names.Count;
        return [.. fields.OrderBy(field => names.IndexOf(field.Name) is >= 0 and var at ? at : rest)];
    }

    private sealed class Found
    {
        public OrderedDictionary<string, JsonObject> Schemas { get; } = [];

        public HashSet<string> Required { get; } = [];

        public void Require(JsonNode? names)
        {
            foreach (var name in (names as JsonArray ?? []).OfType<JsonValue>().Select(one => one.TryGetValue<string>(out var text) ? text : null).OfType<string>())
            {
                Required.Add(name);
            }
        }
    }
}
