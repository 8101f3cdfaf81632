using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Axle.Contracts;
using Axle.Platform.Catalog.Index;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>An entity as Backstage writes it. Kept for as long as the entity itself is, so that a popular one is written once.</summary>
internal static class EntityDocument
{
    private static readonly ConditionalWeakTable<Entity, byte[]> s_written = [];

    /// <summary>UTF-8 JSON.</summary>
    public static byte[] Of(Entity entity) => s_written.GetValue(entity, Write);

    /// <summary>The same as an element, to stand inside another answer.</summary>
    public static JsonElement Raw(Entity entity) => JsonSerializer.Deserialize<JsonElement>(Write(entity));

    private static byte[] Write(Entity entity)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", entity.ApiVersion);
            json.WriteString("kind", entity.Kind);
            json.WritePropertyName("metadata");
            Write(json, entity.Metadata);
            if (entity.Spec.ValueKind != JsonValueKind.Undefined)
            {
                json.WritePropertyName("spec");
                entity.Spec.WriteTo(json);
            }

            json.WriteStartArray("relations");
            foreach (var relation in entity.Relations)
            {
                if (CatalogView.Shows(relation))
                {
                    json.WriteStartObject();
                    json.WriteString("type", relation.Type);
                    json.WriteString("targetRef", relation.TargetRef.ToString());
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Metadata metadata)
    {
        json.WriteStartObject();
        json.WriteString("namespace", metadata.Namespace);
        json.WriteString("name", metadata.Name);
        if (metadata.Uid is not null)
        {
            json.WriteString("uid", metadata.Uid);
            json.WriteString("etag", metadata.Revision.ToString("x", CultureInfo.InvariantCulture));
        }

        WriteIfSaid(json, "title", metadata.Title);
        WriteIfSaid(json, "description", metadata.Description);
        Write(json, "labels", metadata.Labels);
        Write(json, "annotations", metadata.Annotations);
        if (metadata.Tags.Count > 0)
        {
            json.WriteStartArray("tags");
            foreach (var tag in metadata.Tags)
            {
                json.WriteStringValue(tag);
            }

            json.WriteEndArray();
        }

        if (metadata.Links.Count > 0)
        {
            json.WriteStartArray("links");
            foreach (var link in metadata.Links)
            {
                json.WriteStartObject();
                json.WriteString("url", link.Url);
                WriteIfSaid(json, "title", link.Title);
                WriteIfSaid(json, "icon", link.Icon);
                WriteIfSaid(json, "type", link.Type);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (metadata.Own is { } own)
        {
            foreach (var (key, value) in own)
            {
                json.WritePropertyName(key);
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> pairs)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (var (key, value) in pairs)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteIfSaid(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
