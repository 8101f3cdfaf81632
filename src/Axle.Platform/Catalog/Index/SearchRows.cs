using System.Globalization;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Index;

/// <summary>One value that an entity is found by.</summary>
/// <param name="Path">Dotted, in lower case: <c>spec.type</c>, <c>metadata.tags</c>, <c>relations.ownedby</c>.</param>
/// <param name="Value">As it is written; null for a value that only counts as being there.</param>
/// <param name="IsItem">A text in the list at the path: for Backstage the path <c>path.text</c> has the value <c>true</c>.</param>
internal readonly record struct SearchRow(string Path, string? Value, bool IsItem = false);

/// <summary>
/// What an entity is found by, with Backstage's rules: every leaf under its path, into every item of a list; for a text in a
/// list also <c>path.text</c> = <c>true</c>; a path of more than 200 characters is left out, and a longer value counts as being
/// there only. Each path has a value once, without regard to case.
/// </summary>
/// <remarks>Keeps what it works with from one entity to the next; for one caller at a time.</remarks>
internal sealed class SearchRows
{
    private const int PathMax = 200;
    private const int ValueMax = 200;
    private const string Relations = "relations";

    private readonly SearchPaths _paths = new();
    private readonly List<(SearchRow Row, int Place)> _found = new(64);
    private readonly List<SearchRow> _rows = new(64);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Its rows, those of one path one after the other. The list is good until the next call.</summary>
    public IReadOnlyList<SearchRow> Of(Entity entity)
    {
        _found.Clear();
        Add("apiversion", entity.ApiVersion);
        Add("kind", entity.Kind);
        Metadata(entity.Metadata);
        if (entity.Spec.ValueKind != JsonValueKind.Undefined)
        {
            Json("spec", entity.Spec);
        }

        foreach (var relation in entity.Relations)
        {
            Add(_paths.Of(Relations, relation.Type), relation.TargetRef.ToString());
        }

        // Of two values that differ in case only the first stays, so the order among them is kept.
        _found.Sort(static (a, b) => (string.CompareOrdinal(a.Row.Path, b.Row.Path), a.Row.IsItem.CompareTo(b.Row.IsItem)) switch
        {
            (not 0 and var byPath, _) => byPath,
            (_, not 0 and var byItem) => byItem,
            _ => a.Place - b.Place,
        });
        TakeOnceEach();
        return _rows;
    }

    /// <summary>The path that relations of a type are found under.</summary>
    public static string PathOf(string relationType) => $"{Relations}.{relationType.ToLowerInvariant()}";

    private void Metadata(Metadata metadata)
    {
        Add("metadata.name", metadata.Name);
        Add("metadata.namespace", metadata.Namespace);
        Add("metadata.uid", metadata.Uid);
        AddIfSaid("metadata.title", metadata.Title);
        AddIfSaid("metadata.description", metadata.Description);
        foreach (var (key, value) in metadata.Labels)
        {
            Add(_paths.Of("metadata.labels", key), value);
        }

        foreach (var (key, value) in metadata.Annotations)
        {
            Add(_paths.Of("metadata.annotations", key), value);
        }

        foreach (var tag in metadata.Tags)
        {
            AddItem("metadata.tags", tag);
        }

        foreach (var link in metadata.Links)
        {
            AddIfSaid("metadata.links.url", link.Url);
            AddIfSaid("metadata.links.title", link.Title);
            AddIfSaid("metadata.links.icon", link.Icon);
            AddIfSaid("metadata.links.type", link.Type);
        }

        if (metadata.Own is { } own)
        {
            foreach (var (key, value) in own)
            {
                Json(_paths.Of("metadata", key), value);
            }
        }
    }

    private void Json(string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject())
                {
                    Json(_paths.Of(path, property.Name), property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.String)
                    {
                        AddItem(path, item.GetString()!);
                    }
                    else
                    {
                        Json(path, item);
                    }
                }

                break;
            default:
                Add(path, Text(value));
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

    private void Add(string path, string? value)
    {
        if (path.Length <= PathMax)
        {
            _found.Add((new SearchRow(path, value?.Length > ValueMax ? null : value), _found.Count));
        }
    }

    private void AddIfSaid(string path, string? value)
    {
        if (value is not null)
        {
            Add(path, value);
        }
    }

    private void AddItem(string path, string item)
    {
        Add(path, item);
        if (path.Length + 1 + item.Length <= PathMax)
        {
            _found.Add((new SearchRow(path, item, IsItem: true), _found.Count));
        }
    }

    /// <summary>Leaves out what a path has twice. Most paths have one value, and cost a look.</summary>
    private void TakeOnceEach()
    {
        _rows.Clear();
        for (var (start, end) = (0, 0); start < _found.Count; start = end)
        {
            for (end = start + 1; end < _found.Count && _found[end].Row.Path == _found[start].Row.Path && _found[end].Row.IsItem == _found[start].Row.IsItem;)
            {
                end++;
            }

            if (end - start == 1)
            {
                _rows.Add(_found[start].Row);
                continue;
            }

            _seen.Clear();
            for (var i = start; i < end; i++)
            {
                if (_seen.Add(_found[i].Row.Value?.ToLowerInvariant() ?? "\0"))
                {
                    _rows.Add(_found[i].Row);
                }
            }
        }
    }
}
