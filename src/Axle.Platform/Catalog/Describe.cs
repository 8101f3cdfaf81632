using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;
using Axle.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Axle.Platform.Catalog;

/// <summary>Says in one sentence why a thing is as it is, following the causes to the entity that must change first.</summary>
internal sealed class Describe(IEntityStore entities)
{
    private const int CausesMax = 16;
    private const int HistoryShown = 20;
    private const int PartsShown = 3;

    // Where one condition says the thing as a whole, it counts before those about its aspects.
    private static readonly string[] s_first = ["Ready", "Healthy", "Succeeded"];

    public static async Task<IResult> Endpoint(string kind, string @namespace, string name, Describe self, CancellationToken stop) =>
        (await self.RunAsync(new EntityRef(kind, @namespace, name), stop)).ToHttp(TypedResults.Ok);

    public async Task<Result<Description>> RunAsync(EntityRef which, CancellationToken stop)
    {
        if (entities.Find(which) is not { } entity)
        {
            return new EntityNotFound(which);
        }

        var history = await entities.HistoryAsync(which, HistoryShown, stop);
        var found = Explain(entity);
        return new Description(entity, found.Summary, found.RootCause, found.Next, history) { AlsoDescribedIn = Locations.NameConflicts.Of(entity.Ref, entities) };
    }

    public (string Summary, EntityRef? RootCause, string? Next) Explain(Entity entity)
    {
        if (entity.Metadata.DeletedAt is { } deleted)
        {
            return ($"{entity.Ref.Short} is being deleted since {deleted:yyyy-MM-dd HH:mm} UTC.", null, null);
        }

        if (Unmet(entity) is not { } reason)
        {
            return (Fine(entity), null, null);
        }

        // Down the causes, until one has none. A ring of causes ends where it was entered.
        var chain = new List<EntityRef> { entity.Ref };
        while (reason.RootCause is { } cause && !chain.Contains(cause) && chain.Count <= CausesMax)
        {
            chain.Add(cause);
            if (entities.Find(cause) is not { } causing)
            {
                return ($"{entity.Ref.Short} is not ready: {Sentence(reason.Message)}", cause, reason.Next ?? $"axle describe {cause.Short}");
            }

            if (Unmet(causing) is not { } deeper)
            {
                break;
            }

            reason = deeper;
        }

        return chain.Count == 1
            ? ($"{entity.Ref.Short} is not ready: {Sentence(reason.Message)}", null, reason.Next)
            : ($"{entity.Ref.Short} is not ready because of {chain[^1].Short}: {Sentence(reason.Message)}", chain[^1], reason.Next ?? $"axle describe {chain[^1].Short}");
    }

    /// <summary>The entity's own unmet condition; for one without conditions, that of a part of it, or of its newest build, which is then the cause.</summary>
    private Condition? Unmet(Entity entity) =>
        Own(entity) ?? Parts(entity)
            .Select(part => Own(part) is { } unmet ? unmet with { RootCause = part.Ref } : null)
            .OfType<Condition>()
            .OrderBy(condition => condition.Status == "Unknown")
            .FirstOrDefault();

    private static Condition? Own(Entity entity) =>
        Conditions(entity)
            .Where(condition => condition.Status != "True")
            .OrderBy(condition => condition.Status == "Unknown")
            .ThenBy(condition => Array.IndexOf(s_first, condition.Type) is >= 0 and var place ? place : s_first.Length)
            .FirstOrDefault();

    private IEnumerable<Entity> Parts(Entity entity) =>
        Related(entity, "hasBuild").OrderByDescending(build => build.Metadata.CreatedAt).Take(1).Concat(Related(entity, "hasPart"));

    private string Fine(Entity entity)
    {
        if (ReadyOf(entity) is { } ready)
        {
            return $"{entity.Ref.Short} is ready: {Sentence(ready.Message)}";
        }

        if (entity.Status.ValueKind == JsonValueKind.Object && entity.Status.TryGetProperty("phase", out var phase) && phase.ValueKind == JsonValueKind.String)
        {
            return $"{entity.Ref.Short} is {phase.GetString()}.";
        }

        // One without a state of its own is what its parts are.
        var parts = Related(entity, "hasPart").Select(ReadyOf).OfType<Condition>().Select(condition => Sentence(condition.Message)).Order(StringComparer.Ordinal).ToList();
        return parts.Count == 0
            ? $"{entity.Ref.Short} is in the catalogue; nothing stands against it."
            : $"{entity.Ref.Short} is ready: {string.Join(" ", parts.Take(PartsShown))}{(parts.Count > PartsShown ? $" And {parts.Count - PartsShown} more parts." : "")}";
    }

    private static Condition? ReadyOf(Entity entity) => Conditions(entity).FirstOrDefault(condition => s_first.Contains(condition.Type));

    private IEnumerable<Entity> Related(Entity entity, string relation) =>
        entity.Relations.Where(one => one.Type == relation).Select(one => entities.Find(one.TargetRef)).OfType<Entity>();

    private static List<Condition> Conditions(Entity entity)
    {
        if (entity.Status.ValueKind != JsonValueKind.Object
            || !entity.Status.TryGetProperty("conditions", out var conditions)
            || conditions.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        try
        {
            return conditions.Deserialize<List<Condition>>(EntityJson.Options) ?? [];
        }
        catch (JsonException)
        {
            // A status of an unknown capability; nothing of it can be told.
            return [];
        }
    }

    private static string Sentence(string message) => message.TrimEnd('.', ' ') + ".";
}
