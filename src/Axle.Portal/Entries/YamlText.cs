using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Axle.Portal.Entries;

/// <summary>An entity as people write it.</summary>
internal static class YamlText
{
    /// <summary>With what the platform added; without what can be read elsewhere on the page.</summary>
    public static string Of(Entity entity)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(2, 100, false, 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, JsonSerializer.SerializeToElement(entity, EntityJson.Options));
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Write(Emitter emitter, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(null, null, isImplicit: true, MappingStyle.Block));
                foreach (var property in value.EnumerateObject())
                {
                    Write(emitter, property.Name);
                    Write(emitter, property.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(null, null, isImplicit: true, value.GetArrayLength() == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in value.EnumerateArray())
                {
                    Write(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                Write(emitter, value.GetString()!);
                break;
            default:
                emitter.Emit(new Scalar(null, null, value.GetRawText(), ScalarStyle.Plain, true, false));
                break;
        }
    }

    private static void Write(Emitter emitter, string text) =>
        emitter.Emit(new Scalar(null, null, text, StyleOf(text), true, true));

    /// <summary>What would be read as something else than a text is quoted; several lines stay lines.</summary>
    private static ScalarStyle StyleOf(string text) =>
        text.Contains('\n', StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\0', '\b') && !text.Contains('\r', StringComparison.Ordinal) ? ScalarStyle.Literal
        : text.Length == 0 || IsOtherwise(text) ? ScalarStyle.DoubleQuoted
        : ScalarStyle.Any;

    private static bool IsOtherwise(string text) =>
        text[0] is '.' or '+' or '-' or '~' or (>= '0' and <= '9')
        || text.ToLowerInvariant() is "null" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n";
}
