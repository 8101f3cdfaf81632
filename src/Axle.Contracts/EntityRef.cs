using System.Collections.Frozen;
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

    /// <summary>Characters of a ref; a full one of legal parts has at most 191.</summary>
    public const int LengthMax = short.MaxValue;

    // The whole and where its parts end: a ref is in memory many times for each entity, so it is one text and not four.
    private readonly string? _canonical;
    private readonly short _colon;
    private readonly short _slash;

    /// <summary>Puts a ref together from its parts; the parts are not checked against the format rules.</summary>
    /// <exception cref="ArgumentException">A part is empty, or the whole is longer than <see cref="LengthMax"/>.</exception>
    public EntityRef(string kind, string @namespace, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentException.ThrowIfNullOrEmpty(@namespace);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (kind.Length + @namespace.Length + name.Length > LengthMax - 2)
        {
            throw new ArgumentException($"The ref is longer than {LengthMax} characters.", nameof(name));
        }

        this = new EntityRef(kind, @namespace, name, null);
    }

    /// <param name="kind">The kind, in any case.</param>
    /// <param name="namespace">The namespace, in any case.</param>
    /// <param name="name">The name, in any case.</param>
    /// <param name="written">The whole as it was written, to be kept when it is canonical already.</param>
    private EntityRef(ReadOnlySpan<char> kind, ReadOnlySpan<char> @namespace, ReadOnlySpan<char> name, string? written)
    {
        (_colon, _slash) = ((short)kind.Length, (short)(kind.Length + 1 + @namespace.Length));
        if (written is not null)
        {
            // The same instance when it is in lower case already.
            _canonical = written.ToLowerInvariant();
            return;
        }

        var length = _slash + 1 + name.Length;
        var lower = length <= 256 ? stackalloc char[length] : new char[length];
        kind.ToLowerInvariant(lower);
        lower[_colon] = ':';
        @namespace.ToLowerInvariant(lower[(_colon + 1)..]);
        lower[_slash] = '/';
        name.ToLowerInvariant(lower[(_slash + 1)..]);
        _canonical = new string(lower);
    }

    /// <summary>The kind, lower case.</summary>
    public string Kind => _canonical is null ? "" : KnownWords.Of(_canonical.AsSpan(0, _colon));

    /// <summary>The namespace, lower case.</summary>
    public string Namespace => _canonical is null ? "" : KnownWords.Of(_canonical.AsSpan(_colon + 1, _slash - _colon - 1));

    /// <summary>The name, lower case.</summary>
    public string Name => _canonical?[(_slash + 1)..] ?? "";

    /// <summary>The shortest form a person would write: without the namespace when it is the default one.</summary>
    public string Short => Namespace == DefaultNamespace ? $"{Kind}:{Name}" : ToString();

    public static EntityRef Of(string kind, string name, string? @namespace = null) => new(kind, @namespace ?? DefaultNamespace, name);

    /// <summary>Reads a full or partial ref; what is missing comes from the defaults. A colon after the first slash belongs to the name.</summary>
    public static bool TryParse(string? text, string? defaultKind, string defaultNamespace, out EntityRef result)
    {
        result = default;
        if (!TrySplit(text, defaultKind, defaultNamespace, out var kind, out var space, out var name, out var isWhole))
        {
            return false;
        }

        result = new EntityRef(kind, space, name, isWhole ? text : null);
        return true;
    }

    /// <summary>Whether <see cref="TryParse(string?, string?, string, out EntityRef)"/> can read a text; nothing is made of it.</summary>
    public static bool IsRef(string? text, string? defaultKind, string defaultNamespace) => TrySplit(text, defaultKind, defaultNamespace, out _, out _, out _, out _);

    private static bool TrySplit(
        [NotNullWhen(true)] string? text, string? defaultKind, string defaultNamespace, out ReadOnlySpan<char> kind, out ReadOnlySpan<char> space, out ReadOnlySpan<char> name, out bool isWhole)
    {
        kind = space = name = [];
        isWhole = false;
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

        kind = colon >= 0 ? text.AsSpan(0, colon) : defaultKind;
        space = slash >= 0 ? text.AsSpan()[(colon + 1)..slash] : defaultNamespace;
        name = text.AsSpan(Math.Max(slash, colon) + 1);
        isWhole = colon >= 0 && slash >= 0;
        return !kind.IsEmpty && !space.IsEmpty && !name.IsEmpty && kind.Length + space.Length + name.Length <= LengthMax - 2;
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

/// <summary>The words that most refs consist of, so that asking for a part of one makes no new text.</summary>
internal static class KnownWords
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> s_words = FrozenSet.Create(
        StringComparer.Ordinal,
        [
            EntityRef.DefaultNamespace, "component", "api", "resource", "system", "domain", "group", "user", "template", "location",
            "environment", "build", "release", "deployment", "resourceclaim", "provisioner", "secret",
        ]).GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Of(ReadOnlySpan<char> word) => s_words.TryGetValue(word, out var known) ? known : word.ToString();
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
