using System.Text.Json;
using Axle.Contracts;

namespace Axle.Entities.Index;

/// <summary>
/// Texts that many entities have: kinds, keys of labels, addresses of files. Each entity is read by itself and would have its
/// own copy of them. A table of fixed size where a newer text takes the place of an older one: what it misses costs memory, never
/// a wrong answer, and it cannot grow. Any number may ask at once.
/// </summary>
internal sealed class Words
{
    private const int Room = 1 << 17;
    private const int LengthMax = 256;

    private readonly string?[] _known = new string?[Room];

    /// <summary>An equal text, most often the same instance for all.</summary>
    public string Of(string text)
    {
        if (text.Length > LengthMax)
        {
            return text;
        }

        ref var known = ref _known[text.GetHashCode(StringComparison.Ordinal) & (Room - 1)];
        var there = Volatile.Read(ref known);
        if (there == text)
        {
            return there;
        }

        Volatile.Write(ref known, text);
        return text;
    }

    /// <summary>As <see cref="Of(string)"/>, without making a text when there is an equal one.</summary>
    public string Of(ReadOnlySpan<char> text)
    {
        if (text.Length > LengthMax)
        {
            return text.ToString();
        }

        ref var known = ref _known[string.GetHashCode(text, StringComparison.Ordinal) & (Room - 1)];
        if (Volatile.Read(ref known) is { } there && text.SequenceEqual(there))
        {
            return there;
        }

        var made = text.ToString();
        Volatile.Write(ref known, made);
        return made;
    }

    /// <summary>The text that a reader of JSON stands on.</summary>
    public string Of(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > LengthMax)
        {
            return reader.GetString()!;
        }

        Span<char> text = stackalloc char[LengthMax];
        return Of(text[..reader.CopyString(text)]);
    }

    /// <summary>A text and the one that a reader of JSON stands on, in lower case.</summary>
    public string Lower(string before, ref Utf8JsonReader reader)
    {
        if (before.Length + reader.ValueSpan.Length > LengthMax)
        {
            return before + reader.GetString()!.ToLowerInvariant();
        }

        Span<char> text = stackalloc char[LengthMax];
        before.CopyTo(text);
        text = text[..(before.Length + reader.CopyString(text[before.Length..]))];
        Span<char> lower = stackalloc char[LengthMax];
        return Of(lower[..((ReadOnlySpan<char>)text).ToLowerInvariant(lower)]);
    }

    /// <summary>The same relation with shared texts.</summary>
    public Relation Of(Relation edge)
    {
        var (target, known) = (edge.TargetRef.ToString(), Of(edge.TargetRef.ToString()));
        return new(Of(edge.Type), !ReferenceEquals(target, known) && EntityRef.TryParse(known, null, out var shared) ? shared : edge.TargetRef);
    }

    /// <summary>An entity as the store keeps it: in arrays, with shared texts, without what is the caller's.</summary>
    public Entity Of(Entity entity) => entity with
    {
        ApiVersion = Of(entity.ApiVersion),
        Kind = Of(entity.Kind),
        Metadata = Of(entity.Metadata),
        Relations = Node.Sorted(entity.Relations.Select(Of)),
    };

    private Metadata Of(Metadata metadata) => metadata with
    {
        Namespace = Of(metadata.Namespace),
        Labels = Pairs.Of(metadata.Labels, this),
        Annotations = Pairs.Of(metadata.Annotations, this),
        Tags = metadata.Tags is { Count: > 0 } tags ? tags.Select(Of).ToArray() : [],
        Links = metadata.Links is { Count: > 0 } links ? links.ToArray() : [],
    };
}
