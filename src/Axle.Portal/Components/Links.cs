using Axle.Contracts;

namespace Axle.Portal.Components;

/// <summary>Where people read about an entity.</summary>
internal static class Links
{
    private static readonly HashSet<string> s_catalogue = ["component", "api", "system", "domain", "resource", "group", "user", "location", "template", "airesource"];

    /// <summary>The entity's page; null when it has none of its own.</summary>
    public static string? To(EntityRef which) => (which.Kind, which.Namespace) switch
    {
        ("component", EntityRef.DefaultNamespace) => $"/components/{Uri.EscapeDataString(which.Name)}",
        ("group", EntityRef.DefaultNamespace) => $"/groups/{Uri.EscapeDataString(which.Name)}",
        ("resourceclaim", _) or ("resource", EntityRef.DefaultNamespace) => $"/resources/{Uri.EscapeDataString(which.Name)}",
        ("environment", _) => "/environments",
        ("template", EntityRef.DefaultNamespace) => $"/templates/{Uri.EscapeDataString(which.Name)}",
        ("template", _) => $"/templates/{Uri.EscapeDataString(which.Namespace)}/{Uri.EscapeDataString(which.Name)}",
        var (kind, _) => s_catalogue.Contains(kind) ? ToEntry(which) : null,
    };

    /// <summary>The entity's entry in the catalogue; every entity of Backstage's kinds has one.</summary>
    /// <param name="tab">One of its tabs; null is the first.</param>
    public static string ToEntry(EntityRef which, string? tab = null) =>
        $"/catalog/{Uri.EscapeDataString(which.Namespace)}/{Uri.EscapeDataString(which.Kind)}/{Uri.EscapeDataString(which.Name)}{(tab is null ? "" : "/" + tab)}";

    /// <summary>A secret's page.</summary>
    /// <param name="scope">The path of its scope.</param>
    public static string ToSecret(string scope, string name) => $"/secrets/{scope}/{name}";
}
