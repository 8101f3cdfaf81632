using Axle.Contracts;
using Axle.Platform.Workloads;

namespace Axle.Platform.Catalog;

/// <summary>What Backstage demands of the metadata of a document, before it is read as an entity: there a null is a mistake, and not the same as nothing.</summary>
internal static class MetadataForm
{
    public static IEnumerable<Problem> Check(YamlMap metadata)
    {
        foreach (var name in new[] { "uid", "etag", "namespace", "title" })
        {
            if (metadata.Find(name) is { } entry && !IsText(entry.Value))
            {
                yield return Must("a text", entry, name);
            }
        }

        if (metadata.Find("description") is { } description && description.Value is not YamlScalar { Type: ScalarType.Text })
        {
            yield return Must("a text", description, "description");
        }

        if (metadata.Find("labels") is { } labels && labels.Value is not YamlMap)
        {
            yield return Must("an object", labels, "labels");
        }

        if (metadata.Find("tags") is { } tags && !(tags.Value is YamlList { Items: var items } && items.All(IsText)))
        {
            yield return Must("a list of texts", tags, "tags");
        }

        if (metadata.Find("links") is not { } links)
        {
            yield break;
        }

        if (links.Value is not YamlList list)
        {
            yield return Must("a list", links, "links");
            yield break;
        }

        foreach (var (i, link) in list.Items.Index())
        {
            foreach (var name in new[] { "title", "icon", "type" })
            {
                if ((link as YamlMap)?.Find(name) is { } entry && !(IsText(entry.Value) && (name == "type" || !string.IsNullOrWhiteSpace(((YamlScalar)entry.Value).Text))))
                {
                    yield return Must("a text", entry, $"links[{i}].{name}");
                }
            }
        }
    }

    private static bool IsText(YamlValue value) => value is YamlScalar { Type: ScalarType.Text, Text.Length: > 0 };

    private static Problem Must(string what, YamlEntry entry, string path) => new($"must be {what}", entry.Place?.File, entry.Place?.Line, entry.Place?.Column, $"metadata.{path}");
}
