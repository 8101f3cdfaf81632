using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// Values at a dotted path of an entity, with Backstage's rules: without regard to case, into every item of a list, and a
/// key that holds dots itself (<c>metadata.annotations.backstage.io/techdocs-ref</c>) is found as well. For a list of texts,
/// <c>path.item</c> is <c>true</c>.
/// </summary>
internal static class Paths
{
    /// <summary>
    /// Paths whose values are in the index, so that asking for them reads only what matches. Few on purpose: each costs
    /// memory for every entity.
    /// </summary>
    private static readonly (string Path, string Root, string Field)[] s_indexed =
        [("spec.type", "spec", "type"), ("spec.lifecycle", "spec", "lifecycle"), ("status.phase", "status", "phase")];

    public const string Labels = "metadata.labels.";

    public static bool IsIndexed(string path) =>
        path.StartsWith(Labels, StringComparison.OrdinalIgnoreCase) || s_indexed.Any(one => one.Path.Equals(path, StringComparison.OrdinalIgnoreCase));

    /// <summary>The path and value of everything in this entity that the index keeps, in lower case.</summary>
    public static IEnumerable<(string Path, string Value)> Indexed(Entity entity)
    {
        foreach (var (key, value) in entity.Metadata.Labels)
        {
            yield return ((Labels + key).ToLowerInvariant(), value.ToLowerInvariant());
        }

        foreach (var (path, root, field) in s_indexed)
        {
            var body = root == "spec" ? entity.Spec : entity.Status;
            foreach (var value in Field(body, field).Distinct(StringComparer.OrdinalIgnoreCase))
            {
                yield return (path, value.ToLowerInvariant());
            }
        }
    }

    /// <summary>The values of one field: nearly always one text, which is found without more ado.</summary>
    private static IEnumerable<string> Field(JsonElement body, string field)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var (texts, others) = (new List<string>(1), false);
        foreach (var property in body.EnumerateObject())
        {
            if (IsNamed(property, field))
            {
                others |= property.Value.ValueKind != JsonValueKind.String;
                if (!others)
                {
                    texts.Add(property.Value.GetString()!);
                }
            }
        }

        return others ? InObject(body, field) : texts;
    }

    /// <summary>Without making a text of each name that is another one.</summary>
    private static bool IsNamed(JsonProperty property, string field)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(property);
        return Ascii.EqualsIgnoreCase(raw, field) || (raw.Contains((byte)'\\') && property.Name.Equals(field, StringComparison.OrdinalIgnoreCase));
    }

    public static IEnumerable<string> Values(Entity entity, string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var (root, rest) = dot < 0 ? (path, "") : (path[..dot], path[(dot + 1)..]);
        return root.ToLowerInvariant() switch
        {
            "kind" when dot < 0 => [entity.Kind],
            "apiversion" when dot < 0 => [entity.ApiVersion],
            "metadata" => InMetadata(entity.Metadata, rest),
            "spec" => InJson(entity.Spec, rest),
            "status" => InJson(entity.Status, rest),
            "relations" => entity.Relations
                .Where(edge => dot < 0 || edge.Type.Equals(rest, StringComparison.OrdinalIgnoreCase))
                .Select(edge => edge.TargetRef.ToString()),
            _ => [],
        };
    }

    private static IEnumerable<string> InMetadata(Metadata metadata, string path)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        var (field, rest) = dot < 0 ? (path, null) : (path[..dot], path[(dot + 1)..]);
        return field.ToLowerInvariant() switch
        {
            "name" when rest is null => [metadata.Name],
            "namespace" when rest is null => [metadata.Namespace],
            "uid" when rest is null && metadata.Uid is not null => [metadata.Uid],
            "title" when rest is null && metadata.Title is not null => [metadata.Title],
            "description" when rest is null && metadata.Description is not null => [metadata.Description],
            "labels" => InPairs(metadata.Labels, rest),
            "annotations" => InPairs(metadata.Annotations, rest),
            "tags" => rest is null ? metadata.Tags : metadata.Tags.Contains(rest, StringComparer.OrdinalIgnoreCase) ? ["true"] : [],
            "links" when rest is null => metadata.Links.Select(link => link.Url),
            "links" => metadata.Links.Select(link => rest.ToLowerInvariant() switch
            {
                "url" => link.Url,
                "title" => link.Title,
                "icon" => link.Icon,
                "type" => link.Type,
                _ => null,
            }).OfType<string>(),
            "deletedat" when rest is null && metadata.DeletedAt is { } at => [at.ToString("O")],
            _ => metadata.Own is { } own ? own.Where(pair => pair.Key.Equals(field, StringComparison.OrdinalIgnoreCase)).SelectMany(pair => InJson(pair.Value, rest ?? "")) : [],
        };
    }

    private static IEnumerable<string> InPairs(IReadOnlyDictionary<string, string> pairs, string? key) =>
        pairs.Where(pair => key is null || pair.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Select(pair => pair.Value);

    private static IEnumerable<string> InJson(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return path.Length == 0 ? ["{}"] : InObject(value, path);
            case JsonValueKind.Array:
                return value.EnumerateArray().SelectMany(item =>
                    item.ValueKind == JsonValueKind.String && path.Length > 0
                        ? item.GetString()!.Equals(path, StringComparison.OrdinalIgnoreCase) ? (IEnumerable<string>)["true"] : []
                        : InJson(item, path));
            case JsonValueKind.Undefined:
                return [];
            case var _ when path.Length > 0:
                return [];
            case JsonValueKind.String:
                return [value.GetString()!];
            case JsonValueKind.Null:
                return ["null"];
            default:
                return [value.GetRawText()];
        }
    }

    private static IEnumerable<string> InObject(JsonElement value, string path)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (!path.StartsWith(property.Name, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var rest = path.Length == property.Name.Length ? "" : path[property.Name.Length] == '.' ? path[(property.Name.Length + 1)..] : null;
            if (rest is not null)
            {
                foreach (var found in InJson(property.Value, rest))
                {
                    yield return found;
                }
            }
        }
    }
}
