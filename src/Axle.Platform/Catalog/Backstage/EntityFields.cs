using System.Text.Json.Nodes;
using Axle.Contracts;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>
/// The <c>fields</c> that are wanted of each entity. A dotted path goes into objects; where no key fits, the next part belongs
/// to the key too, so that <c>metadata.annotations.backstage.io/orphan</c> is found.
/// </summary>
internal sealed class EntityFields
{
    private readonly string[][] _paths;

    private EntityFields(string[][] paths) => _paths = paths;

    /// <summary>Null when everything is wanted.</summary>
    public static Result<EntityFields?> Read(IEnumerable<string?> texts)
    {
        string[] fields = [.. texts
            .SelectMany(text => (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Distinct(StringComparer.Ordinal)];
        if (Array.Find(fields, field => field.Contains('[', StringComparison.Ordinal)) is { } list)
        {
            return new CatalogInputInvalid($"Invalid field \"{list}\", array type fields are not supported");
        }

        return fields.Length == 0 ? (EntityFields?)null : new EntityFields([.. fields.Select(field => field.Split('.'))]);
    }

    /// <summary>Only what is wanted of an entity.</summary>
    public JsonObject Of(ReadOnlySpan<byte> entity)
    {
        var whole = JsonNode.Parse(entity)!;
        var picked = new JsonObject();
        foreach (var path in _paths)
        {
            Pick(whole, path, picked);
        }

        return picked;
    }

    private static void Pick(JsonNode whole, string[] path, JsonObject into)
    {
        // 1. The keys that lead to the value.
        var (keys, at, pending) = (new List<string>(), (JsonNode?)whole, "");
        foreach (var part in path)
        {
            var key = pending + part;
            if (at is JsonObject here && here.TryGetPropertyValue(key, out var below))
            {
                keys.Add(key);
                (at, pending) = (below, "");
            }
            else
            {
                pending = key + ".";
            }
        }

        if (pending.Length > 0 || keys.Count == 0)
        {
            return;
        }

        // 2. The same keys in what is answered.
        foreach (var key in keys[..^1])
        {
            if (into[key] is not JsonObject next)
            {
                into[key] = next = [];
            }

            into = next;
        }

        into[keys[^1]] = at?.DeepClone();
    }
}
