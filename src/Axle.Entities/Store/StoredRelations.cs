using System.Text.Json;
using Axle.Contracts;
using Axle.Entities.Index;
using Microsoft.Extensions.Logging;

namespace Axle.Entities.Store;

/// <summary>
/// Edges come from the code that knows the kinds today. They are stored with each entity, and made anew when another version of
/// that code opens the database; a spec from another time that its kind no longer reads keeps those written then.
/// </summary>
internal static class StoredRelations
{
    public static void Renew(SqliteDatabase database, EntityKinds kinds, Words words, ILogger log)
    {
        if (database.RelationsMadeBy() == kinds.Version)
        {
            return;
        }

        var other = database.Load().AsParallel().Select(json => Renewed(json, kinds, words, log)).OfType<Entity>();
        database.RenewRelations([.. other.Select(entity => (entity.Ref.ToString(), JsonSerializer.SerializeToUtf8Bytes(entity, AxleJson.Default.Entity)))], kinds.Version);
    }

    /// <summary>Null when nothing changes.</summary>
    private static Entity? Renewed(byte[] json, EntityKinds kinds, Words words, ILogger log)
    {
        var entity = JsonSerializer.Deserialize(json, AxleJson.Default.Entity)!;
        if (kinds.Find(entity.Kind) is not { } kind)
        {
            return null;
        }

        try
        {
            var renewed = Node.Sorted(kind.Relations(entity).Select(words.Of));
            return entity.Relations.SequenceEqual(renewed) ? null : entity with { Relations = renewed };
        }
        catch (JsonException e)
        {
            log.LogWarning(e, "{Entity} has a spec that its kind no longer reads; its relations are those of its last change", entity.Ref);
            return null;
        }
    }
}
