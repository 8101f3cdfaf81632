using Axle.Contracts;
using Axle.Entities;

namespace Axle.Portal.Components;

/// <summary>Who uses a resource: components, and other resources that stand on it.</summary>
internal static class ResourceUsers
{
    public static IReadOnlyList<string> Of(IEntityStore entities, ResourceView view) =>
    [
        .. view.Consumers,

        // A server's users are its databases; the catalogue knows them by relation.
        .. entities.Find(new EntityRef(Kinds.Resource, view.Ref.Namespace, view.Ref.Name))?.Related("dependencyOf")
            .Where(user => user.Kind.Equals(Kinds.Resource, StringComparison.OrdinalIgnoreCase))
            .Select(user => user.Short) ?? [],
    ];
}
