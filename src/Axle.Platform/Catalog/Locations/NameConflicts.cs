using System.Text.Json;
using Axle.Contracts;
using Axle.Entities;

namespace Axle.Platform.Catalog.Locations;

/// <summary>Who else describes a name that one entity has, as the locations wrote it down at their last reading.</summary>
internal static class NameConflicts
{
    private const int FilesMax = 20;

    /// <summary>How the problem of one that came second begins.</summary>
    public static string Begin(EntityRef which) => $"the name {which.Short} is held by ";

    /// <summary>The files that came second.</summary>
    public static IReadOnlyList<string> Of(EntityRef which, IEntityStore entities)
    {
        var begin = Begin(which);
        return
        [
            .. entities.Query(new EntityQuery { Kinds = [Kinds.Location], All = true }).Items
                .SelectMany(location => Problems(location.Status))
                .Where(problem => Text(problem, "message")?.StartsWith(begin, StringComparison.Ordinal) == true)
                .Select(problem => Text(problem, "file"))
                .OfType<string>()
                .Distinct()
                .Take(FilesMax),
        ];
    }

    private static JsonElement[] Problems(JsonElement status) =>
        status.ValueKind == JsonValueKind.Object && status.TryGetProperty("problems", out var problems) && problems.ValueKind == JsonValueKind.Array ? [.. problems.EnumerateArray()] : [];

    private static string? Text(JsonElement problem, string name) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
