namespace Axle.Contracts;

/// <summary>Whether Axle provides an entity and looks after it, or it is only written down.</summary>
public static class Standings
{
    /// <summary>Axle provides and verifies it.</summary>
    public const string Live = "live";

    /// <summary>Somebody described it; nothing here shows that it is so.</summary>
    public const string Declared = "declared";

    /// <summary>One word: <see cref="Live"/> or <see cref="Declared"/>.</summary>
    public static string Of(Entity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return IsLive(entity) ? Live : Declared;
    }

    /// <summary>What the platform's own verbs made, and what is built or runs here.</summary>
    public static bool IsLive(Entity entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return entity.ApiVersion == Kinds.AxleApi
            || entity.Metadata.Annotations.ContainsKey(Annotations.Repository)
            || entity.Metadata.Annotations.ContainsKey(Annotations.ResourceClaim)
            || entity.Relations.Any(relation => relation.Type is "deployedBy" or "hasBuild");
    }
}
