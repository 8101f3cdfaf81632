using System.Buffers;
using System.Text.Json;

namespace Axle.Platform.Workloads;

/// <summary>A place in a file that a person can go to; both count from 1.</summary>
public sealed record Place(string? File, int Line, int Column);

/// <summary>
/// A value of a YAML or JSON document that still knows where it stands. A tree: anchors are already followed, so it has
/// no cycles, and its size is bounded by <see cref="StrictYaml"/>.
/// </summary>
public abstract record YamlValue(Place? Place)
{
    /// <summary>What a person would call it: "a number", "a mapping".</summary>
    public abstract string Describe();

    /// <summary>The value as JSON, as YAML 1.2's core schema reads it.</summary>
    public JsonElement ToJson() => JsonElement.Parse(ToUtf8().Span);

    /// <summary>The same as text.</summary>
    internal ReadOnlyMemory<byte> ToUtf8()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, s_writing))
        {
            Write(writer);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>A JSON value as a tree without places.</summary>
    public static YamlValue From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => new YamlMap([.. json.EnumerateObject().Select(p => new YamlEntry(p.Name, null, From(p.Value)))], null),
        JsonValueKind.Array => new YamlList([.. json.EnumerateArray().Select(From)], null),
        JsonValueKind.String => new YamlScalar(json.GetString()!, ScalarType.Text, null),
        JsonValueKind.Number => new YamlScalar(json.GetRawText(), json.TryGetInt64(out _) ? ScalarType.Integer : ScalarType.Float, null),
        JsonValueKind.True or JsonValueKind.False => new YamlScalar(json.GetRawText(), ScalarType.Boolean, null),
        _ => new YamlScalar("", ScalarType.Null, null),
    };

    internal abstract void Write(Utf8JsonWriter writer);

    private static readonly JsonWriterOptions s_writing = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>What a scalar means by YAML 1.2's core schema.</summary>
public enum ScalarType
{
    Text,
    Integer,
    Float,
    Boolean,
    Null,
}

public sealed record YamlScalar(string Text, ScalarType Type, Place? Place) : YamlValue(Place)
{
    /// <summary>The number, when it is an integer that fits.</summary>
    public long? Integer => Type == ScalarType.Integer ? ScalarTypes.ReadInteger(Text) : null;

    public override string Describe() => Type switch
    {
        ScalarType.Text => "text",
        ScalarType.Integer or ScalarType.Float => "a number",
        ScalarType.Boolean => "a boolean",
        _ => "empty",
    };

    internal override void Write(Utf8JsonWriter writer)
    {
        switch (Type)
        {
            case ScalarType.Text:
                writer.WriteStringValue(Text);
                break;
            case ScalarType.Null:
                writer.WriteNullValue();
                break;
            case ScalarType.Boolean:
                writer.WriteBooleanValue(ScalarTypes.IsTrue(Text));
                break;
            case ScalarType.Integer when Integer is { } whole:
                writer.WriteNumberValue(whole);
                break;
            default:
                WriteFloat(writer);
                break;
        }
    }

    // .inf, .nan and numbers beyond a double have no JSON; as text they at least arrive unchanged.
    private void WriteFloat(Utf8JsonWriter writer)
    {
        if (ScalarTypes.ReadDouble(Text) is { } number && double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(Text);
        }
    }
}

public sealed record YamlList(IReadOnlyList<YamlValue> Items, Place? Place) : YamlValue(Place)
{
    public override string Describe() => "a list";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in Items)
        {
            item.Write(writer);
        }

        writer.WriteEndArray();
    }
}

/// <summary>Keys are unique; the order is the file's.</summary>
public sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, Place? Place) : YamlValue(Place)
{
    public YamlEntry? Find(string key)
    {
        for (var i = 0; i < Entries.Count; i++)
        {
            if (Entries[i].Key == key)
            {
                return Entries[i];
            }
        }

        return null;
    }

    public override string Describe() => "a mapping";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var entry in Entries)
        {
            writer.WritePropertyName(entry.Key);
            entry.Value.Write(writer);
        }

        writer.WriteEndObject();
    }
}

public sealed record YamlEntry(string Key, Place? Place, YamlValue Value);
