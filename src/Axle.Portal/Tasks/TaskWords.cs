using System.Text.Json;
using Axle.Contracts;
using Axle.Portal.Components;

namespace Axle.Portal.Tasks;

/// <summary>Tasks, their steps and what they gave, as people read them. Templates are other people's: their addresses are not trusted.</summary>
internal static class TaskWords
{
    public static Health State(string phase) => phase switch
    {
        "open" => new("Queued", "idle"),
        "processing" => new("Running", "deploying"),
        "waiting" => new("Waiting", "degraded"),
        "completed" => new("Completed", "healthy"),
        "failed" => new("Failed", "failing"),
        "cancelled" => new("Cancelled", "idle"),
        "skipped" => new("Left out", "idle"),
        _ => new(phase, "idle"),
    };

    /// <summary>A step's state; nothing is queued or waits any more in a task that is over.</summary>
    public static Health State(string step, string task) => IsOver(task) && step is ("open" or "waiting" or "processing") ? new("Not run", "idle") : State(step);

    public static bool IsOver(string phase) => phase is "completed" or "failed" or "cancelled";

    public static string? Took(DateTimeOffset? from, DateTimeOffset? to) => (from, to) is ({ } start, { } end) && end >= start
        ? (end - start) switch
        {
            { TotalSeconds: < 10 } time => FormattableString.Invariant($"{time.TotalSeconds:0.0} s"),
            { TotalMinutes: < 1 } time => $"{(int)time.TotalSeconds} s",
            { TotalHours: < 1 } time => $"{(int)time.TotalMinutes} min {time.Seconds} s",
            { TotalDays: < 1 } time => $"{(int)time.TotalHours} h {time.Minutes} min",
            var time => $"{(int)time.TotalDays} d {time.Hours} h",
        }
        : null;

    /// <summary>Links that the template gives: a page of an entity, or a web address; what would run in the reader's name is text.</summary>
    public static IReadOnlyList<(string Title, string? Href)> LinksOf(JsonElement? output) =>
        [.. Members(output, "links").Select(link => (Title: Text(link, "title") ?? Text(link, "entityRef") ?? Text(link, "url") ?? "Link", Href: Entity(Text(link, "entityRef")) ?? Spec.WebAddress(Text(link, "url"))))];

    public static IReadOnlyList<(string? Title, string Content)> TextsOf(JsonElement? output) =>
        [.. Members(output, "text").Where(text => Text(text, "content") is not null).Select(text => (Text(text, "title"), Text(text, "content")!))];

    /// <summary>Other values that the template gives by name.</summary>
    public static IReadOnlyList<(string Name, string Value)> ValuesOf(JsonElement? output) => output is { ValueKind: JsonValueKind.Object } record
        ? [.. record.EnumerateObject().Where(one => one.Name is not ("links" or "text")).Select(one => (one.Name, one.Value.ValueKind == JsonValueKind.String ? one.Value.GetString()! : one.Value.GetRawText()))]
        : [];

    /// <summary>Entities that its steps registered.</summary>
    public static IReadOnlyList<EntityRef> MadeBy(TaskView task) =>
    [
        .. task.Steps.Select(step => step.Output is { } output ? Text(output, "entityRef") : null)
            .Select(text => EntityRef.TryParse(text, null, out var which) ? which : (EntityRef?)null)
            .OfType<EntityRef>().Distinct(),
    ];

    private static string? Entity(string? text) => EntityRef.TryParse(text, null, out var which) ? Links.To(which) ?? Links.ToEntry(which) : null;

    private static IEnumerable<JsonElement> Members(JsonElement? output, string name) =>
        output is { ValueKind: JsonValueKind.Object } record && record.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object) : [];

    private static string? Text(JsonElement record, string name) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
