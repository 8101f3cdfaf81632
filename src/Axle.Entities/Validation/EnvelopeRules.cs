using System.Runtime.InteropServices;
using System.Text.Json;
using Axle.Contracts;

namespace Axle.Entities.Validation;

/// <summary>What every entity must obey, whatever its kind. Reports everything at once, with the path of each field.</summary>
public static class EnvelopeRules
{
    /// <summary>Size of a spec as JSON text.</summary>
    public const int SpecBytesMax = 1 << 20;

    /// <summary>Size of a status as JSON text.</summary>
    public const int StatusBytesMax = 1 << 20;

    /// <summary>
    /// Levels inside a spec or status. JSON readers stop at 64 by default; the four levels left are those of a page or a
    /// change around the entity, so that what can be stored can also be read.
    /// </summary>
    public const int DepthMax = 60;

    /// <summary>Labels or annotations of one entity.</summary>
    public const int KeysMax = 256;

    /// <summary>Tags or links of one entity.</summary>
    public const int ItemsMax = 256;

    /// <summary>Characters in a title.</summary>
    public const int TitleMax = 1000;

    /// <summary>Characters in a description.</summary>
    public const int DescriptionMax = 64 * 1024;

    /// <summary>Characters in one annotation's value.</summary>
    public const int AnnotationMax = 64 * 1024;

    /// <summary>Size of each further key of metadata, as JSON text.</summary>
    public const int OwnBytesMax = 64 * 1024;

    private const string NameRule = "must be 1 to 63 letters, digits, '-', '_' or '.', and begin and end with a letter or digit";

    /// <summary>Whether a text may be an entity's name.</summary>
    public static bool IsName(string text) => Formats.IsName(text);

    /// <summary>Whether a text may be a tag.</summary>
    public static bool IsTag(string text) => Formats.IsTag(text);

    /// <summary>Problems of the envelope and the size of the spec; empty when there are none.</summary>
    public static IReadOnlyList<Problem> Check(Entity entity)
    {
        var found = new List<Problem>();
        Head(entity, found);
        Pairs(entity.Metadata, found);
        Lists(entity.Metadata, found);
        Own(entity.Metadata, found);
        if (entity.Spec.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Object))
        {
            found.Add(new Problem("must be an object", Path: "spec"));
        }
        else
        {
            Body(entity.Spec, "spec", SpecBytesMax, found);
        }

