using System.Text.Json;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// Reads an entity from the JSON that the store wrote: what <see cref="AxleJson"/> would read, but texts that many entities have
/// are not made again.
/// </summary>
internal static class EntityReader
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 128 };

    /// <param name="json">Without relations.</param>
    /// <param name="head">Has the relations, and the uid.</param>
    public static Entity Read(byte[] json, EntityHead head, Words words)
    {
        var reader = new Utf8JsonReader(json, s_options);
        var (apiVersion, kind) = ("", "");
        var metadata = default(Metadata);
        JsonElement spec = default, status = default;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                metadata = Metadata(ref reader, head, words);
            }
            else if (reader.ValueTextEquals("spec"u8))
            {
                spec = JsonElement.ParseValue(ref reader);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                status = JsonElement.ParseValue(ref reader);
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                kind = Text(ref reader, words);
            }
            else if (reader.ValueTextEquals("apiVersion"u8))
            {
                apiVersion = Text(ref reader, words);
            }
            else
            {
                reader.Skip();
            }
        }

        return new Entity { ApiVersion = apiVersion, Kind = kind, Metadata = metadata!, Spec = spec, Status = status, Relations = head.Relations };
    }

    private static Metadata Metadata(ref Utf8JsonReader reader, EntityHead head, Words words)
    {
        var (name, space) = ("", EntityRef.DefaultNamespace);
        string? title = null, description = null;
        var (labels, annotations) = (Pairs.Empty, Pairs.Empty);
        string[] tags = [];
        Link[] links = [];
        DateTimeOffset? createdAt = null, updatedAt = null, deletedAt = null;
        Dictionary<string, JsonElement>? own = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("annotations"u8))
            {
                annotations = PairsOf(ref reader, words);
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                name = reader.GetString()!;
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                space = Text(ref reader, words);
            }
            else if (reader.ValueTextEquals("title"u8))
            {
                reader.Read();
                title = reader.GetString();
            }
            else if (reader.ValueTextEquals("description"u8))
            {
                reader.Read();
                description = reader.GetString();
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                labels = PairsOf(ref reader, words);
            }
            else if (reader.ValueTextEquals("tags"u8))
            {
                tags = Tags(ref reader, words);
            }
            else if (reader.ValueTextEquals("links"u8))
            {
                links = Links(ref reader, words);
            }
            else if (reader.ValueTextEquals("createdAt"u8))
            {
                reader.Read();
                createdAt = reader.GetDateTimeOffset();
            }
            else if (reader.ValueTextEquals("updatedAt"u8))
            {
                reader.Read();
                updatedAt = reader.GetDateTimeOffset();
            }
            else if (reader.ValueTextEquals("deletedAt"u8))
            {
                reader.Read();
                deletedAt = reader.GetDateTimeOffset();
            }
            else if (reader.ValueTextEquals("uid"u8) || reader.ValueTextEquals("revision"u8) || reader.ValueTextEquals("generation"u8))
            {
                reader.Skip();
            }
            else
            {
                own ??= new Dictionary<string, JsonElement>(StringComparer.Ordinal);
                var key = reader.GetString()!;
                own[key] = JsonElement.ParseValue(ref reader);
            }
        }

        return new Metadata
        {
            Uid = head.Uid,
            Name = name,
            Namespace = space,
            Title = title,
            Description = description,
            Labels = labels,
            Annotations = annotations,
            Tags = tags,
            Links = links,
            Revision = head.Revision,
            Generation = head.Generation,
            CreatedAt = createdAt,
            UpdatedAt = updatedAt,
            DeletedAt = deletedAt,
            Own = own,
        };
    }

    private static string Text(ref Utf8JsonReader reader, Words words)
    {
        reader.Read();
        return words.Of(ref reader);
    }

    private static Pairs PairsOf(ref Utf8JsonReader reader, Words words)
    {
        var pairs = new List<KeyValuePair<string, string>>(8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = words.Of(ref reader);
            pairs.Add(KeyValuePair.Create(key, Text(ref reader, words)));
        }

        return pairs.Count == 0 ? Pairs.Empty : new Pairs([.. pairs]);
    }

    private static string[] Tags(ref Utf8JsonReader reader, Words words)
    {
        var tags = new List<string>(4);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            tags.Add(words.Of(ref reader));
        }

        return [.. tags];
    }

    private static Link[] Links(ref Utf8JsonReader reader, Words words)
    {
        var links = new List<Link>(2);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var link = new Link("");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = reader.ValueTextEquals("url"u8) ? 0 : reader.ValueTextEquals("title"u8) ? 1 : reader.ValueTextEquals("icon"u8) ? 2 : 3;
                var text = Text(ref reader, words);
                link = field switch
                {
                    0 => link with { Url = text },
                    1 => link with { Title = text },
                    2 => link with { Icon = text },
                    _ => link with { Type = text },
                };
            }

            links.Add(link);
        }

        return [.. links];
    }
}
