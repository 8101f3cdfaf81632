using Axle.Contracts;

namespace Axle.Portal.Components;

/// <summary>Where people read about an entity.</summary>
internal static class Links
{
    /// <summary>The entity's page; null when it has none of its own.</summary>
    public static string? To(EntityRef which) => which.Kind.ToLowerInvariant() switch
    {
        "component" => $"/components/{which.Name}",
        "group" => $"/groups/{which.Name}",
        "resourceclaim" or "resource" => $"/resources/{which.Name}",
        "environment" => "/environments",
        "template" => $"/templates/{which.Name}",
        _ => null,
    };

    /// <summary>A secret's page.</summary>
    /// <param name="scope">The path of its scope.</param>
    public static string ToSecret(string scope, string name) => $"/secrets/{scope}/{name}";
}
