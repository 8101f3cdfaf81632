using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog.Index;
using Axle.Platform.Catalog.Locations;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog.Backstage;

/// <summary>An entity and, step by step, the Locations it came from.</summary>
internal static class EntityAncestry
{
    public static IResult Get(string kind, string @namespace, string name, IEntityStore store)
    {
        var which = new EntityRef(kind, @namespace, name);
        if (!CatalogView.Shows(which.Kind) || store.Find(which) is not { } entity)
        {
            return new CatalogEntityUnknown($"No such entity {which}").ToHttp();
        }

        var (items, seen) = (new List<Item>(), new HashSet<EntityRef>());
        for (var at = entity; at is not null && seen.Add(at.Ref);)
        {
            var parent = Managed.LocationOf(at) is { } location ? store.Find(location) : null;
            items.Add(new Item(EntityDocument.Raw(at), parent is null ? [] : [parent.Ref.ToString()]));
            at = parent;
        }

        return TypedResults.Json(new Answer(which.ToString(), items), JsonSerializerOptions.Web);
    }

    private sealed record Answer(string RootEntityRef, IReadOnlyList<Item> Items);

    private sealed record Item(JsonElement Entity, IReadOnlyList<string> ParentEntityRefs);
}
