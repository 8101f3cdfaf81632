using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets;
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
        new("Resources", "page", "/resources", null),
        new("Secrets", "page", "/secrets", null),
        new("Teams", "page", "/groups", null),
        new("Activity", "page", "/activity", null),
        new("axle create node-service NAME --owner GROUP", "copy", null, "axle create node-service NAME --owner GROUP"),
        new("axle import URL --name NAME --owner GROUP", "copy", null, "axle import URL --name NAME --owner GROUP"),
        new("axle db create NAME --owner GROUP", "copy", null, "axle db create NAME --owner GROUP"),
        new("axle secret set NAME -c COMPONENT", "copy", null, "axle secret set NAME -c COMPONENT"),
    ];

    public static void MapCommands(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/portal/commands", (string? q, IEntityStore entities) => TypedResults.Ok(Find(q ?? "", entities))).Requires(Verb.Read).ExcludeFromDescription();

    internal sealed record Hit(string Title, string Hint, string? Href, string? Copy);

    private static IEnumerable<Hit> Find(string words, IEntityStore entities)
    {
        var components = Named(Kinds.Component, "component", "/components/", words, entities);

        // Without a word, pages and components come first; what else there is, is for who looks for them.
        IEnumerable<Hit> others = words.Length == 0 ? [] :
        [
            .. Named(Kinds.Group, "team", "/groups/", words, entities),
            .. Named(Kinds.ResourceClaim, "resource", "/resources/", words, entities),
            .. Secrets(words, entities),
            .. Named(Kinds.Template, "create", "/templates/", words, entities),
        ];
        var pages = s_pages.Where(p => words.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(w => p.Title.Contains(w, StringComparison.OrdinalIgnoreCase)));
        return components.Take(ComponentsMax).Concat(pages).Concat(others).Take(HitsMax);
    }

    /// <summary>Of the platform's own credentials people have nothing; those are read about on the page of what they open.</summary>
    private static IEnumerable<Hit> Secrets(string words, IEntityStore entities) =>
        entities.All(SecretKind.Instance)
            .Where(secret => SecretAddress.Of(secret.Spec.Scope) is not null && words.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => secret.Spec.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Take(ComponentsMax)
            .Select(secret => new Hit(secret.Spec.Name, secret.Spec.Environment is { } environment ? $"secret of {secret.Spec.Of?.Name} in {environment}" : $"secret of {(secret.Spec.Of ?? secret.Spec.Owner)?.Name ?? "the organisation"}", Links.ToSecret(secret.Spec.Scope, secret.Spec.Name), null));

    private static IEnumerable<Hit> Named(string kind, string hint, string path, string words, IEntityStore entities) =>
        entities.Query(new EntityQuery { Kinds = [kind], Text = words, Limit = ComponentsMax }).Items
            .Select(e => new Hit(e.Title(), hint, path + e.Metadata.Name, null));
}
