using System.Globalization;
using Axle.Contracts;

namespace Axle.Portal.Components;

/// <summary>Numbers, moments and names as people read them; the same forms as the CLI's.</summary>
internal static class Words
{
    public static string Bytes(long? bytes) => bytes switch
    {
        null => "–",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} KiB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.0} GiB"),
    };

    public static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    public static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>Who did it: a person by name, the platform as Axle.</summary>
    public static string Person(string? actor) =>
        actor is null ? "nobody"
        : actor.StartsWith("system:", StringComparison.Ordinal) ? "Axle"
        : EntityRef.TryParse(actor, Kinds.User, EntityRef.DefaultNamespace, out var which) ? which.Name
        : actor;
}
