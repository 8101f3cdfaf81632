using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;

namespace Axle.Platform.Catalog;

/// <summary>
/// Who may write or delete which entity. A member owns both what an entity was and what it becomes; otherwise a change of
/// its owner could take a thing away from its team, or push it onto another.
/// </summary>
internal sealed class Rights(IEntityStore entities, EntityKinds kinds)
{
    // Build → Component is one step; more would let a system's owner rule all of its components.
    private const string PartOf = "partOf";

    public EntityKind? Kind(string name) => kinds.Find(name);

    public KindUnknown Unknown(string kind) => new(kind, kinds.ClosestTo(kind));

    /// <summary>Null when the caller may make <paramref name="wish"/> of what is there now.</summary>
    public Error? RefuseWrite(Caller caller, Entity wish, Entity? present)
    {
        if (Kind(wish.Kind) is not { } kind)
        {
            return Unknown(wish.Kind);
        }

        if (kind.Internal)
        {
            return new KindInternal(wish.Ref);
        }

        if (Roles.Decides(kind.Name) && caller.Refuse(Verb.Administer) is not null)
        {
            return new IdentityProtected(wish.Ref);
        }

        if (kind.Name == Kinds.Location && Locations.Discovery.TypeOf(wish) is { } type && caller.Refuse(Verb.Administer) is not null)
        {
            return new DiscoveryRefused(type);
        }

        if (present is not null && caller.Refuse(Verb.Write, Owned(present)) is { } notTheirs)
        {
            return notTheirs;
        }

        return caller.Refuse(present is null ? Verb.Create : Verb.Write) ?? RefuseOwner(caller, wish, kind);
    }

    public Error? RefuseDelete(Caller caller, Entity present)
    {
        if (Kind(present.Kind) is { Internal: true } && caller.Refuse(Verb.Administer) is not null)
        {
            return new KindInternal(present.Ref);
        }

        return Roles.Decides(present.Kind) && caller.Refuse(Verb.Administer) is not null
            ? new IdentityProtected(present.Ref)
            : caller.Refuse(Verb.Delete, Owned(present));
    }

    private static Error? RefuseOwner(Caller caller, Entity wish, EntityKind kind)
    {
        // A broken spec has no owner to look at, and never gets past the store, which says what is wrong with it.
        if (caller.Role == Role.Admin || kind.Check(wish).Count > 0)
        {
            return null;
        }

        var relations = kind.Relations(wish).ToList();
        if (caller.Owns(wish with { Relations = relations }))
        {
            return null;
        }

        var owner = relations.Where(relation => relation.Type == "ownedBy").Select(relation => (EntityRef?)relation.TargetRef).FirstOrDefault();
        return owner is { } named ? new OwnerNotYours(wish.Ref, named, caller.User) : new OwnerNeeded(wish.Ref);
    }

    /// <summary>The entity with the owner of what it is a part of, when it has none itself.</summary>
    private Entity Owned(Entity entity)
    {
        if (entity.Relations.Any(relation => relation.Type == "ownedBy")
            || entity.TargetOf(PartOf) is not { } part
            || entities.Find(part) is not { } whole)
        {
            return entity;
        }

        return entity with { Relations = [.. entity.Relations, .. whole.Relations.Where(relation => relation.Type == "ownedBy")] };
    }
}
