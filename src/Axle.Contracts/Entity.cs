using System.Text.Json;
using System.Text.Json.Serialization;

namespace Axle.Contracts;

/// <summary>
/// Anything in the store, in the envelope that Backstage and Kubernetes share. Immutable: the same instance is served
/// to every reader.
/// </summary>
public sealed record Entity
{
    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    public required Metadata Metadata { get; init; }

    /// <summary>What is asked for; an object, or undefined where the kind needs none.</summary>
    [JsonIgnore]
    public JsonElement Spec { get; init; }

    /// <summary>What was seen; written by reconcilers only.</summary>
    [JsonIgnore]
    public JsonElement Status { get; init; }

    /// <summary>Both directions, sorted by type then target; computed by the store, never written by a client.</summary>
    public IReadOnlyList<Relation> Relations { get; init; } = [];

    /// <summary>Made once: a copy by <c>with</c> that has other metadata, or another kind, makes its own.</summary>
    [JsonIgnore]
    public EntityRef Ref
    {
        get
        {
            if (_named is { } named && ReferenceEquals(named.Metadata, Metadata) && named.Kind == Kind)
            {
                return named.Ref;
            }

            _named = new Named(Kind, Metadata, new EntityRef(Kind, Metadata.Namespace, Metadata.Name));
            return _named.Ref;
        }
    }

    /// <summary>The first target of a relation of a type, such as the owner of <c>ownedBy</c>; null when there is none.</summary>
    public EntityRef? TargetOf(string relationType)
    {
        foreach (var relation in Relations)
        {
            if (relation.Type == relationType)
            {
                return relation.TargetRef;
            }
        }

        return null;
    }

    // As they are written. Leaving out an undefined element by comparing it with the default one would go through reflection for
    // each entity; a null is nothing to compare.
    [JsonInclude, JsonPropertyName("spec")]
    internal JsonElement? WrittenSpec
    {
        get => Spec.ValueKind == JsonValueKind.Undefined ? null : Spec;
        init => Spec = value ?? default;
    }

    [JsonInclude, JsonPropertyName("status")]
    internal JsonElement? WrittenStatus
    {
        get => Status.ValueKind == JsonValueKind.Undefined ? null : Status;
        init => Status = value ?? default;
    }

    private Named? _named;

    /// <summary>A ref and what it was made of; one object, so that a reader never sees half of it.</summary>
    private sealed class Named(string kind, Metadata metadata, EntityRef which)
    {
        public string Kind { get; } = kind;

        public Metadata Metadata { get; } = metadata;

        public EntityRef Ref { get; } = which;
    }
}

/// <summary>What every entity carries. Formats are those of Backstage's catalog model.</summary>
public sealed record Metadata
{
    /// <summary>Set by the store; stays the same for the entity's life.</summary>
    public string? Uid { get; init; }

    public string Namespace { get; init; } = EntityRef.DefaultNamespace;

    public required string Name { get; init; }

    public string? Title { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = s_none;

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = s_none;

    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyList<Link> Links { get; init; } = [];

    /// <summary>The store's revision at this entity's last change; the number inside the ETag.</summary>
    public long Revision { get; init; }

    /// <summary>Counts changes of anything but the status.</summary>
    public long Generation { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Set while a delete waits for finalizers: the reconciler cleans up, then removes the entity for good.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Keys that neither Backstage nor Axle gives a meaning: a company's own, kept as they are. Null when there are none.</summary>
    [JsonExtensionData]
#pragma warning disable CA2227 // Source-generated reading cannot set further keys at construction; nobody else may.
    public IDictionary<string, JsonElement>? Own { get; set; }
#pragma warning restore CA2227

    private static readonly IReadOnlyDictionary<string, string> s_none = new Dictionary<string, string>();
}

/// <summary>A link shown with an entity.</summary>
public sealed record Link(string Url, string? Title = null, string? Icon = null, string? Type = null);

/// <summary>A typed edge to another entity, which may not exist. A value: a large catalogue has a million of them in memory.</summary>
public readonly record struct Relation(string Type, EntityRef TargetRef);

/// <summary>One aspect of an entity's state, in Kubernetes' form.</summary>
/// <param name="Type">For instance <c>Ready</c>.</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One word, stable, for programs.</param>
/// <param name="Message">One sentence, for people.</param>
/// <param name="LastTransitionTime">When <paramref name="Status"/> last changed.</param>
/// <param name="Next">What the reader can do, usually an <c>axle</c> command.</param>
/// <param name="RootCause">The entity that must change first, when it is another one.</param>
public sealed record Condition(
    string Type,
    string Status,
    string Reason,
    string Message,
    DateTimeOffset LastTransitionTime,
    string? Next = null,
    EntityRef? RootCause = null);

/// <summary>One row of the change log.</summary>
/// <param name="Revision">Grows by one with each change in the store.</param>
/// <param name="Verb"><c>create</c>, <c>update</c>, <c>status</c> or <c>delete</c>.</param>
/// <param name="Actor">Who did it: a user's ref, or <c>system:&lt;reconciler&gt;</c>.</param>
/// <param name="Entity">The entity after the change; for a delete, as it was last.</param>
/// <param name="Message">Why, in the actor's words, when given.</param>
public sealed record Change(long Revision, DateTimeOffset At, string Actor, string Verb, EntityRef Ref, Entity Entity, string? Message = null);
