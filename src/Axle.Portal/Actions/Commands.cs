using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>What the palette offers: pages, components, and commands to copy.</summary>
internal static class Commands
{
    private const int HitsMax = 12;

    private static readonly Hit[] s_pages =
    [
        new("Catalogue", "page", "/", null),
        new("Create a component", "page", "/templates", null),
        new("Environments", "page", "/environments", null),
        new("Activity", "page", "/activity", null),
        new("axle create node-service NAME --owner GROUP", "copy", null, "axle create node-service NAME --owner GROUP"),
        new("axle import URL --name NAME --owner GROUP", "copy", null, "axle import URL --name NAME --owner GROUP"),
    ];

    public static void MapCommands(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/portal/commands", (string? q, IEntityStore entities) => TypedResults.Ok(Find(q ?? "", entities))).Requires(Verb.Read).ExcludeFromDescription();

    internal sealed record Hit(string Title, string Hint, string? Href, string? Copy);

    private static IEnumerable<Hit> Find(string words, IEntityStore entities)
    {
        var components = entities.Query(new EntityQuery { Kinds = [Kinds.Component], Text = words, Limit = HitsMax }).Items
            .Select(c => new Hit(c.Metadata.Title ?? c.Metadata.Name, "component", $"/components/{c.Metadata.Name}", null));
        var pages = s_pages.Where(p => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(w => p.Title.Contains(w, StringComparison.OrdinalIgnoreCase)));
        return components.Concat(pages).Take(HitsMax);
    }
}