        return found;
    }

    /// <summary>Problems of a status.</summary>
    public static IReadOnlyList<Problem> CheckStatus(JsonElement status)
    {
        var found = new List<Problem>();
        if (status.ValueKind != JsonValueKind.Object)
        {
            found.Add(new Problem("must be an object", Path: "status"));
        }
        else
        {
            Body(status, "status", StatusBytesMax, found);
        }

        return found;
    }

    private static void Head(Entity entity, List<Problem> found)
    {
        Rule(Formats.IsApiVersion(entity.ApiVersion), entity.ApiVersion, "apiVersion", "must be 'domain/version', as in axle.dev/v1");
        Rule(Formats.IsKind(entity.Kind), entity.Kind, "kind", "must be a letter followed by up to 62 letters or digits");
        Rule(Formats.IsName(entity.Metadata.Name), entity.Metadata.Name, "metadata.name", NameRule);
        Rule(Formats.IsNamespace(entity.Metadata.Namespace), entity.Metadata.Namespace, "metadata.namespace", "must be 1 to 63 small letters, digits or '-', with no '-' at either end");
        Length(entity.Metadata.Title, TitleMax, "metadata.title");
        Length(entity.Metadata.Description, DescriptionMax, "metadata.description");

        void Length(string? value, int max, string path)
        {
            if (value?.Length > max)
            {
                found.Add(new Problem($"has {value.Length} characters, {max} are allowed", Path: path));
            }
        }

        void Rule(bool holds, string value, string path, string rule)
        {
            if (!holds)
            {
                found.Add(new Problem($"'{Shown(value)}' {rule}", Path: path));
            }
        }
    }

    private static void Pairs(Metadata metadata, List<Problem> found)
    {
        Pairs("labels", metadata.Labels, areLabels: true, found);
        Pairs("annotations", metadata.Annotations, areLabels: false, found);
    }

    private static void Pairs(string field, IReadOnlyDictionary<string, string>? pairs, bool areLabels, List<Problem> found)
    {
        if (pairs is null)
        {
            found.Add(new Problem("must be an object", Path: $"metadata.{field}"));
            return;
        }

        Count(pairs.Count, KeysMax, field, found);
        foreach (var (key, value) in pairs.Count > KeysMax ? pairs.Take(KeysMax) : pairs)
        {
            if (!Formats.IsKey(key))
            {
                Add($"the key {NameRule}, optionally after 'domain/'", key);
            }

            if (value is null)
            {
                Add("must be a text", key);
            }
            else if (areLabels && !Formats.IsLabelValue(value))
            {
                Add($"'{Shown(value)}' must be empty, or {NameRule}", key);
            }
            else if (value.Length > AnnotationMax)
            {
                Add($"has {value.Length} characters, {AnnotationMax} are allowed", key);
            }
        }

        void Add(string message, string key) => found.Add(new Problem(message, Path: $"metadata.{field}.{Shown(key)}"));
    }

    private static void Lists(Metadata metadata, List<Problem> found)
    {
        var (tags, links) = (metadata.Tags ?? [], metadata.Links ?? []);
        Count(tags.Count, ItemsMax, "tags", found);
        foreach (var (i, tag) in tags.Take(ItemsMax).Index())
        {
            if (!Formats.IsTag(tag))
            {
                found.Add(new Problem($"'{Shown(tag ?? "")}' must be 1 to 63 small letters, digits, ':', '+' or '#', joined by single '-'", Path: $"metadata.tags[{i}]"));
            }
        }

        Count(links.Count, ItemsMax, "links", found);
        foreach (var (i, link) in links.Take(ItemsMax).Index())
        {
            if (link?.Url is null || Formats.SchemeOf(link.Url) is not { } scheme)
            {
                found.Add(new Problem($"'{Shown(link?.Url ?? "")}' must be an absolute URL", Path: $"metadata.links[{i}].url"));
            }
            else if (scheme is "javascript" or "data" or "vbscript")
            {
                // A link is rendered as one; these schemes would run in the reader's browser.
                found.Add(new Problem($"must not use the scheme '{scheme}'", Path: $"metadata.links[{i}].url"));
            }
        }
    }

    private static void Own(Metadata metadata, List<Problem> found)
    {
        if (metadata.Own is not { Count: > 0 } own)
        {
            return;
        }

        Count(own.Count, KeysMax, null, found);
        foreach (var (key, value) in own.Take(KeysMax))
        {
            Body(value, $"metadata.{Shown(key)}", OwnBytesMax, found);
        }
    }

    private static void Count(int count, int max, string? field, List<Problem> found)
    {
        if (count > max)
        {
            found.Add(new Problem($"has {count} entries, {max} are allowed", Path: field is null ? "metadata" : $"metadata.{field}"));
        }
    }

    private static void Body(JsonElement body, string path, int bytesMax, List<Problem> found)
    {
        if (body.ValueKind == JsonValueKind.Undefined)
        {
            return;
        }

        // Bytes of a value that was put together in code equal those of its text.
        var bytes = JsonMarshal.GetRawUtf8Value(body).Length;
        if (bytes > bytesMax)
        {
            found.Add(new Problem($"has {bytes} bytes, {bytesMax} are allowed; keep large content in the repository and refer to it", Path: path));
            return;
        }

        Walk(body, path, 1, found);
    }

    private static void Walk(JsonElement value, string path, int depth, List<Problem> found)
    {
        if (depth > DepthMax)
        {
            found.Add(new Problem($"is nested more than {DepthMax} levels deep", Path: path.Length > 200 ? path[..200] + "…" : path));
            return;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            var names = MayRepeat(value) ? new HashSet<string>(StringComparer.Ordinal) : null;
            foreach (var property in value.EnumerateObject())
            {
                // Readers disagree on which of two equal keys counts, so neither may.
                if (names?.Add(property.Name) == false)
                {
                    found.Add(new Problem("is written twice", Path: $"{path}.{Shown(property.Name)}"));
                }

                if (MayNest(property.Value))
                {
                    Walk(property.Value, $"{path}.{property.Name}", depth + 1, found);
                }
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var (i, item) in value.EnumerateArray().Index())
            {
                if (MayNest(item))
                {
                    Walk(item, $"{path}[{i}]", depth + 1, found);
                }
            }
        }
    }

    /// <summary>False when there is surely nothing in it to walk into, as in a list of texts.</summary>
    private static bool MayNest(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        || (value.ValueKind == JsonValueKind.Array && JsonMarshal.GetRawUtf8Value(value)[1..].ContainsAny((byte)'{', (byte)'['));

    /// <summary>False when all names surely differ, as they nearly always do.</summary>
    private static bool MayRepeat(JsonElement value)
    {
        const int FewMax = 32;
        if (value.GetPropertyCount() > FewMax)
        {
            return true;
        }

        Span<int> seen = stackalloc int[FewMax];
        var count = 0;
        foreach (var property in value.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(property);
            var hash = new HashCode();
            hash.AddBytes(name);
            var code = hash.ToHashCode();
            if (name.Contains((byte)'\\') || seen[..count].Contains(code))
            {
                return true;
            }

            seen[count++] = code;
        }

        return false;
    }

    private static string Shown(string text)
    {
        var cut = text.Length > 80 ? text[..80] + "…" : text;
        return string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c));
    }
}
