using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Catalog;
using Axle.Platform.Http;
using Axle.Platform.Ownership;
using Axle.Platform.Secrets;
using Axle.Portal.Components;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Axle.Portal.Actions;

/// <summary>What the palette offers: pages, everything that is in the catalogue, and commands to copy.</summary>
internal static class Commands
{
    private const int HitsMax = 16;
    private const int EntitiesMax = 12;
    private const int StarredMax = 6;
    private const int SecretsMax = 4;
    private const int WordsMax = 200;

    private static readonly Hit[] s_pages =
    [
        new("Catalogue", "page", "/", null),
        new("My team's things", "page", "/?view=mine", null),
        new("Starred", "page", "/?view=starred", null),
        new("Create a component", "page", "/templates", null),
        new("Tasks", "page", "/tasks", null),
        new("Behind their template", "page", "/drift", null),
        new("Environments", "page", "/environments", null),
        new("Resources", "page", "/resources", null),
        new("Secrets", "page", "/secrets", null),
        new("Teams", "page", "/groups", null),
        new("Activity", "page", "/activity", null),
    ];

    private static readonly Hit[] s_commands =
    [
        new("axle create node-service NAME --owner GROUP", "copy", null, "axle create node-service NAME --owner GROUP"),
        new("axle import URL --name NAME --owner GROUP", "copy", null, "axle import URL --name NAME --owner GROUP"),
        new("axle db create NAME --owner GROUP", "copy", null, "axle db create NAME --owner GROUP"),
        new("axle secret set NAME -c COMPONENT", "copy", null, "axle secret set NAME -c COMPONENT"),
        new("axle search WORDS", "copy", null, "axle search WORDS"),
    ];

    public static void MapCommands(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/portal/commands", async (string? q, IEntityStore entities, ISearch search, ICatalogDesk desk, Caller caller, CancellationToken stop) =>
            TypedResults.Ok(q is { Length: > 0 and <= WordsMax } ? await FindAsync(q, entities, search, stop) : First(entities, desk, caller)))
            .Requires(Verb.Read).ExcludeFromDescription();

    internal sealed record Hit(string Title, string Hint, string? Href, string? Copy)
    {
        /// <summary>Places in the title that fit what was typed: start, length.</summary>
        public IReadOnlyList<int[]> Marks { get; init; } = [];
    }

    /// <summary>Before a word is typed: what one starred, and the pages. What was viewed lately the browser knows, and puts before it.</summary>
    private static Hit[] First(IEntityStore entities, ICatalogDesk desk, Caller caller) =>
    [
        .. desk.Starred(caller).Reverse().Select(entities.Find).OfType<Entity>().Take(StarredMax)
            .Select(entity => new Hit(entity.Title(), $"starred {Spec.KindWord(entity.Kind)}", Links.To(entity.Ref) ?? Links.ToEntry(entity.Ref), null)),
        .. s_pages,
        .. s_commands,
    ];

    private static async Task<IEnumerable<Hit>> FindAsync(string typed, IEntityStore entities, ISearch search, CancellationToken stop)
    {
        var words = typed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var found = (await search.FindAsync(typed, [], EntitiesMax, stop)).Items.Where(hit => Links.To(hit.Ref) is not null).ToList();
        var named = found.TakeWhile(hit => hit.Match == "name").ToList();

        // A page is meant by who types its beginning, unless something has just that name.
        var pages = s_pages.Where(page => words.All(word => page.Title.Contains(word, StringComparison.OrdinalIgnoreCase))).ToList();
        var begun = pages.Where(page => page.Title.StartsWith(typed.Trim(), StringComparison.OrdinalIgnoreCase)).ToList();
        return
        [
            .. new[]
            {
                named.Select(Shown),
                begun,
                found.Skip(named.Count).Where(hit => hit.Match != "similar").Select(Shown),
                pages.Except(begun),
                Claims(typed, entities, found),
                Secrets(words, entities),
                s_commands.Where(command => words.All(word => command.Title.Contains(word, StringComparison.OrdinalIgnoreCase))),
                found.Where(hit => hit.Match == "similar").Select(Shown),
            }.SelectMany(hits => hits).Take(HitsMax),
        ];
    }

    private static Hit Shown(SearchHit hit)
    {
        var kind = hit.Ref.Kind == "template" ? "create from template" : Spec.KindWord(hit.Kind).ToLowerInvariant();
        var by = hit.Highlights.Count > 0 ? hit.Highlights[0] : null;
        var hint = by is { Field: "tags" or "description" } ? $"{kind} · {by.Field.TrimEnd('s')} {Short(by.Text)}" : hit.Owner is { } owner ? $"{kind} · {owner.Name}" : kind;
        return new Hit(hit.Title, hint, Links.To(hit.Ref), null)
        {
            Marks = hit.Highlights.FirstOrDefault(one => one.Text == hit.Title) is { } title ? [.. title.Marks.Select(mark => new[] { mark.Start, mark.Length })] : [],
        };
    }

    private static string Short(string text) => text.Length > 40 ? text[..40].TrimEnd() + "…" : text;

    /// <summary>A claim has no entry of its own until it is provisioned.</summary>
    private static IEnumerable<Hit> Claims(string typed, IEntityStore entities, List<SearchHit> found) =>
        entities.Query(new EntityQuery { Kinds = [Kinds.ResourceClaim], Text = typed, Limit = SecretsMax }).Items
            .Where(claim => found.TrueForAll(hit => hit.Ref.Kind != "resource" || hit.Ref.Name != claim.Ref.Name))
            .Select(claim => new Hit(claim.Title(), "resource", Links.To(claim.Ref), null));

    /// <summary>Of the platform's own credentials people have nothing; those are read about on the page of what they open.</summary>
    private static IEnumerable<Hit> Secrets(string[] words, IEntityStore entities) =>
        entities.All(SecretKind.Instance)
            .Where(secret => SecretAddress.Of(secret.Spec.Scope) is not null && words.All(word => secret.Spec.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Take(SecretsMax)
            .Select(secret => new Hit(secret.Spec.Name, secret.Spec.Environment is { } environment ? $"secret of {secret.Spec.Of?.Name} in {environment}" : $"secret of {(secret.Spec.Of ?? secret.Spec.Owner)?.Name ?? "the organisation"}", Links.ToSecret(secret.Spec.Scope, secret.Spec.Name), null));
}
