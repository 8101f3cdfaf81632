using System.Globalization;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Index;

/// <summary>One value that an entity is found by.</summary>
/// <param name="Path">Dotted, in lower case: <c>spec.type</c>, <c>metadata.tags</c>, <c>relations.ownedby</c>.</param>
/// <param name="Value">As it is written; null for a value that only counts as being there.</param>
internal readonly record struct SearchRow(string Path, string? Value);

/// <summary>
/// What an entity is found by, with Backstage's rules: every leaf under its path, into every item of a list; for a text in a
/// list also <c>path.text</c> = <c>true</c>; a path of more than 200 characters is left out, and a longer value counts as being
/// there only. Each path has a value once, without regard to case.
/// </summary>
internal static class SearchRows
{
    private const int PathMax = 200;
    private const int ValueMax = 200;

    public static List<SearchRow> Of(Entity entity)
    {
        var rows = new Collector();
        rows.Add("apiversion", entity.ApiVersion);
        rows.Add("kind", entity.Kind);
        Metadata(entity.Metadata, rows);
        if (entity.Spec.ValueKind != JsonValueKind.Undefined)
        {
            Json("spec", entity.Spec, rows);
        }

        foreach (var relation in entity.Relations)
        {
            rows.Add(PathOf(relation.Type), relation.TargetRef.ToString());
        }

        return rows.Rows;
    }

    /// <summary>The path that relations of a type are found under.</summary>
    public static string PathOf(string relationType) => "relations." + relationType.ToLowerInvariant();

    private static void Metadata(Metadata metadata, Collector rows)
    {
        rows.Add("metadata.name", metadata.Name);
        rows.Add("metadata.namespace", metadata.Namespace);
        rows.Add("metadata.uid", metadata.Uid);
        if (metadata.Title is not null)
        {
            rows.Add("metadata.title", metadata.Title);
        }

        if (metadata.Description is not null)
        {
            rows.Add("metadata.description", metadata.Description);
        }

        foreach (var (key, value) in metadata.Labels)
        {
            rows.Add("metadata.labels." + key.ToLowerInvariant(), value);
        }

        foreach (var (key, value) in metadata.Annotations)
        {
            rows.Add("metadata.annotations." + key.ToLowerInvariant(), value);
        }

        foreach (var tag in metadata.Tags)
        {
            rows.AddItem("metadata.tags", tag);
        }

        foreach (var link in metadata.Links)
        {
            rows.AddIfSaid("metadata.links.url", link.Url);
            rows.AddIfSaid("metadata.links.title", link.Title);
            rows.AddIfSaid("metadata.links.icon", link.Icon);
            rows.AddIfSaid("metadata.links.type", link.Type);
        }

        if (metadata.Own is { } own)
        {
            foreach (var (key, value) in own)
            {
                Json("metadata." + key.ToLowerInvariant(), value, rows);
            }
        }
    }

    private static void Json(string path, JsonElement value, Collector rows)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Json($"{path}.{property.Name.ToLowerInvariant()}", property.Value, rows);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.String)
                    {
                        rows.AddItem(path, item.GetString()!);
                    }
                    else
                    {
                        Json(path, item, rows);
                    }
                }

                break;
            default:
                rows.Add(path, Text(value));
                break;
        }
    }

    /// <summary>A leaf as text, as JavaScript writes it; null has none.</summary>
    public static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };

    private sealed class Collector
    {
        private readonly HashSet<(string, string?)> _seen = [];

        public List<SearchRow> Rows { get; } = new(32);

        public void Add(string path, string? value)
        {
            if (path.Length > PathMax)
            {
                return;
            }

            value = value?.Length > ValueMax ? null : value;
            if (_seen.Add((path, value?.ToLowerInvariant())))
            {
                Rows.Add(new SearchRow(path, value));
            }
        }

        public void AddIfSaid(string path, string? value)
        {
            if (value is not null)
            {
                Add(path, value);
            }
        }

        public void AddItem(string path, string item)
        {
            Add(path, item);
            Add($"{path}.{item.ToLowerInvariant()}", "true");
        }
    }
}
