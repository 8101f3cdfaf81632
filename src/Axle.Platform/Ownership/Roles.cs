using System.Text.Json;
using Axle.Contracts;

namespace Axle.Platform.Ownership;

/// <summary>
/// Who has which role. It stands in the annotation <see cref="Annotation"/> of a user or group; entities of both kinds
/// are written by administrators only, so nobody promotes themselves.
/// </summary>
public static class Roles
{
    /// <summary><c>viewer</c>, <c>member</c> or <c>admin</c>.</summary>
    public const string Annotation = "axle.dev/role";

    /// <summary>Kinds that decide who may do what.</summary>
    public static bool Decides(string kind) =>
        kind.Equals(Kinds.User, StringComparison.OrdinalIgnoreCase) || kind.Equals(Kinds.Group, StringComparison.OrdinalIgnoreCase);

    /// <summary>The role an entity names; null when it names none, or none that exists.</summary>
    public static Role? Named(Entity entity) =>
        entity.Metadata.Annotations.TryGetValue(Annotation, out var text) && !int.TryParse(text, out _) && Enum.TryParse<Role>(text, ignoreCase: true, out var role)
            ? role
            : null;

    /// <summary>A user's own annotation wins; else the highest of their groups'; else member.</summary>
    internal static Role Of(Entity user, IEnumerable<Entity> groups) =>
        Named(user) ?? groups.Select(Named).Max() ?? Role.Member;

    internal static string? DisplayName(Entity user) =>
        user.Spec.ValueKind == JsonValueKind.Object
        && user.Spec.TryGetProperty("profile", out var profile)
        && profile.ValueKind == JsonValueKind.Object
        && profile.TryGetProperty("displayName", out var name)
        && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;
}
