using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Axle.Contracts;

/// <summary>
/// Names an entity: <c>kind:namespace/name</c>, as Backstage writes it. Unique without regard to case;
/// <see cref="ToString"/> gives the canonical, lower-case form.
/// </summary>
[JsonConverter(typeof(EntityRefJsonConverter))]
public readonly struct EntityRef : IEquatable<EntityRef>, IComparable<EntityRef>, IParsable<EntityRef>
{
    /// <summary>The namespace that is meant where none is written.</summary>
    public const string DefaultNamespace = "default";

    private readonly string? _canonical;

    /// <summary>Puts a ref together from its parts; the parts are not checked against the format rules.</summary>
    /// <exception cref="ArgumentException">A part is empty.</exception>
    public EntityRef(string kind, string @namespace, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentException.ThrowIfNullOrEmpty(@namespace);
        ArgumentException.ThrowIfNullOrEmpty(name);
        Kind = kind.ToLowerInvariant();
        Namespace = @namespace.ToLowerInvariant();
        Name = name.ToLowerInvariant();
        _canonical = $"{Kind}:{Namespace}/{Name}";
    }

    /// <summary>The kind, lower case.</summary>
    public string Kind { get; }

    /// <summary>The namespace, lower case.</summary>
    public string Namespace { get; }

    /// <summary>The name, lower case.</summary>
    public string Name { get; }

    /// <summary>The shortest form a person would write: without the namespace when it is the default one.</summary>
    public string Short => Namespace == DefaultNamespace ? $"{Kind}:{Name}" : ToString();

    public static EntityRef Of(string kind, string name, string? @namespace = null) => new(kind, @namespace ?? DefaultNamespace, name);

    /// <summary>Reads a full or partial ref; what is missing comes from the defaults. A colon after the first slash belongs to the name.</summary>
    public static bool TryParse(string? text, string? defaultKind, string defaultNamespace, out EntityRef result)
    {
        result = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (slash >= 0 && colon > slash)
        {
            colon = -1;
        }

        var kind = colon >= 0 ? text[..colon] : defaultKind;
        var space = slash >= 0 ? text[(colon + 1)..slash] : defaultNamespace;
        var name = text[(Math.Max(slash, colon) + 1)..];
        if (string.IsNullOrEmpty(kind) || space.Length == 0 || name.Length == 0)
        {
            return false;
        }

        result = new EntityRef(kind, space, name);
        return true;
    }

    /// <exception cref="FormatException">The text is no full ref.</exception>
    public static EntityRef Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var result) ? result : throw new FormatException($"'{s}' is not an entity ref (kind:namespace/name).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out EntityRef result) =>
        TryParse(s, null, DefaultNamespace, out result);

    public static bool operator ==(EntityRef left, EntityRef right) => left.Equals(right);

    public static bool operator !=(EntityRef left, EntityRef right) => !left.Equals(right);

    public static bool operator <(EntityRef left, EntityRef right) => left.CompareTo(right) < 0;

    public static bool operator >(EntityRef left, EntityRef right) => left.CompareTo(right) > 0;

    public static bool operator <=(EntityRef left, EntityRef right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EntityRef left, EntityRef right) => left.CompareTo(right) >= 0;

    public bool Equals(EntityRef other) => string.Equals(_canonical, other._canonical, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is EntityRef other && Equals(other);

    public override int GetHashCode() => _canonical is null ? 0 : _canonical.GetHashCode(StringComparison.Ordinal);

    public int CompareTo(EntityRef other) => string.CompareOrdinal(_canonical, other._canonical);

    public override string ToString() => _canonical ?? "";
}

/// <summary>Writes a ref as its canonical text.</summary>
public sealed class EntityRefJsonConverter : JsonConverter<EntityRef>
{
    public override EntityRef Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        EntityRef.TryParse(reader.GetString(), null, out var found)
            ? found
            : throw new JsonException($"'{reader.GetString()}' is not an entity ref (kind:namespace/name).");

    public override void Write(Utf8JsonWriter writer, EntityRef value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
