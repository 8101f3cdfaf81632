using System.Text.Json;
using Axle.Contracts;

namespace Axle.Entities;

/// <summary>What the kernel must know of a kind: its name, how a spec is checked, which edges it has. A capability registers one per kind.</summary>
public abstract class EntityKind(string apiVersion, string name)
{
    /// <summary>The apiVersion written with new entities.</summary>
    public string ApiVersion { get; } = apiVersion;

    /// <summary>The kind as it is spelled, for instance <c>Deployment</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Other apiVersions that are read as well.</summary>
    public IReadOnlyList<string> AlsoReads { get; init; } = [];

    /// <summary>A spec never changes after the entity was created.</summary>
    public bool Immutable { get; init; }

    /// <summary>Deletes wait until a reconciler has cleaned up and calls <see cref="IEntityStore.RemoveAsync"/>.</summary>
    public bool Finalized { get; init; }

    /// <summary>Written by the platform only; a client's apply is refused.</summary>
    public bool Internal { get; init; }

    /// <summary>Everything wrong with an entity of this kind, beyond the envelope.</summary>
    public abstract IReadOnlyList<Problem> Check(Entity entity);

    /// <summary>The edges that start here, in any order and maybe more than once; the store adds the inverses.</summary>
    public abstract IEnumerable<Relation> Relations(Entity entity);

    /// <summary>Where the code of <see cref="Relations"/> is.</summary>
    internal virtual IEnumerable<System.Reflection.Module> Modules => [GetType().Module];
}

/// <summary>A kind whose spec and status are records.</summary>
public sealed class EntityKind<TSpec, TStatus>(string apiVersion, string name) : EntityKind(apiVersion, name)
    where TSpec : class
    where TStatus : class, new()
{
    /// <summary>Problems of a spec that has the right shape.</summary>
    public Func<TSpec, IEnumerable<Problem>> Rules { get; init; } = _ => [];

    /// <summary>The edges of a spec.</summary>
    public Func<TSpec, IEnumerable<Relation>> Edges { get; init; } = _ => [];

    public override IReadOnlyList<Problem> Check(Entity entity)
    {
        if (entity.Spec.ValueKind != JsonValueKind.Object)
        {
            return [new Problem("is missing or no object", Path: "spec")];
        }

        try
        {
            return [.. Rules(Read(entity).Spec)];
        }
        catch (JsonException e)
        {
            return [new Problem(e.Message.Split(" Path:")[0], Path: "spec" + e.Path?.TrimStart('$'))];
        }
    }

    public override IEnumerable<Relation> Relations(Entity entity) => Edges(Read(entity).Spec);

    internal override IEnumerable<System.Reflection.Module> Modules => [typeof(TSpec).Module, Edges.Method.Module];

    /// <summary>The typed view of an entity of this kind.</summary>
    /// <exception cref="JsonException">The spec has another shape.</exception>
    public Entity<TSpec, TStatus> Read(Entity entity) => new(
        entity,
        entity.Spec.Deserialize<TSpec>(EntityJson.Options) ?? throw new JsonException("spec is null"),
        entity.Status.ValueKind == JsonValueKind.Object ? entity.Status.Deserialize<TStatus>(EntityJson.Options)! : new TStatus());

    /// <summary>A new entity of this kind.</summary>
    public Entity Make(EntityRef which, TSpec spec, Func<Metadata, Metadata>? metadata = null)
    {
        var bare = new Metadata { Namespace = which.Namespace, Name = which.Name };
        return new Entity
        {
            ApiVersion = ApiVersion,
            Kind = Name,
            Metadata = metadata is null ? bare : metadata(bare),
            Spec = JsonSerializer.SerializeToElement(spec, EntityJson.Options),
        };
    }

    public EntityRef Ref(string name, string @namespace = EntityRef.DefaultNamespace) => new(Name, @namespace, name);
}

/// <summary>An entity with its spec and status as records.</summary>
public sealed record Entity<TSpec, TStatus>(Entity Raw, TSpec Spec, TStatus Status)
{
    public EntityRef Ref => Raw.Ref;

    public Metadata Metadata => Raw.Metadata;
}

/// <summary>The JSON settings of the store and the API: those of <see cref="AxleJson"/>, open to every type.</summary>
public static class EntityJson
{
    public static JsonSerializerOptions Options { get; } = Make();

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
            TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }
}
