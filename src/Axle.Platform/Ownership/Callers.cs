using System.Collections.Concurrent;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Ownership;

/// <summary>
/// Makes the <see cref="Caller"/> of a credential from what the catalogue says now: a user taken out of a group loses
/// its rights with their next request.
/// </summary>
internal sealed class Callers(IEntityStore entities) : ICallers
{
    private Known _known = new(-1);

    /// <summary>Null when the catalogue has no such user any more.</summary>
    public Caller? Of(Credential credential)
    {
        // A snapshot of the revision taken before the reads: what is cached is never newer than its key says.
        var revision = entities.Revision;
        var known = _known;
        if (known.Revision != revision)
        {
            _known = known = new Known(revision);
        }

        if (!known.Callers.TryGetValue(credential.User, out var caller))
        {
            caller = Make(credential.User);
            known.Callers[credential.User] = caller;
        }

        return caller is null ? null : caller with { Scopes = credential.Scopes };
    }

    public Caller? Of(EntityRef user, IReadOnlyList<string> scopes) => Of(new Credential("", user, scopes));

    private Caller? Make(EntityRef user)
    {
        if (entities.Find(user) is not { Metadata.DeletedAt: null } found)
        {
            return null;
        }

        var groups = GroupsOf(found);
        return new Caller
        {
            User = user,
            DisplayName = found.Metadata.Title ?? Roles.DisplayName(found),
            Groups = [.. groups.Select(group => group.Ref)],
            Role = Roles.Of(found, groups),
        };
    }

    /// <summary>Groups the user is in, then their parents; each once, also when parents form a ring.</summary>
    private List<Entity> GroupsOf(Entity user)
    {
        var groups = new List<Entity>();
        var seen = new HashSet<EntityRef>();
        var next = new Queue<EntityRef>(Targets(user, "memberOf"));
        while (next.TryDequeue(out var which))
        {
            if (!seen.Add(which) || entities.Find(which) is not { Metadata.DeletedAt: null } group)
            {
                continue;
            }

            groups.Add(group);
            foreach (var parent in Targets(group, "childOf"))
            {
                next.Enqueue(parent);
            }
        }

        return groups;
    }

    private static IEnumerable<EntityRef> Targets(Entity entity, string type) =>
        entity.Relations
            .Where(relation => relation.Type == type && relation.TargetRef.Kind.Equals(Kinds.Group, StringComparison.OrdinalIgnoreCase))
            .Select(relation => relation.TargetRef);

    private sealed record Known(long Revision)
    {
        public ConcurrentDictionary<EntityRef, Caller?> Callers { get; } = new();
    }
}
