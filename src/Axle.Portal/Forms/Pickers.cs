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
        [.. Found(schema, null).Where(one => !ownedOnly || caller.Owns(one)).Select(Offer)];

    /// <summary>The caller's groups, the caller, then everybody else's.</summary>
    public IReadOnlyList<Choice> Owners(JsonObject schema)
    {
        var kinds = schema.Option("allowedKinds").Texts();
        var all = Found(schema, kinds.Count > 0 ? kinds : [Kinds.Group, Kinds.User]);
        return
        [
            .. all.Where(one => caller.Groups.Contains(one.Ref)).Select(Offer),
            .. all.Where(one => one.Ref == caller.User).Select(one => Offer(one) with { Label = $"{one.Title()} (only you)" }),
            .. all.Where(one => one.Ref != caller.User && !caller.Groups.Contains(one.Ref)).Select(Offer),
        ];
    }

    public IReadOnlyList<Choice> MyGroups() => [.. caller.Groups.Order().Select(entities.Find).OfType<Entity>().Select(Offer)];

    /// <summary>Tags that are in use.</summary>
    public IReadOnlyList<Choice> Tags(JsonObject schema) =>
    [
        .. Query(schema.Option("kinds").Texts(), []).SelectMany(one => one.Metadata.Tags)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(tag => new Choice(tag, tag, JsonValue.Create(tag))),
    ];

    private List<Entity> Found(JsonObject schema, IReadOnlyList<string>? kinds)
    {
        var filters = schema.Option("catalogFilter") switch
        {
            JsonObject one => [one],
            JsonArray several => several.OfType<JsonObject>(),
            _ => [],
        };
        var allowed = schema.Option("allowedKinds").Texts();
        var found = filters.Any()
            ? filters.SelectMany(filter => Query(filter["kind"].Texts() is { Count: > 0 } some ? some : kinds ?? [], filter.Where(one => one.Key != "kind")))
            : Query(kinds ?? allowed, []);
        return [.. found.DistinctBy(one => one.Ref).OrderBy(one => one.Title(), StringComparer.OrdinalIgnoreCase).ThenBy(one => one.Ref)];
    }

    private IReadOnlyList<Entity> Query(IReadOnlyList<string> kinds, IEnumerable<KeyValuePair<string, JsonNode?>> paths) =>
        entities.Query(new EntityQuery
        {
            Kinds = kinds.Count > 0 ? kinds : s_catalogue,
            Where = [.. paths.SelectMany(path => path.Value is JsonObject ? [new(path.Key, null)] : path.Value.Texts().Select(text => new KeyValuePair<string, string?>(path.Key, text)))],
            Limit = OffersMax,
        }).Items;

    private static readonly string[] s_catalogue = [Kinds.Component, "API", "System", "Domain", Kinds.Resource, Kinds.Group, Kinds.User, Kinds.Template];

    private static Choice Offer(Entity one) => new(
        one.Ref.ToString(),
        one.Title() == one.Metadata.Name ? one.Metadata.Name : $"{one.Title()} ({one.Metadata.Name})",
        JsonValue.Create(one.Ref.ToString()));
}
