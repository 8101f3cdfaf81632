using System.Text.Json.Nodes;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Ownership;
using Axle.Portal.Components;

namespace Axle.Portal.Forms;

/// <summary>What the fields of Backstage offer that choose from the catalogue. Answers are whole refs, as there.</summary>
public sealed class Pickers(IEntityStore entities, Caller caller)
{
    private const int OffersMax = 1000;

    /// <summary>Entities that fit <c>catalogFilter</c>: of any of its members, all of whose paths fit.</summary>
    public IReadOnlyList<Choice> Entities(JsonObject schema, bool ownedOnly) =>
        [.. Found(schema, null, ownedOnly).Where(one => !ownedOnly || caller.Owns(one)).Select(Offer)];

    /// <summary>The choice is a group of the caller's.</summary>
    public bool IsOwn(Choice choice) => EntityRef.TryParse(choice.Text, null, out var which) && caller.Groups.Contains(which);

    /// <summary>The groups that the caller is a member of, those above them, the caller, then everybody else's.</summary>
    public IReadOnlyList<Choice> Owners(JsonObject schema)
    {
        var kinds = schema.Option("allowedKinds").Texts();
        var all = Found(schema, kinds.Count > 0 ? kinds : [Kinds.Group, Kinds.User]);
        var direct = entities.Find(caller.User)?.Relations.Where(r => r.Type == "memberOf").Select(r => r.TargetRef).ToHashSet() ?? [];
        return
        [
            .. all.Where(one => caller.Groups.Contains(one.Ref)).OrderBy(one => !direct.Contains(one.Ref)).Select(Offer),
            .. all.Where(one => one.Ref == caller.User).Select(one => Offer(one) with { Label = $"{one.Title()} (only you)" }),
            .. all.Where(one => one.Ref != caller.User && !caller.Groups.Contains(one.Ref)).Select(Offer),
        ];
    }

    public IReadOnlyList<Choice> MyGroups() => [.. caller.Groups.Order().Select(entities.Find).OfType<Entity>().Select(Offer)];

    /// <summary>Tags that are in use; with how often, where the template wants that, the most used first.</summary>
    public IReadOnlyList<Choice> Tags(JsonObject schema)
    {
        var counted = schema.Option("showCounts").Is();
        return
        [
            .. Query(schema.Option("kinds").Texts(), []).SelectMany(one => one.Metadata.Tags)
                .GroupBy(tag => tag, StringComparer.Ordinal)
                .OrderByDescending(tag => counted ? tag.Count() : 0).ThenBy(tag => tag.Key, StringComparer.Ordinal)
                .Select(tag => new Choice(tag.Key, counted ? $"{tag.Key} ({tag.Count()})" : tag.Key, JsonValue.Create(tag.Key))),
        ];
    }

    /// <param name="narrowed">The allowed kinds count beside a filter, and not only in place of one.</param>
    private List<Entity> Found(JsonObject schema, IReadOnlyList<string>? kinds, bool narrowed = false)
    {
        var filters = schema.Option("catalogFilter") switch
        {
            JsonObject one => [one],
            JsonArray several => several.OfType<JsonObject>(),
            _ => [],
        };
        var allowed = schema.Option("allowedKinds").Texts();
        var found = filters.Any()
            ? filters.SelectMany(filter => Query(narrowed && allowed.Count > 0 ? allowed : filter["kind"].Texts() is { Count: > 0 } some ? some : kinds ?? [], filter.Where(one => one.Key != "kind")))
            : Query(kinds ?? allowed, []);
        return [.. found.DistinctBy(one => one.Ref).OrderBy(one => one.Title(), StringComparer.OrdinalIgnoreCase).ThenBy(one => one.Ref)];
    }

    private IReadOnlyList<Entity> Query(IReadOnlyList<string> kinds, IEnumerable<KeyValuePair<string, JsonNode?>> paths) =>
        entities.Query(new EntityQuery
        {
            Kinds = kinds.Count > 0 ? kinds : s_catalogue,
            Where = [.. paths.SelectMany(path => Wanted(path.Value).Select(text => KeyValuePair.Create(path.Key, text)))],
            Limit = OffersMax,
        }).Items;

    /// <summary>The values that a filter takes; null is any.</summary>
    private static IEnumerable<string?> Wanted(JsonNode? value) => value switch
    {
        JsonArray several => several.Select(string? (one) => one.Shown()),
        JsonObject one when one["exists"].Is() => new string?[] { null },
        _ => new string?[] { value.Shown() },
    };

    private static readonly string[] s_catalogue = [Kinds.Component, "API", "System", "Domain", Kinds.Resource, Kinds.Group, Kinds.User, Kinds.Template, Kinds.Location, "AiResource"];

    private static Choice Offer(Entity one) => new(
        one.Ref.ToString(),
        string.Equals(one.Title(), one.Metadata.Name, StringComparison.OrdinalIgnoreCase) ? one.Title() : $"{one.Title()} ({one.Metadata.Name})",
        JsonValue.Create(one.Ref.ToString()));
}
