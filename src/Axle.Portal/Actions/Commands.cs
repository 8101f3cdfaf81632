using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Portal.Components;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>What the palette offers: pages, components, and commands to copy.</summary>
internal static class Commands
{
    private const int HitsMax = 14;
    private const int ComponentsMax = 8;

    private static readonly Hit[] s_pages =
    [
        new("Catalogue", "page", "/", null),
        new("Create a component", "page", "/templates", null),
        new("Environments", "page", "/environments", null),
        new("Teams", "page", "/groups", null),
        new("Activity", "page", "/activity", null),
        new("axle create node-service NAME --owner GROUP", "copy", null, "axle create node-service NAME --owner GROUP"),
        new("axle import URL --name NAME --owner GROUP", "copy", null, "axle import URL --name NAME --owner GROUP"),
    ];

    public static void MapCommands(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/portal/commands", (string? q, IEntityStore entities) => TypedResults.Ok(Find(q ?? "", entities))).Requires(Verb.Read).ExcludeFromDescription();

    internal sealed record Hit(string Title, string Hint, string? Href, string? Copy);

    private static IEnumerable<Hit> Find(string words, IEntityStore entities)
    {
        var components = Named(Kinds.Component, "component", "/components/", words, entities);

        // Without a word, pages and components come first; teams and templates are for who looks for them.
        var others = words.Length == 0 ? [] : Named(Kinds.Group, "team", "/groups/", words, entities).Concat(Named(Kinds.Template, "create", "/templates/", words, entities));
        var pages = s_pages.Where(p => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(w => p.Title.Contains(w, StringComparison.OrdinalIgnoreCase)));
        return components.Take(ComponentsMax).Concat(pages).Concat(others).Take(HitsMax);
    }

    private static IEnumerable<Hit> Named(string kind, string hint, string path, string words, IEntityStore entities) =>
        entities.Query(new EntityQuery { Kinds = [kind], Text = words, Limit = ComponentsMax }).Items
            .Select(e => new Hit(e.Title(), hint, path + e.Metadata.Name, null));
}
