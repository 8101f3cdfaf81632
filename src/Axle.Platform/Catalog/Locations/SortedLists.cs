using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Sorts the lists of a spec that name entities, as Backstage does: a file that only changes their order changes no entity.</summary>
internal static class SortedLists
{
    /// <summary>Bytes that a writer asks for beyond what it writes.</summary>
    private const int WriterReserve = 512;

    private static readonly string[] s_names = ["providesApis", "consumesApis", "dependsOn", "dependencyOf", "memberOf", "children", "members"];

    /// <summary>The same spec when there is nothing to sort.</summary>
    public static JsonElement In(JsonElement spec)
    {
        if (spec.ValueKind != JsonValueKind.Object || !spec.EnumerateObject().Any(IsUnsorted))
        {
            return spec;
        }

        var sorted = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(spec).Length + WriterReserve);
        using (var writer = new Utf8JsonWriter(sorted))
        {
            writer.WriteStartObject();
            foreach (var property in spec.EnumerateObject())
            {
                if (IsUnsorted(property))
                {
                    WriteSorted(writer, property);
                }
                else
                {
                    property.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(sorted.WrittenSpan);
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonProperty list)
    {
        writer.WriteStartArray(list.Name);
        foreach (var text in list.Value.EnumerateArray().Select(item => item.GetString()).Order(StringComparer.Ordinal))
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static bool IsUnsorted(JsonProperty property)
    {
        if (property.Value.ValueKind != JsonValueKind.Array || !Array.Exists(s_names, property.NameEquals))
        {
            return false;
        }

        var (before, isUnsorted) = ("", false);
        foreach (var item in property.Value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                return false;
            }

            var text = item.GetString()!;
            isUnsorted |= string.CompareOrdinal(before, text) > 0;
            before = text;
        }

        return isUnsorted;
    }
}
