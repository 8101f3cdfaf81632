using System.Text.Json;
using Axle.Contracts;
using Axle.Entities.Index;
using Axle.Entities.Validation;

namespace Axle.Entities.Store;

/// <summary>
/// A put that was checked: everything that does not depend on what is stored is done here, on the caller's thread, so that
/// the one writer only decides and writes.
/// </summary>
internal sealed record Wish(Entity Entity, EntityKind Kind, EntityRef Ref)
{
    public static Result<Wish> Of(Entity asked, EntityKinds kinds, Words words)
    {
        // 1. The kind decides everything else.
        if (kinds.Find(asked.Kind ?? "") is not { } kind)
        {
            return new KindUnknown(asked.Kind ?? "", kinds.ClosestTo(asked.Kind ?? ""));
        }

        // 2. All problems at once; a kind's own rules may rely on an envelope in order.
        var entity = InFull(asked, kind);
        var problems = new List<Problem>(EnvelopeRules.Check(entity));
        if (asked.ApiVersion != kind.ApiVersion && !kind.AlsoReads.Contains(asked.ApiVersion))
        {
            problems.Add(new Problem($"'{asked.ApiVersion}' is not a version of {kind.Name}; known: {string.Join(", ", kind.AlsoReads.Prepend(kind.ApiVersion))}", Path: "apiVersion"));
        }

        if (!problems.Any(problem => problem.Path?.StartsWith("spec", StringComparison.Ordinal) ?? false))
        {
            problems.AddRange(kind.Check(entity));
        }

        if (problems.Count > 0)
        {
            return new EntityInvalid($"{kind.Name} '{entity.Metadata.Name}'", problems);
        }

        // 3. What is the store's own is dropped; the spec is copied, for its document may be the caller's and end with a request.
        var own = entity with
        {
            Metadata = Asked(entity.Metadata),
            Spec = entity.Spec.ValueKind == JsonValueKind.Undefined ? default : entity.Spec.Clone(),
            Status = default,
        };
        own = words.Of(own with { Relations = [.. kind.Relations(own)] });
        return new Wish(own, kind, own.Ref);
    }

    /// <summary>Whether the stored entity is this wish already.</summary>
    public bool Equals(Entity stored) =>
        Entity.ApiVersion == stored.ApiVersion
        && SameMetadata(Entity.Metadata, stored.Metadata)
        && SameJson(Entity.Spec, stored.Spec);

    public static bool SameJson(JsonElement a, JsonElement b) =>
        a.ValueKind == JsonValueKind.Undefined || b.ValueKind == JsonValueKind.Undefined
            ? a.ValueKind == b.ValueKind
            : JsonElement.DeepEquals(a, b);

    private static bool SameMetadata(Metadata a, Metadata b) =>
        a.Name == b.Name && a.Namespace == b.Namespace && a.Title == b.Title && a.Description == b.Description
        && SamePairs(a.Labels, b.Labels) && SamePairs(a.Annotations, b.Annotations)
        && a.Tags.SequenceEqual(b.Tags) && a.Links.SequenceEqual(b.Links)
        && SameOwn(a.Own, b.Own);

    private static bool SameOwn(IDictionary<string, JsonElement>? a, IDictionary<string, JsonElement>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0) && (a is null || a.All(pair => b!.TryGetValue(pair.Key, out var value) && SameJson(pair.Value, value)));

    private static bool SamePairs(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out var value) && value == pair.Value);

    private static Entity InFull(Entity asked, EntityKind kind) =>
        asked is { Metadata: { Namespace: not null, Name: not null } } && asked.Kind == kind.Name
            ? asked
            : asked with { Kind = kind.Name, Metadata = asked.Metadata with { Namespace = asked.Metadata.Namespace ?? EntityRef.DefaultNamespace, Name = asked.Metadata.Name ?? "" } };

    /// <summary>Without what is the store's own.</summary>
    private static Metadata Asked(Metadata asked) => new()
    {
        Name = asked.Name,
        Namespace = asked.Namespace,
        Title = asked.Title,
        Description = asked.Description,
        Labels = asked.Labels,
        Annotations = asked.Annotations,
        Tags = asked.Tags,
        Links = asked.Links,
        Own = CopyOwn(asked.Own),
    };

    /// <summary>Null when there are none. Backstage's etag comes back with what its tools have read; it is the store's own.</summary>
    private static Dictionary<string, JsonElement>? CopyOwn(IDictionary<string, JsonElement>? own) =>
        own?.Where(pair => pair.Key != "etag").ToDictionary(pair => pair.Key, pair => pair.Value.Clone(), StringComparer.Ordinal) is { Count: > 0 } copy ? copy : null;
}
