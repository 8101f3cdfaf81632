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
    public static string Title(this Entity entity) => entity.Metadata.Title is { Length: > 0 } title ? title : entity.Metadata.Name;

    /// <summary>Other ends of relations of a type, by name.</summary>
    public static IReadOnlyList<EntityRef> Related(this Entity entity, string type) =>
        [.. entity.Relations.Where(r => r.Type == type).Select(r => r.TargetRef).OrderBy(r => r.Name, StringComparer.Ordinal)];

    /// <summary>The address when it leads to a web page; null for everything that could run in the reader's name.</summary>
    public static string? WebAddress(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps) ? address.AbsoluteUri : null;
}
