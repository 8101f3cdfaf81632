using System.Text.Json.Nodes;
using Axle.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Axle.Platform.Source;

/// <summary>The component that a repository's <c>catalog-info.yaml</c> describes, and the file that is proposed where there is none.</summary>
internal static class CatalogInfo
{
    public const string FileName = "catalog-info.yaml";
    private const int NodesMax = 10_000;
    private const int DepthMax = 32;

    /// <summary>The file that says the same as an import.</summary>
    public static string Propose(string name, EntityRef owner) => $"""
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
          annotations:
            {Annotations.Repository}: {name}
        spec:
          type: service
          lifecycle: production
          owner: {owner.Short}

        """;

    /// <summary>
    /// The first component of a descriptor file, with the name, owner and repository of the import. What the file says
    /// beyond that is kept.
    /// </summary>
    public static Result<Entity> Read(string text, string name, EntityRef owner, string? upstream)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            var nodes = 0;
            var found = stream.Documents
                .Select(d => d.RootNode is YamlMappingNode map ? Json(map, ref nodes, 0) as JsonObject : null)
                .FirstOrDefault(d => Text(d?["kind"]) == Kinds.Component);
            if (found is null)
            {
                return Errors.CatalogInfo([new Problem("describes no entity of the kind Component", FileName)]);
            }

            return Complete(found, name, owner, upstream);
        }
        catch (YamlException e)
        {
            return Errors.CatalogInfo([new Problem(e.InnerException?.Message ?? e.Message, FileName, (int)e.Start.Line, (int)e.Start.Column)]);
        }
    }

    private static Entity Complete(JsonObject found, string name, EntityRef owner, string? upstream)
    {
        var metadata = found["metadata"] as JsonObject ?? [];
        var annotations = Map(metadata["annotations"]);
        annotations[Annotations.Repository] = name;
        if (upstream is not null)
        {
            annotations[Annotations.SourceLocation] = $"url:{upstream}";
        }

        var spec = found["spec"]?.DeepClone() as JsonObject ?? [];
        spec["owner"] = owner.ToString();
        spec["type"] ??= "service";
        spec["lifecycle"] ??= "production";
        return new Entity
        {
            ApiVersion = Kinds.BackstageApi,
            Kind = Kinds.Component,
            Metadata = new Metadata
            {
                Name = name,
                Title = Text(metadata["title"]),
                Description = Text(metadata["description"]),
                Labels = Map(metadata["labels"]),
                Annotations = annotations,
                Tags = metadata["tags"] is JsonArray tags ? [.. tags.Select(Text).OfType<string>()] : [],
                Links = metadata["links"] is JsonArray links
                    ? [.. links.OfType<JsonObject>().Where(l => Text(l["url"]) is not null).Select(l => new Link(Text(l["url"])!, Text(l["title"]), Text(l["icon"]), Text(l["type"])))]
                    : [],
            },
            Spec = System.Text.Json.JsonSerializer.SerializeToElement(spec),
        };
    }

    private static Dictionary<string, string> Map(JsonNode? node) =>
        node is JsonObject map ? map.Where(p => Text(p.Value) is not null).ToDictionary(p => p.Key, p => Text(p.Value)!, StringComparer.Ordinal) : [];

    private static string? Text(JsonNode? node) => node is JsonValue value ? value.ToString() : null;

    /// <summary>Aliases are written out, so the number of nodes is bounded against files that grow a thousandfold.</summary>
    private static JsonNode? Json(YamlNode node, ref int nodes, int depth)
    {
        if (++nodes > NodesMax || depth > DepthMax)
        {
            throw new YamlException(node.Start, node.End, "the file is too large or too deep");
        }

        switch (node)
        {
            case YamlMappingNode map:
                var made = new JsonObject();
                foreach (var (key, value) in map.Children)
                {
                    made[(key as YamlScalarNode)?.Value ?? throw new YamlException(key.Start, key.End, "a key must be a text")] = Json(value, ref nodes, depth + 1);
                }

                return made;
            case YamlSequenceNode list:
                var items = new JsonArray();
                foreach (var item in list.Children)
                {
                    items.Add(Json(item, ref nodes, depth + 1));
                }

                return items;
            default:
                var scalar = (YamlScalarNode)node;
                return (scalar.Style, scalar.Value) switch
                {
                    (ScalarStyle.Plain, null or "" or "~" or "null") => null,
                    (ScalarStyle.Plain, "true") => true,
                    (ScalarStyle.Plain, "false") => false,
                    _ => scalar.Value,
                };
        }
    }
}
