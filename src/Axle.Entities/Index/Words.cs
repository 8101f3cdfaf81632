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
