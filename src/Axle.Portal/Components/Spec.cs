using System.Text.Json;
using Axle.Contracts;

namespace Axle.Portal.Components;

/// <summary>Reads what entities of other people's making carry, without trusting its form.</summary>
internal static class Spec
{
    /// <summary>A text of the spec, or null when there is none.</summary>
    public static string? Text(this Entity entity, string name) =>
        entity.Spec.ValueKind == JsonValueKind.Object && entity.Spec.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>What people call it.</summary>
    public static string Title(this Entity entity) =>
        entity.Metadata.Title is { Length: > 0 } title ? title
        : entity.Spec.ValueKind == JsonValueKind.Object && entity.Spec.TryGetProperty("profile", out var profile) && profile.ValueKind == JsonValueKind.Object
            && profile.TryGetProperty("displayName", out var name) && name.ValueKind == JsonValueKind.String && name.GetString() is { Length: > 0 } display ? display
        : entity.Kind == Kinds.Location && entity.Metadata.Name.StartsWith("generated-", StringComparison.Ordinal) && entity.Text("target") is { Length: > 0 } target ? target
        : entity.Metadata.Name;

    /// <summary>Other ends of relations of a type, by name.</summary>
    public static IReadOnlyList<EntityRef> Related(this Entity entity, string type) =>
        [.. entity.Relations.Where(r => r.Type == type).Select(r => r.TargetRef).OrderBy(r => r.Name, StringComparer.Ordinal)];

    /// <summary>The address when it leads to a web page; null for everything that could run in the reader's name.</summary>
    public static string? WebAddress(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) ? address.AbsoluteUri : null;

    /// <summary>Like <see cref="WebAddress"/>, and addresses to write to.</summary>
    public static string? LinkAddress(string? url) =>
        WebAddress(url) ?? (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeMailto ? address.AbsoluteUri : null);

    /// <summary>Axle provides it, and looks after it; what else there is was only written down.</summary>
    public static bool IsLive(this Entity entity) => Standings.IsLive(entity);

    /// <summary>The spelling that people know of a kind that a ref has in lower case.</summary>
    public static string KindWord(string kind) => kind.ToLowerInvariant() switch
    {
        "api" => "API",
        "airesource" => "AI resource",
        "group" => "Team",
        { Length: > 0 } other => char.ToUpperInvariant(other[0]) + other[1..],
        _ => kind,
    };

    /// <summary>More than one of a kind.</summary>
    public static string KindsWord(string kind) => kind.ToLowerInvariant() switch
    {
        "api" => "APIs",
        _ => KindWord(kind) + "s",
    };
}
