using Axle.Contracts;

namespace Axle.Entities;

/// <summary>
/// What the store knows of an entity without reading it: for passes over very many, and for whoever only asks whether something
/// is there, or is still what it was.
/// </summary>
public class EntityHead
{
    /// <summary>The head of an entity that is stored.</summary>
    public EntityHead(Entity stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        Ref = stored.Ref;
        Uid = stored.Metadata.Uid ?? "";
        Revision = stored.Metadata.Revision;
        Generation = stored.Metadata.Generation;
        IsBeingDeleted = stored.Metadata.DeletedAt is not null;
        Relations = stored.Relations;
    }

    private protected EntityHead(EntityRef which, string uid, long revision, long generation, bool isBeingDeleted, IReadOnlyList<Relation> relations) =>
        (Ref, Uid, Revision, Generation, IsBeingDeleted, Relations) = (which, uid, revision, generation, isBeingDeleted, relations);

    public EntityRef Ref { get; }

    /// <summary>As <see cref="Metadata.Uid"/>: another one means that it went and came again.</summary>
    public string Uid { get; }

    /// <summary>As <see cref="Metadata.Revision"/>.</summary>
    public long Revision { get; }

    /// <summary>As <see cref="Metadata.Generation"/>.</summary>
    public long Generation { get; }

    /// <summary>A delete waits for finalizers.</summary>
    public bool IsBeingDeleted { get; }

    /// <summary>Those that it declares itself.</summary>
    public IReadOnlyList<Relation> Relations { get; }
}
